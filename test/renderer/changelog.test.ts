import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { releasesOf } from '#renderer/lib/text/changelog.ts'

test('releases, parts and lines come as the file has them, without its signs; an empty release is left out', () => {
  const text =
    '# Changelog\n\nWords.\n\n## Unreleased\n\n## 1.2.0 - 2026-01-02\n\n### Added\n\n- **One**: with `code`,\n  in two lines.\n- Two.\n'
  const expected = [
    { title: '1.2.0 - 2026-01-02', parts: [{ title: 'Added', items: ['One: with code, in two lines.', 'Two.'] }] },
  ]
  expect(releasesOf(text)).toEqual(expected)
  expect(releasesOf(text.replaceAll('\n', '\r\n'))).toEqual(expected)
})

test('every line of this program’s own changelog is shown', () => {
  const text = readFileSync(join(import.meta.dirname, '../../CHANGELOG.md'), 'utf8')
  const items = releasesOf(text).flatMap(({ parts }) => parts.flatMap((part) => part.items))
  expect(items.length).toBe(text.match(/^- /gm)?.length)
  expect(releasesOf(text).map(({ title }) => title)[1]).toContain('0.1.0')
})
