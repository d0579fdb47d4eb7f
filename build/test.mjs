// `npm test`: the set-up with what tests need, then types, the graph of imports and all tests. The last line is the count of it all.
// Arguments are passed on to vitest (npm test -- test/engine) and then only those tests run.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { reporting, setUp } from './setup/setup.mjs'
import { root } from './setup/places.mjs'
import { runNode } from './with-node.mjs'

const args = process.argv.slice(2)
await reporting(async () => {
  const { node, env } = await setUp({ renderer: true, tests: true })
  const modules = (/** @type {string} */ path) => join(root, 'node_modules', path)
  let passed = 0
  let failed = 0
  let skipped = 0
  const check = (/** @type {string} */ name, /** @type {boolean} */ ok) => {
    process.stdout.write(`${ok ? 'pass' : 'FAIL'}  ${name}\n`)
    if (ok) passed += 1
    else failed += 1
  }
  const quiet = (/** @type {string[]} */ command) => {
    const result = spawnSync(node, command, { cwd: root, env, encoding: 'utf8' })
    return { ok: result.status === 0, output: `${result.stdout}${result.stderr}` }
  }
  if (args.length === 0) {
    for (const [project, what] of [
      ['', 'the types fit'],
      ['.core', 'engine, stream, store, session and services know no browser'],
      ['.contract', 'the contract knows neither Node nor a browser'],
    ]) {
      const types = quiet([modules('typescript/bin/tsc'), '-p', `tsconfig${project}.json`])
      if (!types.ok) process.stdout.write(types.output)
      check(String(what), types.ok)
    }
    const svelte = quiet([
      modules('svelte-check/bin/svelte-check'),
      '--tsconfig',
      './src-renderer/tsconfig.json',
      '--threshold',
      'warning',
    ])
    if (!svelte.ok) process.stdout.write(svelte.output)
    check('svelte-check finds nothing', svelte.ok)
    const canary = quiet([
      modules('svelte-check/bin/svelte-check'),
      '--tsconfig',
      './test/architecture/svelte-canary/tsconfig.json',
    ])
    check(
      'svelte-check finds the fault in its canary',
      !canary.ok && /Type 'string' is not assignable to type 'number'/.test(canary.output),
    )
    const graph = quiet([
      modules('dependency-cruiser/bin/dependency-cruiser.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      'src-main',
      'src-renderer',
    ])
    if (!graph.ok) process.stdout.write(graph.output)
    check('imports follow the house rules', graph.ok)
  }
  const report = join(root, 'out', 'vitest.json')
  rmSync(report, { force: true })
  const code = await runNode(
    node,
    [
      modules('vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ],
    { ...env, CI: '1' },
  )
  try {
    const summary = JSON.parse(readFileSync(report, 'utf8'))
    passed += summary.numPassedTests
    failed += summary.numFailedTests
    skipped += summary.numPendingTests + (summary.numTodoTests ?? 0)
    if (code !== 0 && summary.numFailedTests === 0) failed += 1
  } catch {
    failed += 1
  }
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  return failed === 0 ? 0 : 1
})
