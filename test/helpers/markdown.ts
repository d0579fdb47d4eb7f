// The pages of this repository as tests read them: blocks, links, headings.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Block {
  /** What stands after the opening fence. */
  readonly language: string
  readonly text: string
  readonly line: number
  /** Of the comment right above: `<!-- file: NAME -->`, a file that the reader saves. */
  readonly file: string | null
  /** Of the comment right above: `<!-- not run: REASON -->`. */
  readonly notRun: string | null
}

/** All pages, by their path from the root, with `/`. */
export const pages: readonly string[] = [
  ...['README.md', 'CHANGELOG.md'],
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .toSorted(),
]

export const textOfPage = (page: string): string => readFileSync(join(root, page), 'utf8').replaceAll('\r\n', '\n')

export function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  const lines = textOfPage(page).split('\n')
  for (let at = 0; at < lines.length; at++) {
    const language = /^```(.*)$/.exec(lines[at] ?? '')?.[1]
    if (language === undefined) continue
    const end = lines.indexOf('```', at + 1)
    if (end < 0) throw new Error(`${page}:${at + 1}: this block has no end`)
    const above = lines[at - 1] ?? ''
    blocks.push({
      language,
      text: lines
        .slice(at + 1, end)
        .map((line) => `${line}\n`)
        .join(''),
      line: at + 1,
      file: /^<!-- file: (.+) -->$/.exec(above)?.[1] ?? null,
      notRun: /^<!-- not run: (.+) -->$/.exec(above)?.[1] ?? null,
    })
    at = end
  }
  return blocks
}

/** Without what stands in blocks. */
export const proseOf = (page: string): string => textOfPage(page).replaceAll(/^```.*\n[\s\S]*?^```$/gm, '')

/** Where links and pictures lead, as they are written. */
export const linksOf = (page: string): string[] =>
  [
    ...proseOf(page)
      .replaceAll(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map((match) => match[1] ?? '')

/** Ids of the headings, as GitHub makes them. */
export const anchorsOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
