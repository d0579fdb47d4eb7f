// Every page of the documentation leads to what is there, and is found from the index.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, test } from 'vitest'
import { anchorsOf, linksOf, pages, proseOf, root } from '#test/helpers/markdown.ts'

const isOutside = (link: string) => /^[a-z]+:/.test(link)
/** Made by a script, of every screen: pages show a choice of them. Where they were not made their links are not followed. */
const photographs = 'docs/pictures/'
const photographed = existsSync(join(root, photographs))
const isThere = (path: string) => existsSync(join(root, path)) || (path.startsWith(photographs) && !photographed)
/** As a path from the root. */
const target = (page: string, link: string) => posix.join(posix.dirname(page), link.split('#')[0] ?? '')

test('every relative link, picture and heading that a page names is there', () => {
  let links = 0
  const broken: string[] = []
  for (const page of pages)
    for (const link of linksOf(page)) {
      if (isOutside(link)) continue
      links++
      const path = link.startsWith('#') ? page : target(page, link)
      const anchor = link.split('#')[1]
      if (!isThere(path)) broken.push(`${page}: ${link}`)
      else if (anchor && !anchorsOf(path).includes(anchor)) broken.push(`${page}: ${link} (no such heading)`)
    }
  expect(broken).toEqual([])
  console.log(`${links} links in ${pages.length} pages`)
  if (!photographed) console.log(`${photographs} is not there: links to its pictures are not followed`)
  expect(links).toBeGreaterThan(100)
})

test('every page, and every picture, is reached from the README', () => {
  const reached = new Set<string>()
  const visit = (path: string): void => {
    if (reached.has(path)) return
    reached.add(path)
    if (path.endsWith('.md') && pages.includes(path))
      for (const link of linksOf(path)) if (!isOutside(link) && !link.startsWith('#')) visit(target(path, link))
  }
  visit('README.md')
  const pictures = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.png'))
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .filter((path) => !path.startsWith(photographs))
  expect([...pages, ...pictures].filter((path) => !reached.has(path))).toEqual([])
})

test('every page that a page or a source names by its path is there', () => {
  const folders = ['src-main', 'src-renderer', 'build', 'test']
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs|svelte|txt)$/.test(name) && !name.includes('output'))
      .map((name) => join(folder, name)),
  )
  const named = [
    ...pages.map((page) => [page, proseOf(page)] as const),
    ...files.map((file) => [file, readFileSync(join(root, file), 'utf8')] as const),
  ].flatMap(([from, text]) =>
    [...text.matchAll(/\bdocs\/[\w/-]+\.(?:md|csv|png)\b(?<!ID\.md)/g)].map((match) => [from, match[0]] as const),
  )
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(([, path]) => !isThere(path))).toEqual([])
})

test('what lies in the guide is for users: none of its pages speaks of a source file', () => {
  const guide = pages.filter((page) => page.startsWith('docs/guide/'))
  expect(guide.length).toBeGreaterThan(10)
  expect(guide.filter((page) => /\b(src-main|src-renderer|test)\//.test(proseOf(page)))).toEqual([])
})
