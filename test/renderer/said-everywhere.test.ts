// What the program says is shown through `said`, and the page's own sentences and numbers follow the language: looked for in the sources of the page.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'svelte/compiler'
import { expect, test } from 'vitest'
import { textsOf } from '#test/helpers/program-texts.ts'

const root = fileURLToPath(new URL('../../src-renderer', import.meta.url))
const sourceOf = (file: string) => readFileSync(join(root, file), 'utf8')

/** Properties by which sentences of the program come: an error's, a look's, a device's, an option's. */
const programs = /^(message|problem|reason|because|remark|listProblem|openProblem|picturesError|protocol|help|cite)$/
/** The page's own texts have such keys as well. */
const own = /^(strings|text|words|setup|bulk|stageText|columns|shell|settings)$/

interface Node {
  type?: string
  name?: string
  start?: number
  end?: number
  computed?: boolean
  object?: Node
  property?: Node
  callee?: Node
  test?: unknown
}

/** Expressions in markup that show a sentence of the program as it comes. */
function unsaid(source: string): string[] {
  const { fragment } = parse(source, { modern: true })
  const found: string[] = []
  const visit = (node: unknown, shown: boolean): void => {
    if (typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) return node.forEach((one) => visit(one, shown))
    const { type, object, property, callee, name } = node as Node
    if (type === 'CallExpression' && /^(said\w*|program|onclick|oninput)$/.test(callee?.name ?? '')) return
    // What happens on a click, what is only asked, and what is only a class.
    if (/^(ArrowFunctionExpression|OnDirective|BinaryExpression|ClassDirective)$/.test(type ?? '')) return
    if (type === 'Attribute' && /^(on\w+|class|bind:.*|id)$/.test(name ?? '')) return
    const shows = shown || type === 'ExpressionTag'
    if (shows && type === 'MemberExpression' && programs.test(property?.name ?? '') && !own.test(rootOf(object)))
      found.push(source.slice((node as Node).start, (node as Node).end))
    for (const [key, child] of Object.entries(node)) if (key !== 'test') visit(child, shows)
  }
  visit(fragment, false)
  return found
}

const rootOf = (node: Node | undefined): string => (node?.object ? rootOf(node.object) : (node?.name ?? ''))

test('no component shows a sentence of the program as it comes', () => {
  const files = globSync('**/*.svelte', { cwd: root })
  expect(files.length).toBeGreaterThan(100)
  expect(files.flatMap((file) => unsaid(sourceOf(file)).map((what) => `${file}: ${what}`))).toEqual([])
})

test('that look sees an error in markup and in a prop, and leaves what is said, the page’s own texts, and questions', () => {
  expect(
    unsaid(
      '<p>{error.message} {said(error.message)} {text.help}</p><X problem={run.error?.message ?? ""} onclick={() => say(e.message)} />{#if e.message}{/if}',
    ),
  ).toEqual(['error.message', 'run.error?.message'])
})

/** No sentences: names of fonts, SVG, styles, selectors, media queries; messages that only a programmer meets. */
const notWords = [
  /sans-serif/,
  /^<|^\{0\}px|translate\(|rotate\(/,
  /^(input|button)\b/,
  /calc\(|(left|top): (0|\{\d\})/,
  /prefers-/,
  /^[\w.]+: \{0\}$/,
  /^No cameras here$/,
]
/** Units, and a table that is written to a file: those are English in every language. */
const written = [
  'lib/text/format.ts',
  'lib/runs/take-examples.ts', // names of files
  'lib/runs/runs-table.ts',
  'lib/charts/svg/matrix.ts',
  'lib/curves/lane-series.ts',
]

test('no state or library of the page holds sentences of its own', () => {
  const files = globSync('**/*.ts', { cwd: root }).filter(
    (file) => !/^lib[\\/](strings|german)[\\/]/.test(file) && !written.includes(file.replaceAll('\\', '/')),
  )
  expect(files.length).toBeGreaterThan(100)
  const found = files
    .flatMap((file) => textsOf(`src-renderer/${file}`, sourceOf(file)))
    .filter(({ spoken, template }) => spoken && !notWords.some((one) => one.test(template)))
  expect(found.map(({ at, template }) => `${at} ${template}`)).toEqual([])
})

test('no number is written by the system’s language in place of the page’s', () => {
  const found = globSync('**/*.{ts,svelte}', { cwd: root }).filter((file) => /toLocaleString\(\)/.test(sourceOf(file)))
  expect(found).toEqual([])
})
