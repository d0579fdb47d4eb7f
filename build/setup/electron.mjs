// Electron's binary, which does not come with its npm package: fetched by Electron's own installer where this machine reaches it. Where not, that is said once a
// week, and the app opens in a window of a browser.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDone, markDone, runProgram, step, StepError } from './step.mjs'
import { cacheFolder, root } from './places.mjs'

const week = 7 * 24 * 3_600_000

/** @param {string} folder of the npm package @returns {string | null} */
export function electronBinary(folder = join(root, 'node_modules', 'electron')) {
  try {
    const binary = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim())
    return existsSync(binary) ? binary : null
  } catch {
    return null
  }
}

/**
 * The binary, fetched if need be; null where it cannot be had, which is said.
 * @param {{node: string, env: NodeJS.ProcessEnv, again: boolean, folder?: string, cache?: string, now?: number}} options `again`: also where it failed less than a week ago
 * @returns {Promise<string | null>}
 */
export async function provideElectron({ node, env, again, folder, cache = cacheFolder(), now = Date.now() }) {
  const place = folder ?? join(root, 'node_modules', 'electron')
  const found = electronBinary(place)
  if (found) return found
  const installer = join(place, 'install.js')
  if (!existsSync(installer)) return null
  const note = join(cache, 'electron-not-had')
  const about = /** @type {{version: string}} */ (JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')))
  const key = `${about.version} ${Math.floor(now / week)}`
  if (!again && isDone(note, key)) return null
  try {
    await step('Fetching Electron (some 110 MB, once)', async () => {
      await runProgram(node, [installer], { env, todo: '' })
    })
  } catch (error) {
    markDone(note, key)
    const why = error instanceof StepError ? error.detail.split('\n').at(-1) || error.message : String(error)
    process.stderr.write(
      `  Electron could not be fetched (${why}). The app opens in a window of your browser instead; npm start -- --electron tries again.\n`,
    )
    return null
  }
  return electronBinary(place)
}
