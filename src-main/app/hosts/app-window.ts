// A window of its own for the web host's page, without tabs and address bar, where a browser is installed that has such: Chromium, Chrome, Edge, Brave (`--app=`).
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, join, sep } from 'node:path'

const names = [
  'google-chrome',
  'google-chrome-stable',
  'chromium',
  'chromium-browser',
  'microsoft-edge',
  'brave-browser',
]

const macApps = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser']

const windowsPrograms = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe']

/** Where such a browser may lie on this system, the likeliest to be the user's own first. */
export function appBrowsers(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string[] {
  if (platform === 'darwin')
    return macApps.flatMap((name) =>
      ['/Applications', join(env['HOME'] ?? '', 'Applications')].map((folder) =>
        join(folder, `${name}.app`, 'Contents', 'MacOS', name),
      ),
    )
  if (platform === 'win32')
    return [env['LOCALAPPDATA'], env['PROGRAMFILES'], env['PROGRAMFILES(X86)']].flatMap((folder) =>
      folder ? windowsPrograms.map((program) => `${folder}\\${program}`) : [],
    )
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => names.map((name) => join(folder, name)))
}

/** One that is there. A snap cannot read the file that hands over (web host), so it does not count. */
export function findAppBrowser(
  platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  placeOf: (path: string) => string | null = realPlace,
): string | null {
  return (
    appBrowsers(platform, env).find((path) => {
      const place = placeOf(path)
      return place !== null && !place.split(sep).includes('snap')
    }) ?? null
  )
}

function realPlace(path: string): string | null {
  try {
    return existsSync(path) ? realpathSync(path) : null
  } catch {
    return null
  }
}

/** @returns false where there is no such browser, or it does not start */
export function openAppWindow(address: string): Promise<boolean> {
  const browser = findAppBrowser()
  if (browser === null) return Promise.resolve(false)
  return new Promise((resolve) => {
    const child = spawn(browser, [`--app=${address}`, '--new-window'], { stdio: 'ignore', detached: true })
    child.on('error', () => resolve(false))
    child.on('spawn', () => resolve(true))
    child.unref()
  })
}
