// The languages: every sentence in each of them, and no sentence anywhere else. What a compiler cannot see: functions that forget their arguments, text left in English,
// words written straight into a component.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'svelte/compiler'
import { afterEach, describe, expect, test } from 'vitest'
import { bytes, decimals, duration, errorText, fixed, percent, small, whole } from '#renderer/lib/text/format.ts'
import { allStrings } from '#renderer/lib/strings/all.ts'
import { language, languages, setLanguage, strings } from '#renderer/lib/strings/strings.svelte.ts'

type Leaf = string | ((...args: never[]) => string)
type Tree = Leaf | { readonly [key: string]: Tree } | readonly Tree[]

/** Path of each text or function. */
function leaves(tree: Tree, path = ''): Map<string, Leaf> {
  if (typeof tree === 'string' || typeof tree === 'function') return new Map([[path, tree]])
  return new Map(
    Object.entries(tree).flatMap(([key, value]) => [...leaves(value, path === '' ? key : `${path}.${key}`)]),
  )
}

/** Arguments that any of the functions can take, several times: one and many, with and without. */
const samples: readonly (readonly unknown[])[] = [
  Array(12).fill(1),
  Array(12).fill(7),
  [7, 0, null, 5, null, 9, 9, 9, 9],
  Array(12).fill('xyz'),
]
/** For those that take something else. */
const ownSamples: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  'compare.missing': [[[1]], [[1, 7]]],
  'compare.warning': [
    [
      {
        kind: 'input',
        groups: [
          { runs: [1], value: 'a' },
          { runs: [7], value: 'b' },
        ],
      },
    ],
  ],
}
const texts = (leaf: Leaf, path = ''): string[] =>
  typeof leaf === 'string'
    ? [leaf]
    : [...samples, ...(ownSamples[path] ?? [])].flatMap((args) => {
        try {
          return [String((leaf as (...all: unknown[]) => string)(...args))] // one that passes its argument on gets a number here
        } catch {
          return [] // a text where it wants a number, or the other way round
        }
      })

/** Names, units, and words that German writes as English does. */
const same = new Set([
  'CUDA',
  'WebGPU',
  'TF32',
  'PALM Studio',
  'Webcam',
  'Webcam: xyz',
  'Webcam: 1',
  'Webcam: 7',
  'Live',
  'Sweeps',
  'Seeds',
  'Seed',
  'Server',
  'Name',
  'Option',
  'Block',
  'Tensor',
  'Text',
  'Checkpoint',
  'Format',
  'Batches',
  'Tag',
  'Tag…',
  'Tags',
  'Status',
  'SHA-256',
  'ImageNet',
  'CIFAR-10',
  '.pth (PyTorch)',
  'xyz: xyz',
  'xyz',
  'CSV',
  'Markdown',
  'LaTeX',
  'PNG',
  'SVG',
  'Checkpoints',
  'max |a−b|',
  'Matrix',
  'ReLU',
  'linear',
  'Version',
  'Problem',
  'System',
  'min',
  'S. K. Maharana, B. Zhang, Y. Guo: PALM: Pushing Adaptive Learning Rate Mechanisms for Continual Test-Time Adaptation. AAAI 2025.',
])
const english = leaves(allStrings.en)

test('a language is named in itself and can be chosen', () => {
  expect(Object.entries(languages)).toEqual([
    ['en', 'English'],
    ['de', 'Deutsch'],
  ])
})

