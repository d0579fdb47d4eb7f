// A Chromium for the browser tests: the system's, else Debian's package where we may install it; and Vulkan's loader, through which the tests of WebGPU reach
// the software graphics card that comes with it. Without them those tests skip and say so.
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

/** Vulkan's loader, as the linker knows it. */
function hasVulkan() {
  const { stdout } = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' })
  return /libvulkan\.so\.1\b/.test(stdout ?? '')
}

/** Debian's packages for what is missing. */
function missingPackages() {
  return [...(findChromium() ? [] : ['chromium', 'fonts-dejavu-core']), ...(hasVulkan() ? [] : ['libvulkan1'])]
}

export async function provideChromium() {
  if (!existsSync('/usr/bin/apt-get')) return
  const packages = missingPackages()
  if (packages.length === 0) return
  const root = process.getuid?.() === 0
  if (!root && spawnSync('sudo', ['-n', 'true']).status !== 0) {
    process.stderr.write(
      `  Installing ${packages.join(' ')} needs root: tests of the browser or of WebGPU will be skipped (apt-get install ${packages.join(' ')}).\n`,
    )
    return
  }
  const apt = (/** @type {string[]} */ args) => {
    const todo = `Install it yourself (apt-get install ${packages.join(' ')}); without it tests of the browser or of WebGPU are skipped.`
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    return root
      ? runProgram('apt-get', args, { env, todo })
      : runProgram('sudo', ['-n', 'apt-get', ...args], { env, todo })
  }
  try {
    await step('Chromium and Vulkan’s loader for the tests (apt-get)', async () => {
      await apt(['update', '-qq'])
      await apt(['install', '-y', '-qq', '--no-install-recommends', ...packages])
    })
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    process.stderr.write(`  ${error.message}. ${error.todo}\n`)
  }
}
