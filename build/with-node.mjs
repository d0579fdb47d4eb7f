// Runs one of our TypeScript files under a Node that is new enough, after the set-up: with-node.mjs FILE [ARGS]
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './setup/places.mjs'
import { reporting, setUp } from './setup/setup.mjs'

/** @param {string} node @param {string[]} args @param {NodeJS.ProcessEnv} env @returns {Promise<number>} the exit code */
export function runNode(node, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { stdio: 'inherit', env })
    const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
    process.on('SIGINT', () => undefined) // the terminal sends it to the child too: wait for it to end in its own way
    process.on('SIGTERM', pass)
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)))
  })
}

/** The sources run as they are: what Node made of them is kept, which halves the start. */
export const compileCache = { NODE_COMPILE_CACHE: join(root, 'out', 'compile-cache') }

/** @param {string} file relative to the checkout @param {string[]} args */
export async function runSource(file, args) {
  const { node, env } = await setUp()
  return runNode(node, [join(root, file), ...args], { ...compileCache, ...env })
}

if (process.argv[1]?.endsWith('with-node.mjs')) {
  const [file, ...args] = process.argv.slice(2)
  if (!file) {
    process.stderr.write('with-node.mjs FILE [ARGS]\n')
    process.exitCode = 2
  } else await reporting(() => runSource(file, args))
}
