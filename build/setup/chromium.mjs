// A Chromium for the browser tests: the system's, else Debian's package where we may install it. Without one those tests skip and say so.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { runProgram, step, StepError } from './step.mjs'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** @returns {string | null} */
export function findChromium() {
  return process.env.PALM_CHROMIUM ?? places.find((path) => existsSync(path)) ?? null
}

export async function provideChromium() {
  if (findChromium() || !existsSync('/usr/bin/apt-get')) return
  const root = process.getuid?.() === 0
  if (!root && spawnSync('sudo', ['-n', 'true']).status !== 0) {
    process.stderr.write(
      '  There is no Chromium, and installing it needs root: browser tests will be skipped (apt-get install chromium).\n',
    )
    return
  }
  const apt = (/** @type {string[]} */ args) => {
    const todo = 'Install Chromium yourself (apt-get install chromium); without it the browser tests are skipped.'
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    return root
      ? runProgram('apt-get', args, { env, todo })
      : runProgram('sudo', ['-n', 'apt-get', ...args], { env, todo })
  }
  try {
    await step('Chromium for the browser tests (apt-get)', async () => {
      await apt(['update', '-qq'])
      await apt(['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'])
    })
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    process.stderr.write(`  ${error.message}. ${error.todo}\n`)
  }
}
