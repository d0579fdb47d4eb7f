// `npm test`: the set-up with what tests need, then all that `npm run verify` looks at and all tests. The last line is the count of it all.
// Arguments are passed on to vitest (npm test -- test/engine) and then only those tests run.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { reporting, setUp } from './setup/setup.mjs'
import { root } from './setup/places.mjs'
import { verify } from './verify.mjs'
import { runNode } from './with-node.mjs'

const args = process.argv.slice(2)
await reporting(async () => {
  const { node, env } = await setUp({ renderer: true, tests: true })
  const modules = (/** @type {string} */ path) => join(root, 'node_modules', path)
  let passed = 0
  let failed = 0
  let skipped = 0
  if (args.length === 0) {
    const verified = await verify(node, env)
    passed += verified.passed
    failed += verified.failed
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