describe('German', () => {
  const german = leaves(allStrings.de)

  test('has the keys of English, no more and no fewer', () => {
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort())
  })

  test('gives a text with every argument that the English one shows', () => {
    for (const [path, leaf] of english) {
      const own = german.get(path) as Leaf
      expect(typeof own, path).toBe(typeof leaf)
      if (typeof leaf === 'string') expect((own as string).trim() === '', path).toBe(leaf === '')
      else {
        const marks = Array.from({ length: leaf.length }, (_, i) => `mark${i}`)
        const call = (one: Leaf, args: readonly unknown[]): string | null => {
          try {
            return (one as (...all: unknown[]) => string)(...args)
          } catch {
            return null
          }
        }
        // Each argument as a text of its own, then as a number of its own: what English shows of it, German shows too.
        for (const args of [marks, marks.map((_, i) => 3001 + i)]) {
          const [theirs, ours] = [call(leaf, args), call(own, args)]
          if (theirs === null) continue
          expect(ours, path).not.toBeNull()
          const digits = (text: string | null) => (text ?? '').replaceAll(/(\d)[.,](?=\d{3})/g, '$1')
          for (const arg of args)
            if (digits(theirs).includes(String(arg)))
              expect(digits(ours), `${path} leaves out ${String(arg)}`).toContain(String(arg))
        }
        expect(texts(own, path).length, `${path} takes no sample`).toBeGreaterThan(0)
      }
    }
  })

  test('says nothing in English but names and units', () => {
    const alike = [...english].flatMap(([path, leaf]) => {
      const ours = texts(german.get(path) as Leaf, path)
      return texts(leaf, path).flatMap((text, i) =>
        text === ours[i] &&
        /\p{L}{2}/u.test(text.replaceAll(/xyz|null/g, '')) &&
        !same.has(text) &&
        !same.has(text.replaceAll(/\d+|xyz/g, '').trim())
          ? [`${path}: ${text}`]
          : [],
      )
    })
    expect(alike).toEqual([])
  })

  test('has German quotation marks and ellipses', () => {
    for (const [path, leaf] of german) {
      for (const text of texts(leaf, path))
        expect(text.replaceAll(/\[(".*?"(, )?)+\]|\{.*?\}/g, ''), path).not.toMatch(/["”]|\.\.\.|'/)
    }
  })
})

describe('numbers follow the language', () => {
  afterEach(() => setLanguage('en'))

  test('points and commas', () => {
    const all = () => [
      percent(0.1234),
      errorText(24.06),
      fixed(1.5, 2),
      whole(12345),
      small(0.0005),
      decimals([0.485, 0.5]),
      bytes(1.5 * 2 ** 30),
      bytes(17),
      duration(61_000),
    ]
    expect(all()).toEqual([
      '12.3 %',
      '24.1',
      '1.50',
      '12,345',
      '5.0e-4',
      '0.485 / 0.5',
      '1.5 GiB',
      '17 bytes',
      '1 min 1 s',
    ])
    setLanguage('de')
    expect(language()).toBe('de')
    expect(all()).toEqual([
      '12,3 %',
      '24,1',
      '1,50',
      '12.345',
      '5,0e-4',
      '0,485 / 0,5',
      '1,5 GiB',
      '17 Byte',
      '1 min 1 s',
    ])
    expect(strings.close).toBe('Schließen')
  })
})

/** Words in a component's markup, in what is read aloud of it, and sentences in its code. */
function literalsOf(source: string): string[] {
  const spoken = new Set([
    'aria-label',
    'aria-description',
    'aria-valuetext',
    'aria-roledescription',
    'title',
    'placeholder',
    'alt',
    'label',
  ])
  const words = /\p{L}{2,}/u
  const found: string[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) return node.forEach(visit)
    const { type, name, data, value } = node as { type?: string; name?: string; data?: string; value?: unknown }
    if (type === 'Text' && words.test(data ?? '')) found.push((data ?? '').trim())
    if (type === 'Literal' && typeof value === 'string' && /\p{L}{2,},? \p{L}{2,}/u.test(value)) found.push(value)
    if (type === 'TemplateElement' && /\p{L}{3,},? \p{L}{2,}|^\p{L}{3,} $/u.test((value as { raw: string }).raw))
      found.push((value as { raw: string }).raw)
    const silent = type === 'StyleDirective' || (type === 'Attribute' && !spoken.has(name ?? ''))
    for (const [key, child] of Object.entries(node))
      if (key !== 'css')
        visit(silent && Array.isArray(child) ? child.filter((one: { type?: string }) => one.type !== 'Text') : child)
  }
  const { fragment, instance, module } = parse(source, { modern: true })
  visit([fragment, instance, module])
  return found
}

/** No words of the interface: fonts of a canvas, selectors, mathematics, kinds of files, a reference for LaTeX. */
const notWords = [
  /sans-serif/,
  /^dialog input/,
  /^[-\w.# ]*\[/,
  /^\.[\w-]/,
  /^(PNG|SVG|CSV)$/,
  /^input, /,
  /^@inproceedings/,
]

test('no component holds words of its own', () => {
  const root = fileURLToPath(new URL('../../src-renderer', import.meta.url))
  const files = globSync('**/*.svelte', { cwd: root })
  expect(files.length).toBeGreaterThan(25)
  const found = files.flatMap((file) =>
    literalsOf(readFileSync(join(root, file), 'utf8'))
      .filter((text) => !notWords.some((one) => one.test(text)))
      .map((text) => `${file}: ${text}`),
  )
  expect(found).toEqual([])
})

test('that scan sees words in markup, in labels and in code', () => {
  expect(
    literalsOf(
      '<p class="soft small">{a} images</p><b aria-label="Close it">×</b><i title="x {`left over`}"></i><script>const a = "two words"</script>',
    ),
  ).toEqual(['images', 'Close it', 'left over', 'two words'])
})
