// The set-up that `npm start` and `npm test` run first: each step is skipped at once when its stamp says that nothing changed.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { provideTestPackages } from './test-packages.mjs'
import { askAtTerminal } from './choose.mjs'
import { provideNative } from './native.mjs'
import { provideNode } from './node.mjs'
import { cacheFolder, root } from './places.mjs'
import { isDone, markDone, runProgram, step, StepError, withLock } from './step.mjs'

/**
 * @param {{renderer?: boolean, tests?: boolean}} wanted `renderer`: build the user interface; `tests`: what tests need besides
 * @returns {Promise<{node: string, env: NodeJS.ProcessEnv, nativeProblem: string | null}>}
 */
export function setUp(wanted = {}) {
  return withLock(cacheFolder(), async () => {
    const node = await provideNode()
    // What a caller has of another checkout's bundles is not ours.
    const { PALM_BUILT: _, ...inherited } = process.env
    const env = { ...inherited, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` }
    await provideDependencies(env)
    let nativeProblem = null
    try {
      await provideNative(node, { link: true, ask: askAtTerminal() })
    } catch (error) {
      if (!(error instanceof StepError)) throw error
      nativeProblem = `${error.message}. ${error.todo}`
      process.stderr.write(`  ${nativeProblem}\n${error.detail ? `${error.detail}\n` : ''}`)
    }
    const build = currentBuild()
    if (wanted.renderer) await build.provide(node, env)
    if (wanted.tests) await provideTestPackages()
    // Processes that the program starts load from there in a third of the time (src-main/app/wiring/program-files.ts).
    return { node, env: build.isDone() ? { ...env, PALM_BUILT: join(root, 'out', 'main') } : env, nativeProblem }
  })
}

/** @param {NodeJS.ProcessEnv} env */
async function provideDependencies(env) {
  const key = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules', '.palm-dependencies')
  if (isDone(stamp, key)) return
  await step('Dependencies (npm ci)', async () => {
    await runProgram('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: root,
      env,
      todo: 'Check that npm reaches its registry, then run the command again.',
    })
    markDone(stamp, key)
  })
}

/** The bundles of the sources as they are now. */
function currentBuild() {
  const sources = [
    'src-renderer',
    'src-main',
    'build/licences.mjs',
    'electron.vite.config.ts',
    'package-lock.json',
  ].map((name) => join(root, name))
  const hash = createHash('sha256')
  for (const source of sources) hashTree(source, hash)
  const key = hash.digest('hex')
  const stamp = join(root, 'out', '.palm-build')
  return {
    isDone: () => isDone(stamp, key),
    /** @param {string} node @param {NodeJS.ProcessEnv} env */
    async provide(node, env) {
      if (isDone(stamp, key)) return
      await step('Building the app', async () => {
        await runProgram(node, [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'], {
          cwd: root,
          env,
          todo: 'This is a fault of the checkout: `git status` shows what was changed.',
        })
        markDone(stamp, key)
      })
    },
  }
}

/** Names, sizes and times: enough to see that something changed. @param {string} path @param {import('node:crypto').Hash} hash */
function hashTree(path, hash) {
  if (!existsSync(path)) return
  const entry = statSync(path)
  if (!entry.isDirectory()) {
    hash.update(`${path} ${entry.size} ${entry.mtimeMs}\n`)
    return
  }
  for (const name of readdirSync(path).sort()) hashTree(join(path, name), hash)
}

/** Runs `work` and, when a step of the set-up fails, says which, why and what to do. @param {() => Promise<number>} work */
export async function reporting(work) {
  try {
    process.exitCode = await work()
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    process.stderr.write(
      `\nSet-up failed at ${error.message}.\n${error.detail ? `${error.detail}\n` : ''}What to do: ${error.todo}\nRun the same command again: it goes on where it stopped.\n`,
    )
    process.exitCode = 1
  }
}
