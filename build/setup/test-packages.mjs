// What the tests need of the system, from Debian's packages where we may install them: a Chromium; Vulkan's loader, through which the tests of WebGPU reach the software
// graphics card that comes with it; PostgreSQL's server, for a lab's queue. Without them those tests skip and say so.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { debians, findChromium, shell } from './chromium.mjs'
import { runProgram, step, StepError } from './step.mjs'

/** Vulkan's loader, as the linker knows it. */
function hasVulkan() {
  const { stdout } = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' })
  return /libvulkan\.so\.1\b/.test(stdout ?? '')
}

/** Debian's packages for what is missing. */
function missingPackages() {
  return [
    ...(findChromium('browser') ? [] : ['chromium', 'fonts-dejavu-core']),
    ...(hasVulkan() ? [] : ['libvulkan1']),
    ...(existsSync('/usr/lib/postgresql') ? [] : ['postgresql']),
  ]
}

export async function provideTestPackages() {
  if (!existsSync('/usr/bin/apt-get')) return
  const packages = missingPackages()
  if (packages.length > 0)
    await install(packages, 'without it tests of the browser, of WebGPU or of a lab’s queue are skipped')
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
