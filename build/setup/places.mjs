// Where the set-up keeps what it provides, and which versions it provides. Data and pure functions only; Node >= 20, no dependencies.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export const versions = { node: '24.21.0', tensorflow: '2.21.0', tfjs: '4.22.0' }

/** The oldest Node that better-sqlite3 and our sources run on. */
export const oldestNode = [22, 18]

/** @param {NodeJS.ProcessEnv} env @param {string} platform @param {string} home */
export function cacheFolder(env = process.env, platform = process.platform, home = homedir()) {
  if (env.PALM_CACHE) return env.PALM_CACHE
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'palm-studio')
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'palm-studio')
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'palm-studio')
}

/** @param {string} version such as `v20.20.2` */
export function isNodeNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
}

/**
 * The PyPI wheels that hold the native library, by platform and device, with their checksums: pip refuses any other file.
 * One build tag is asked for whatever the machine's Python is, so one checksum holds everywhere.
 */
export const wheels = {
  'linux-x64-cpu': {
    platforms: ['manylinux_2_27_x86_64'],
    packages: [{ name: 'tensorflow-cpu', version: '2.21.0', sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb' }],
  },
}

/** @returns {'cpu' | 'cuda'} @param {NodeJS.ProcessEnv} env @param {boolean} hasNvidia */
export function chooseDevice(env, hasNvidia) {
  const wanted = env.PALM_DEVICE
  if (wanted !== undefined && wanted !== 'cpu' && wanted !== 'cuda') throw new Error(`PALM_DEVICE is “${wanted}”; it can be cpu or cuda.`)
  return wanted ?? (hasNvidia ? 'cuda' : 'cpu')
}
