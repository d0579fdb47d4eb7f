// The list of every npm package that ships, with version, licence and hash, as CycloneDX: what scanners for known faults read.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './setup/places.mjs'

/** @typedef {{devDependencies?: unknown}} Manifest @typedef {{packages: Record<string, Manifest & {dev?: boolean, devOptional?: boolean}>}} Lock */

/**
 * npm's own `--omit=dev` also leaves out what a tool needs as well as the program (zod among them). So it is given a manifest and a lock file in which there are no tools.
 * @param {NodeJS.ProcessEnv} env @returns {Promise<string>} JSON
 */
export async function billOfMaterials(env) {
  const around = mkdtempSync(join(tmpdir(), 'palm-bill-'))
  const folder = join(around, 'palm-studio') // npm names the whole by it
  try {
    mkdirSync(folder)
    const manifest = /** @type {Manifest} */ (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
    const lock = /** @type {Lock} */ (JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
    delete manifest.devDependencies
    delete lock.packages['']?.devDependencies
    lock.packages = Object.fromEntries(
      Object.entries(lock.packages).filter(([, { dev, devOptional }]) => !dev && !devOptional),
    )
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock))
    const { stdout } = await promisify(execFile)('npm', ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'], {
      cwd: folder,
      env,
      maxBuffer: 64 << 20,
      shell: process.platform === 'win32',
    })
    return stdout
  } finally {
    rmSync(around, { recursive: true, force: true })
  }
}
