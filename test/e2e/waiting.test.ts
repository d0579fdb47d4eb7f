// A page changes a moment after what caused it, later on a busy machine: what it shows is waited for (`expect.poll`), never looked at once.
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'

/** Looks of these are at a page that stands still, or are meant to see that it does. */
const still = [
  /(iolations(Of)?|englishLeft)\(|await app\.ended\)/,
  /^webcam\.test\.ts: .*await steps\(\)\)\.toBe\(held\)/,
  /^lab\.test\.ts: .*await place\(\)\)\.toBe\(before\)/,
  /^electron\.test\.ts: .*again\.seen\(\)/,
]

test('what a page shows is waited for', () => {
  const files = globSync(join(import.meta.dirname, '*.test.ts'))
  expect(files.length).toBeGreaterThan(15)
  const once = files
    .filter((file) => basename(file) !== 'waiting.test.ts')
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => /^\s*expect(\.soft)?\(\s*await /.test(line))
        .map((line) => `${basename(file)}: ${line.trim()}`),
    )
    .filter((line) => !still.some((allowed) => allowed.test(line)))
  expect(once).toEqual([])
})
