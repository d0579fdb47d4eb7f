// The native TensorFlow library and the binding compiled against it. The npm package's own download comes from a host that many machines
// do not reach, so the library is taken out of the PyPI wheel of the same TensorFlow (checksum pinned) and kept in the cache, outside
// the checkout and shared by all of them; on systems without such a wheel the package's own download is the fallback.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  copyFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { findCard } from './card.mjs'
import { chooseNative } from './choose.mjs'
import { cacheFolder, root, versions, wheels } from './places.mjs'
import { isDone, markDone, runProgram, step, StepError } from './step.mjs'
import { provideWheels } from './wheels.mjs'

const binding = () => join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu')
const statusFile = () => join(cacheFolder(), 'native.json')

/**
 * @typedef {{ok: boolean, device: string, tensorflowVersion: string, library: string, bindingPath: string, reason: string | null, software?: boolean}} NativeStatus
 */

/** What the last set-up found; null when none ran. @returns {NativeStatus | null} */
export function readNativeStatus() {
  try {
    return /** @type {NativeStatus} */ (JSON.parse(readFileSync(statusFile(), 'utf8')))
  } catch {
    return null
  }
}

/** @param {NativeStatus} status */
function writeNativeStatus(status) {
  mkdirSync(cacheFolder(), { recursive: true })
  writeFileSync(statusFile(), `${JSON.stringify(status, null, 1)}\n`)
}

export function hasNvidiaGpu() {
  return existsSync('/proc/driver/nvidia/version')
}

/**
 * Provides library and binding, or nothing where WebGPU computes.
 * @param {string} node path of the Node that will load them
 * @param {{link: boolean, ask?: Machine['ask']}} [options] `link`: put the binding where the npm package looks for it (a package's folder may be read-only)
 * @returns {Promise<void>} what came of it is in the status
 */
