// `npm test`: the set-up with what tests need, then all that `npm run verify` looks at and all tests. The last line is the count of it all.
// Arguments are passed on to vitest (npm test -- test/engine) and then only those tests run. `npm run test:quick` leaves out what starts processes or a
// browser, or computes for long (vitest.config.ts says what that is), and verify.
import { readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { reporting, setUp } from './setup/setup.mjs'
import { root } from './setup/places.mjs'
import { verify } from './verify.mjs'
import { compileCache, runNode } from './with-node.mjs'

/**
 * @typedef {{fullName: string, duration?: number | null}} TestResult
 * @typedef {{name: string, startTime: number, endTime: number, assertionResults: TestResult[]}} FileResult
 * @typedef {{numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests?: number, testResults: FileResult[]}} Report as vitest writes it
 */

/** The ten test files and the ten tests that took longest, a line each. @param {Report} report */
function slowest({ testResults }) {
  const rows = (/** @type {{ms: number, name: string}[]} */ all) =>
    all
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, 10)
      .map(({ ms, name }) => `${(ms / 1000).toFixed(1).padStart(8)} s  ${name}\n`)
      .join('')
  const short = (/** @type {string} */ path) => relative(root, path)
  const files = testResults.map(({ name, startTime, endTime }) => ({ ms: endTime - startTime, name: short(name) }))
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, duration }) => ({ ms: duration ?? 0, name: `${short(name)}: ${fullName}` })),
  )
  return `The slowest test files:\n${rows(files)}The slowest tests:\n${rows(tests)}`
}

const args = process.argv.slice(2).filter((arg) => arg !== '--quick')
const quick = args.length < process.argv.length - 2
await reporting(async () => {
  const { node, env } = await setUp({ renderer: !quick, tests: !quick })
  const modules = (/** @type {string} */ path) => join(root, 'node_modules', path)
  let passed = 0
  let failed = 0
  let skipped = 0
  if (args.length === 0 && !quick) {
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
    {
      ...env,
      CI: '1',
      ...compileCache, // tests start hundreds of processes of the same sources
      ...(quick ? { PALM_QUICK: '1' } : {}),
    },
  )
  try {
    const summary = /** @type {Report} */ (JSON.parse(readFileSync(report, 'utf8')))
    process.stdout.write(slowest(summary))
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
