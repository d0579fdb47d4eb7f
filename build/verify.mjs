// `npm run verify`: all that can be said about the sources without running them. A line per check with its seconds; what failed is shown in full.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tooLongFiles } from './lint/file-sizes.mjs'
import { root } from './setup/places.mjs'
import { reporting, setUp } from './setup/setup.mjs'

/**
 * @typedef {{ok: boolean, output: string}} Result
 * @typedef {(command: string[]) => Promise<Result>} Start runs Node in the folder that is looked at
 * @typedef {{name: string, run: (start: Start, folder: string) => Promise<Result>}} Check
 */

/** @param {string} path within node_modules */
const modules = (path) => join(root, 'node_modules', path)

/** @param {string} name @param {string[]} command of Node's @returns {Check} */
const program = (name, command) => ({ name, run: (start) => start(command) })

/** The native compiler over one project; what it found out is kept for the next time. @param {string} name @param {string} project @returns {Check} */
const types = (name, project) =>
  program(name, [
    modules('@typescript/native/bin/tsc'),
    '-p',
    `tsconfig${project}.json`,
    '--incremental',
    '--tsBuildInfoFile',
    `out/verify/types${project}.tsbuildinfo`,
  ])

/** By the native compiler: half the time. That it still finds something is a check of its own. */
const svelteCheck = [modules('svelte-check/bin/svelte-check'), '--tsgo-experimental-api', '--tsconfig']

/** The longest come first: they run side by side. @type {readonly Check[]} */
export const checks = [
  program('svelte-check finds nothing', [...svelteCheck, './src-renderer/tsconfig.json', '--threshold', 'warning']),
  types('the types fit', ''),
  program('the linter finds nothing', [modules('oxlint/bin/oxlint'), '--type-aware', '--quiet', '.']),
  types('engine, stream, store, session and services know no browser', '.core'),
  program('everything is formatted', [modules('oxfmt/bin/oxfmt'), '--check', '.']),
  program('imports follow the house rules', [
    modules('dependency-cruiser/bin/dependency-cruiser.mjs'),
    '--config',
    '.dependency-cruiser.cjs',
    'src-main',
    'src-renderer',
  ]),
  program('no file, export or package is unused or undeclared', [
    modules('knip/bin/knip.js'),
    '--no-progress',
    '--treat-config-hints-as-errors',
  ]),
  types('the contract knows neither Node nor a browser', '.contract'),
  {
    name: 'svelte-check finds the fault in its canary',
    async run(start) {
      const { ok, output } = await start([...svelteCheck, './test/architecture/svelte-canary/tsconfig.json'])
      return { ok: !ok && /Type 'string' is not assignable to type 'number'/.test(output), output }
    },
  },
  {
    name: 'no source file is too long',
    run(_, folder) {
      const found = tooLongFiles(folder)
      return Promise.resolve({ ok: found.length === 0, output: `${found.join('\n')}\n` })
    },
  },
]

/** @param {string} folder @param {string} node @param {NodeJS.ProcessEnv} env @returns {Start} */
export const startIn = (folder, node, env) => (command) =>
  new Promise((resolve, reject) => {
    const child = spawn(node, command, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (/** @type {Buffer} */ chunk) => {
      output += chunk.toString()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', reject)
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })

/** Runs all checks, as many at once as there are processors. @param {string} node @param {NodeJS.ProcessEnv} env */
export async function verify(node, env) {
  const began = performance.now()
  const seconds = (/** @type {number} */ since) => `${((performance.now() - since) / 1000).toFixed(1)} s`
  const start = startIn(root, node, env)
  const waiting = [...checks]
  let failed = 0
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const since = performance.now()
      const { ok, output } = await check.run(start, root)
      if (!ok) failed += 1
      const line = `${ok ? 'pass' : 'FAIL'}  ${seconds(since).padStart(6)}  ${check.name}\n`
      process.stdout.write(ok ? line : `${output}${line}`)
    }
  }
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work))
  process.stdout.write(`verified in ${seconds(began)}\n`)
  return { passed: checks.length - failed, failed }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await reporting(async () => {
    const { node, env } = await setUp()
    const { passed, failed } = await verify(node, env)
    process.stdout.write(`${passed} passed, ${failed} failed\n`)
    return failed === 0 ? 0 : 1
  })
}
