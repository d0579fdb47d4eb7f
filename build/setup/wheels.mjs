// The wheels that hold the native library: fetched one by one by pip, so that what is whole stays when the next is cut off, and unpacked into the cache.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram, step, StepError } from './step.mjs'

/**
 * @typedef {{name: string, version: string, sha256: string}} Package
 * @typedef {{size: string, bytes: number, platforms: string[], packages: Package[]}} Wheel `bytes`: needed at most while it is unpacked
 */

const todo =
  'Check that pip reaches its registry, then run the command again: wheels that are whole are kept. Or give your own library: PALM_LIBTENSORFLOW=/path; or take WebGPU alone: PALM_DEVICE=webgpu.'

/** @param {Wheel} wheel @param {string} device @param {string} folder where it shall lie */
export async function provideWheels(wheel, device, folder) {
  mkdirSync(dirname(folder), { recursive: true })
  const scratch = join(dirname(folder), `download-${device}`)
  mkdirSync(scratch, { recursive: true })
  checkRoom(wheel, scratch)
  let at = 0
  await step(
    `TensorFlow for ${device}: ${wheel.size}, once per machine`,
    async () => {
      const resumes = canResume()
      for (const [i, item] of wheel.packages.entries()) {
        at = i + 1
        if (!(await isWhole(scratch, item))) await download(wheel, item, scratch, resumes)
      }
      await unpack(scratch, folder)
    },
    () => `${at} of ${wheel.packages.length} wheels, ${Math.round(bytesIn(scratch) / 1e6)} MB whole`,
  )
}

/** @param {Wheel} wheel @param {string} scratch */
function checkRoom({ bytes }, scratch) {
  const { bavail, bsize } = statfsSync(scratch)
  const missing = bytes - bavail * bsize - bytesIn(scratch)
  if (missing > 0)
    throw new StepError(
      `the disk of the cache lacks ${(missing / 1e9).toFixed(1)} GB for TensorFlow’s library`,
      'Make room, or put the cache elsewhere: PALM_CACHE=/path; or take WebGPU alone: PALM_DEVICE=webgpu.',
    )
}

/** Whether the wheel lies there, by its checksum: then nobody is asked for it. @param {string} scratch @param {Package} item */
export async function isWhole(scratch, { name, version, sha256 }) {
  const begins = `${name.replaceAll('-', '_')}-${version}-`
  const file = readdirSync(scratch).find((found) => found.startsWith(begins) && found.endsWith('.whl'))
  if (!file) return false
  const hash = createHash('sha256')
  for await (const piece of createReadStream(join(scratch, file))) hash.update(/** @type {Buffer} */ (piece))
  if (hash.digest('hex') === sha256) return true
  rmSync(join(scratch, file))
  return false
}

/** pip goes on with a connection that was cut since 25.1. */
function canResume() {
  const version = /^pip (\d+)\.(\d+)/.exec(
    spawnSync('python3', ['-m', 'pip', '--version'], { encoding: 'utf8' }).stdout ?? '',
  )
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])]
  return major > 25 || (major === 25 && minor >= 1)
}

/** One build tag is asked for whatever the machine's Python is. @param {Wheel} wheel @param {Package} item @param {string} scratch @param {boolean} resumes */
async function download({ platforms }, { name, version, sha256 }, scratch, resumes) {
  const requirements = join(scratch, 'requirements.txt')
  writeFileSync(requirements, `${name}==${version} --hash=sha256:${sha256}\n`)
  const args = [
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--require-hashes'],
    ...['--only-binary=:all:', '--python-version', '3.12', '--implementation', 'cp', '--abi', 'cp312'],
    ...platforms.flatMap((platform) => ['--platform', platform]),
    ...(resumes ? ['--resume-retries', '20'] : []),
    ...['--dest', scratch, '--requirement', requirements],
  ]
  await runProgram('python3', args, { todo })
}

/** @param {string} scratch @param {string} folder */
async function unpack(scratch, folder) {
  const unpacked = mkdtempSync(join(dirname(folder), 'unpack-'))
  try {
    for (const file of readdirSync(scratch).filter((name) => name.endsWith('.whl'))) {
      const script = fileURLToPath(new URL('unpack-wheel.py', import.meta.url))
      await runProgram('python3', [script, join(scratch, file), unpacked], { todo })
    }
    rmSync(folder, { recursive: true, force: true })
    renameSync(unpacked, folder)
  } finally {
    rmSync(unpacked, { recursive: true, force: true })
  }
  rmSync(scratch, { recursive: true, force: true })
}

/** @param {string} folder */
function bytesIn(folder) {
  let bytes = 0
  try {
    for (const name of readdirSync(folder)) bytes += statSync(join(folder, name)).size
  } catch {
    // Not there yet.
  }
  return bytes
}
