// What the guide quotes of the program, the program says: word for word, with “…” where it puts in a name or a number.
import { expect, test } from 'vitest'
import { proseOf, root } from '#test/helpers/markdown.ts'
import { textsOf } from '#test/helpers/source-texts.ts'

const page = 'docs/guide/troubleshooting.md'
/** Quoted in the first column of a table, in italics. */
const quoted = [...proseOf(page).matchAll(/^\| \*(.+?)\* \|/gm)].map((match) => match[1] ?? '')
const texts = textsOf(root, ['src-main', 'src-renderer', 'build'])
/** Quotes and spaces as the page may write them. */
const plain = (text: string) =>
  text
    .replaceAll(/[`“”"]/g, '')
    .replaceAll('’', "'")
    .replaceAll(/\s+/g, ' ')
    .trim()
const all = texts.map(plain)

test('the page quotes many messages, and the sources are read', () => {
  expect(quoted.length).toBeGreaterThan(40)
  expect(texts.length).toBeGreaterThan(2000)
  expect(new Set(quoted).size).toBe(quoted.length)
})

test.each(quoted)('%s', (message) => {
  const wanted = plain(message).replace(/^… ?/, '').replace(/ ?…$/, '')
  expect(wanted.length).toBeGreaterThan(12)
  expect(
    all.some((text) => text.includes(wanted)),
    `no text of the sources holds “${wanted}”`,
  ).toBe(true)
})
