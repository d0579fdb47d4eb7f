// CHANGELOG.md as a window shows it: releases, their parts, and a line for each change. Of Markdown it knows what that file uses. Runs without a page.

export interface Release {
  /** “Unreleased”, or version and day. */
  readonly title: string
  readonly parts: readonly { readonly title: string; readonly items: readonly string[] }[]
}

/** Newest first, as the file has them. A release in which nothing stands is left out. */
export function releasesOf(markdown: string): Release[] {
  return sections(markdown, '## ')
    .map(([title, text]) => ({
      title,
      parts: sections(text, '### ').map(([part, list]) => ({ title: part, items: itemsOf(list) })),
    }))
    .filter(({ parts }) => parts.some(({ items }) => items.length > 0))
}

/** Heading and what stands below it, of each heading of that rank. */
const sections = (markdown: string, mark: string): (readonly [string, string])[] =>
  `\n${markdown.replaceAll('\r\n', '\n')}`
    .split(`\n${mark}`)
    .slice(1)
    .map((section) => {
      const [title = '', ...rest] = section.split('\n')
      return [title.trim(), rest.join('\n')] as const
    })

const itemsOf = (list: string): string[] =>
  list
    .split(/^- /m)
    .slice(1)
    .map((item) =>
      item
        .replaceAll(/\*\*|`/g, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
