// The native TensorFlow library and the binding compiled against it. The npm package's own download comes from a host that many machines
// do not reach, so the library is taken out of the PyPI wheel of the same TensorFlow (checksum pinned) and kept in the cache, outside
// the checkout and shared by all of them; on systems without such a wheel the package's own download is the fallback.
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  copyFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder, chooseDevice, root, versions, wheels } from './places.mjs'
import { isDone, markDone, runProgram, step, StepError } from './step.mjs'

const binding = () => join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu')
const statusFile = () => join(cacheFolder(), 'native.json')

/**
 * @typedef {{ok: boolean, device: string, tensorflowVersion: string, library: string, bindingPath: string, reason: string | null}} NativeStatus
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
 * Provides library and binding.
 * @param {string} node path of the Node that will load them
 * @param {{link: boolean}} [options] `link`: put the binding where the npm package looks for it (a package's folder may be read-only)
 */
export async function provideNative(node, { link: linked } = { link: true }) {
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
    const library = await provideLibrary()
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
    writeNativeStatus({
      ok: false,
      device: 'none',
      tensorflowVersion: versions.tensorflow,
      library: '',
      bindingPath: '',
      reason,
    })
    throw error
  }
}

/** @returns {Promise<{folder: string, include: string, device: string, key: string} | null>} null = no wheel for this system */
async function provideLibrary() {
  if (process.env.PALM_LIBTENSORFLOW) return libraryAt(process.env.PALM_LIBTENSORFLOW)
  const device = chooseDevice(process.env, hasNvidiaGpu())
  const kind = `${process.platform}-${process.arch}-${device}`
  const wheel = wheels[/** @type {keyof typeof wheels} */ (kind)] ?? null
  if (!wheel) {
    const cpu = `${process.platform}-${process.arch}-cpu`
    if (device === 'cuda' && cpu in wheels)
      throw new StepError(
        `there is no pinned CUDA library for ${process.platform} ${process.arch}`,
        'Set PALM_DEVICE=cpu.',
      )
    return null
  }
  const folder = join(cacheFolder(), 'libtensorflow', `${versions.tensorflow}-${device}`)
  const key = wheel.packages.map((item) => item.sha256).join(' ')
  const stamp = join(folder, 'complete')
  if (!isDone(stamp, key)) {
    mkdirSync(dirname(folder), { recursive: true })
    const scratch = join(dirname(folder), `download-${device}`)
    await step(
      `TensorFlow ${versions.tensorflow} for ${device} (about ${wheel.size}, once per machine${device === 'cuda' ? '; PALM_DEVICE=cpu takes the processor’s, 270 MB' : ''})`,
      () => unpackWheels(wheel, scratch, folder),
      () => sizeOf(scratch),
    )
    markDone(stamp, key)
  }
  return { folder: join(folder, 'tensorflow'), include: join(folder, 'tensorflow', 'include'), device, key }
}

/** @param {{size: string, platforms: string[], packages: {name: string, version: string, sha256: string}[]}} wheel @param {string} scratch @param {string} folder */
async function unpackWheels(wheel, scratch, folder) {
  const todo =
    'Check that pip reaches its registry and that the disk has room for it twice, then run the command again (it resumes). Or give your own library: PALM_LIBTENSORFLOW=/path.'
  mkdirSync(scratch, { recursive: true })
  const requirements = join(scratch, 'requirements.txt')
  writeFileSync(
    requirements,
    wheel.packages.map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`).join(''),
  )
  const platforms = wheel.platforms.flatMap((platform) => ['--platform', platform])
  const args = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--require-hashes',
    '--only-binary=:all:',
    '--python-version',
    '3.12',
    '--implementation',
    'cp',
    '--abi',
    'cp312',
    ...platforms,
    '--dest',
    scratch,
    '--requirement',
    requirements,
  ]
  await runProgram('python3', args, { todo })
  const unpacked = mkdtempSync(join(dirname(folder), 'unpack-'))
  try {
    for (const file of readdirSync(scratch).filter((name) => name.endsWith('.whl'))) {
      await runProgram(
        'python3',
        [fileURLToPath(new URL('unpack-wheel.py', import.meta.url)), join(scratch, file), unpacked],
        { todo },
      )
    }
    rmSync(folder, { recursive: true, force: true })
    renameSync(unpacked, folder)
  } finally {
    rmSync(unpacked, { recursive: true, force: true })
  }
  rmSync(scratch, { recursive: true, force: true })
}

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

/** @param {{folder: string, include: string, device: string, key: string}} library @returns {Promise<string>} the compiled file */
async function compileBinding(library) {
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(binding(), 'binding', file))
  const hash = createHash('sha256').update(library.folder).update(library.key)
  for (const source of sources) hash.update(readFileSync(source))
  const key = hash.digest('hex')
  const output = join(cacheFolder(), 'binding', key.slice(0, 16), 'tfjs_binding.node')
  const stamp = join(dirname(output), 'complete')
  if (isDone(stamp, key) && existsSync(output)) return output
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

/** @param {string} folder */
function sizeOf(folder) {
  let bytes = 0
  try {
    for (const name of readdirSync(folder)) bytes += statSync(join(folder, name)).size
  } catch {
    // Not there yet.
  }
  return bytes > 0 ? `${Math.round(bytes / 1e6)} MB here` : 'downloading'
}
