// What pages say in two places, and what they say in numbers.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pages, proseOf, root } from '#test/helpers/markdown.ts'

/** Words alone, of what is long enough to be a sentence. */
const sentencesOf = (page: string): string[] =>
  proseOf(page)
    .replaceAll(/<!--.*?-->/g, '')
    .replaceAll(/\]\([^)]*\)/g, ']')
    .replaceAll(/\n(?=[^\n|#-])/g, ' ')
    .split(/(?<=[.:;!?])\s+|\n|\|/)
    .map((text) =>
      text
        .replaceAll(/[^\p{L}\p{N} ]/gu, '')
        .replaceAll(/\s+/g, ' ')
        .trim()
        .toLowerCase(),
    )
    .filter((text) => text.split(' ').length >= 9)

test('no page says a sentence that another says', () => {
  const first = new Map<string, string>()
  const twice: string[] = []
  // The pages of the methods have rows of one form; the changelog tells what happened.
  const compared = pages.filter((page) => !page.startsWith('docs/methods') && page !== 'CHANGELOG.md')
  for (const page of compared)
    for (const sentence of sentencesOf(page)) {
      const before = first.get(sentence)
      if (before === undefined) first.set(sentence, page)
      else twice.push(`${before} and ${page}: ${sentence}`)
    }
  expect(first.size).toBeGreaterThan(500)
  expect(twice).toEqual([])
})

test('the changelog has this version, newest first, in the form of Keep a Changelog', () => {
  const headings = [...proseOf('CHANGELOG.md').matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? '')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  expect(headings[0]).toBe('Unreleased')
  expect(headings[1]).toMatch(new RegExp(String.raw`^${version.replaceAll('.', String.raw`\.`)} - \d{4}-\d\d-\d\d$`))
  const parts = [...proseOf('CHANGELOG.md').matchAll(/^### (.+)$/gm)].map((match) => match[1])
  for (const part of parts) expect(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']).toContain(part)
})

test('the numbers of “which method when” are those of the measured tables', () => {
  const measured = proseOf('docs/methods-on-the-sample.md').split('\n')
  const cells = (line: string) => line.split('|').map((cell) => cell.replaceAll('*', '').replaceAll('\\', '').trim())
  const errors = new Map(
    measured
      .map(cells)
      .filter((row) => row.length === 21)
      .map((row) => [row[1], row[17]]),
  )
  const costs = new Map(
    measured
      .map(cells)
      .filter((row) => row.length === 6)
      .map((row) => [row[1], row[3]]),
  )
  const rows = proseOf('docs/guide/which-method.md')
    .split('\n')
    .map(cells)
    .filter((row) => row.length === 6 && /^\d/.test(row[2] ?? ''))
  expect(rows.length).toBeGreaterThan(8)
  for (const [, method = '', error, cost] of rows)
    expect([method, error, cost]).toEqual([method, errors.get(method), costs.get(method)])
})
