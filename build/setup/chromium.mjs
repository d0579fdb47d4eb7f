// Where the system's Chromium lies.
import { existsSync } from 'node:fs'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Debian's Chromium without a window: a fifth less work for the same pages. It has no camera. */
export const shell = '/usr/bin/chromium-headless-shell'
/** Of Debian's own package, beside which the shell can be had. */
export const debians = '/usr/lib/chromium/chromium'

/** `browser`: with all that a browser has, also where there is one with less. @param {'shell' | 'browser'} [wanted] @returns {string | null} */
export function findChromium(wanted = 'shell') {
  if (process.env.PALM_CHROMIUM) return process.env.PALM_CHROMIUM
  if (wanted === 'shell' && existsSync(shell)) return shell
  return places.find((path) => existsSync(path)) ?? null
}
