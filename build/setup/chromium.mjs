// A Chromium for the browser tests: the system's, else Debian's package where we may install it; and Vulkan's loader, through which the tests of WebGPU reach
// the software graphics card that comes with it. Without them those tests skip and say so.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { runProgram, step, StepError } from './step.mjs'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Debian's Chromium without a window: a fifth less work for the same pages. It has no camera. */
const shell = '/usr/bin/chromium-headless-shell'
/** Of Debian's own package, beside which the shell can be had. */
const debians = '/usr/lib/chromium/chromium'

/** `browser`: with all that a browser has, also where there is one with less. @param {'shell' | 'browser'} [wanted] @returns {string | null} */
export function findChromium(wanted = 'shell') {
  if (process.env.PALM_CHROMIUM) return process.env.PALM_CHROMIUM
  if (wanted === 'shell' && existsSync(shell)) return shell
  return places.find((path) => existsSync(path)) ?? null
}

/** Vulkan's loader, as the linker knows it. */
function hasVulkan() {
  const { stdout } = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' })
  return /libvulkan\.so\.1\b/.test(stdout ?? '')
}

/** Debian's packages for what is missing. */
function missingPackages() {
  return [...(findChromium('browser') ? [] : ['chromium', 'fonts-dejavu-core']), ...(hasVulkan() ? [] : ['libvulkan1'])]
}

export async function provideChromium() {
  if (!existsSync('/usr/bin/apt-get')) return
  const packages = missingPackages()
  if (packages.length > 0) await install(packages, 'without it tests of the browser or of WebGPU are skipped')
  if (existsSync(debians) && !existsSync(shell)) await install([basename(shell)], 'without it they take longer')
}

/** @param {string[]} packages @param {string} otherwise */
async function install(packages, otherwise) {
  const todo = `Install it yourself (apt-get install ${packages.join(' ')}); ${otherwise}.`
  const root = process.getuid?.() === 0
  if (!root && spawnSync('sudo', ['-n', 'true']).status !== 0) {
    process.stderr.write(`  ${packages.join(' ')} for the tests needs root to be installed. ${todo}\n`)
    return
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (/** @type {string[]} */ args) =>
    root ? runProgram('apt-get', args, { env, todo }) : runProgram('sudo', ['-n', 'apt-get', ...args], { env, todo })
  try {
    await step(`${packages.join(' ')} for the tests (apt-get)`, async () => {
      await apt(['update', '-qq'])
      await apt(['install', '-y', '-qq', '--no-install-recommends', ...packages])
    })
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    process.stderr.write(`  ${error.message}. ${error.todo}\n`)
  }
}