export async function provideNative(node, { link: linked, ask = null } = { link: true }) {
  const place = join(binding(), 'lib', 'napi-v8', 'tfjs_binding.node')
  try {
    if (process.env.PALM_TFJS_BINDING) {
      if (!existsSync(process.env.PALM_TFJS_BINDING))
        throw new StepError(
          `PALM_TFJS_BINDING names ${process.env.PALM_TFJS_BINDING}, which does not exist`,
          'Correct or unset PALM_TFJS_BINDING.',
        )
      return
    }
    const own = process.env.PALM_LIBTENSORFLOW ? libraryAt(process.env.PALM_LIBTENSORFLOW) : null
    const { part, why } = own ? { part: 'own', why: null } : await chooseNative(machineHere(place, ask))
    if (part === 'none') {
      withoutLibrary(node, why ?? '')
      return
    }
    if (why) process.stderr.write(`  ${why}\n`)
    const library = own ?? (await provideLibrary(part === 'cuda' ? 'cuda' : 'cpu'))
    const compiled = library ? await compileBinding(library) : await ownDownload(node, place)
    if (linked && compiled !== place) link(compiled, place)
    writeNativeStatus({
      ok: true,
      device: library?.device ?? 'cpu',
      tensorflowVersion: versions.tensorflow,
      library: library?.folder ?? dirname(place),
      bindingPath: compiled,
      reason: null,
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    // Without TensorFlow a card still computes.
    const card = findCard(node)
    writeNativeStatus({ ...nothing, ok: card !== null && !card.software, reason })
    throw error
  }
}

/** @typedef {import('./choose.mjs').Machine} Machine */

const nothing = { device: 'webgpu', tensorflowVersion: versions.tensorflow, library: '', bindingPath: '' }

/** WebGPU alone: says on what, and how slow that is where it is no card. @param {string} node @param {string} why */
function withoutLibrary(node, why) {
  const card = findCard(node)
  const on = card
    ? card.software
      ? `There is no graphics card: WebGPU in software (${card.name}) computes, some hundred times slower than TensorFlow on this processor would.`
      : `WebGPU computes on ${card.name}.`
    : 'WebGPU finds no graphics card either: nothing can be computed. On Linux a Vulkan driver makes one seen (on Debian: apt-get install mesa-vulkan-drivers).'
  const reason = why.includes('WebGPU computes here') && card && !card.software ? on : `${why} ${on}`.trim()
  const before = readNativeStatus()
  if (before?.reason !== reason) process.stderr.write(`  ${reason}\n`)
  writeNativeStatus({ ...nothing, ok: card !== null, software: card?.software ?? false, reason })
}

/** What is there, looked for only when a decision asks. @param {string} place of the npm package's own binding @param {Machine['ask']} ask @returns {Machine} */
function machineHere(place, ask) {
  const answerFile = join(cacheFolder(), 'cuda-answer')
  return {
    env: process.env,
    platform: process.platform,
    nvidia: hasNvidiaGpu(),
    isPinned: (part) => wheelFor(part) !== null,
    isReady(part) {
      const library = wheelFor(part) ? libraryIn(part) : null
      if (!library) return part === 'cpu' && process.platform !== 'linux' && existsSync(place)
      return isDone(library.stamp, library.key) && isCompiled(library)
    },
    has: (tool) =>
      (tool === 'pip' ? spawnSync('python3', ['-m', 'pip', '--version']) : spawnSync('g++', ['--version'])).status ===
      0,
    answered() {
      if (isDone(answerFile, 'cuda')) return 'cuda'
      return isDone(answerFile, 'cpu') ? 'cpu' : null
    },
    remember: (answer) => markDone(answerFile, answer),
    ask,
  }
}

/** @param {'cpu' | 'cuda'} part @returns {import('./wheels.mjs').Wheel | null} */
const wheelFor = (part) =>
  wheels[/** @type {keyof typeof wheels} */ (`${process.platform}-${process.arch}-${part}`)] ?? null

/** Where a part lies, or will. @param {'cpu' | 'cuda'} part */
function libraryIn(part) {
  const base = join(cacheFolder(), 'libtensorflow', `${versions.tensorflow}-${part}`)
  const folder = join(base, 'tensorflow')
  const key = (wheelFor(part)?.packages ?? []).map((item) => item.sha256).join(' ')
  return { base, folder, include: join(folder, 'include'), device: part, key, stamp: join(base, 'complete') }
}

/** @param {'cpu' | 'cuda'} part @returns {Promise<Library | null>} null = no wheel for this system */
async function provideLibrary(part) {
  const wheel = wheelFor(part)
  if (!wheel) return null
  const library = libraryIn(part)
  if (!isDone(library.stamp, library.key)) {
    await provideWheels(wheel, part, library.base)
    markDone(library.stamp, library.key)
  }
  return library
}

/** @typedef {{folder: string, include: string, device: string, key: string}} Library */

/** A library of the user's own: a folder with libtensorflow_cc.so.2 (or the file itself) and its headers beside it. @param {string} path */
function libraryAt(path) {
  const given = resolve(path)
  if (!existsSync(given))
    throw new StepError(
      `PALM_LIBTENSORFLOW names ${given}, which does not exist`,
      'Correct or unset PALM_LIBTENSORFLOW.',
    )
  const folder = statSync(given).isDirectory() ? given : dirname(given)
  for (const file of [
    'libtensorflow_cc.so.2',
    'libtensorflow_framework.so.2',
    join('include', 'tensorflow', 'c', 'c_api.h'),
  ]) {
    if (!existsSync(join(folder, file))) {
      throw new StepError(
        `PALM_LIBTENSORFLOW names ${folder}, but there is no ${file} in it`,
        `Point it at the “tensorflow” folder of an installed TensorFlow ${versions.tensorflow} Python package.`,
      )
    }
  }
  const { size, mtimeMs } = statSync(join(folder, 'libtensorflow_cc.so.2'))
  return { folder, include: join(folder, 'include'), device: 'own', key: `${folder} ${size} ${mtimeMs}` }
}

/** @param {Library} library */
function bindingOf(library) {
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(binding(), 'binding', file))
  const hash = createHash('sha256').update(library.folder).update(library.key)
  for (const source of sources) hash.update(readFileSync(source))
  const key = hash.digest('hex')
  const output = join(cacheFolder(), 'binding', key.slice(0, 16), 'tfjs_binding.node')
  return { sources, key, output, stamp: join(dirname(output), 'complete') }
}

/** @param {Library} library */
function isCompiled(library) {
  const { key, output, stamp } = bindingOf(library)
  return isDone(stamp, key) && existsSync(output)
}

/** @param {Library} library @returns {Promise<string>} the compiled file */
async function compileBinding(library) {
  const { sources, key, output, stamp } = bindingOf(library)
  if (isCompiled(library)) return output
  await step('Compiling the TensorFlow binding', async () => {
    mkdirSync(dirname(output), { recursive: true })
    const args = [
      ...['-std=c++17', '-O2', '-shared', '-fPIC', '-DNAPI_VERSION=8'],
      ...[`-I${binding()}`, `-I${library.include}`, `-I${join(root, 'node_modules', 'node-api-headers', 'include')}`],
      ...sources,
      ...[
        '-o',
        `${output}.part`,
        `-L${library.folder}`,
        '-l:libtensorflow_cc.so.2',
        '-l:libtensorflow_framework.so.2',
        `-Wl,-rpath,${library.folder}`,
      ],
    ]
    await runProgram('g++', args, {
      todo: 'Is g++ installed (on Debian: apt-get install g++)? Then run the command again.',
    })
    renameSync(`${output}.part`, output)
    markDone(stamp, key)
  })
  return output
}

/** The npm package's own way, for systems without a wheel (macOS, Windows). @param {string} node @param {string} place */
async function ownDownload(node, place) {
  if (existsSync(place)) return place
  await step('TensorFlow, by its npm package’s own download', async () => {
    await runProgram(node, ['scripts/install.js', 'gpu', 'download'], {
      cwd: binding(),
      todo: 'This machine may not reach the download. Supply a library: PALM_LIBTENSORFLOW=/path, or a compiled binding: PALM_TFJS_BINDING=/path/tfjs_binding.node.',
    })
  })
  if (!existsSync(place))
    throw new StepError(
      'the npm package’s download left no binding',
      'Supply a compiled binding: PALM_TFJS_BINDING=/path/tfjs_binding.node.',
    )
  return place
}

/** @param {string} from @param {string} to */
function link(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  rmSync(to, { force: true })
  try {
    symlinkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}
