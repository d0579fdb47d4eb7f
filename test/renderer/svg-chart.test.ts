// Pictures as SVG text: well formed whatever the labels, with title, axes, legend and what they are of.
import { expect, test } from 'vitest'
import { domainsTable, layersPicture, optionPicture, streamPicture } from '#renderer/lib/charts/chart-pictures.ts'
import { fileName, type PicturePart } from '#renderer/lib/charts/picture.ts'
import { svgChart } from '#renderer/lib/charts/svg/svg-chart.ts'
import { escaped, wrapped } from '#renderer/lib/charts/svg/svg-text.ts'

const about = ['Run 3: Night bus. EuroSAT sample / ResNet-20; continual, batch 100, all images, seed 0.']
const drawn = (part: PicturePart, theme?: 'light' | 'dark') => svgChart({ about, ...part }, theme)

/** Every tag is closed by its own, attributes are quoted, and there is no bare < or &: enough of a parser for what we write. */
function problemsOf(svg: string): string[] {
  const open: string[] = []
  const problems: string[] = []
  let at = 0
  while (at < svg.length) {
    const from = svg.indexOf('<', at)
    const between = svg.slice(at, from < 0 ? undefined : from)
    if (/&(?!#\d+;|amp;|lt;|gt;)/.test(between) || between.includes('>')) problems.push(`text ${between}`)
    if (from < 0) break
    const tag = /^<(\/?)([a-zA-Z]+)((?:\s[\w:-]+="[^"<]*")*)\s*(\/?)>/.exec(svg.slice(from))
    if (!tag) return [...problems, `tag ${svg.slice(from, from + 80)}`]
    const [whole, closing, name = '', , alone] = tag
    if (closing === '/') {
      if (open.pop() !== name) problems.push(`closes ${name}`)
    } else if (alone === '') open.push(name)
    at = from + whole.length
  }
  return [...problems, ...open.map((name) => `open ${name}`)]
}
const textsOf = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) =>
    text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))),
  )

const lines: PicturePart = {
  kind: 'lines',
  title: 'Accuracy <b> & "more"',
  x: { label: 'steps' },
  y: { label: 'accuracy, %', range: [0, 100] },
  lines: [
    { label: 'PALM & <Source> "x"', index: 1, xs: [1, 2, 3, 4], ys: [10, Number.NaN, 30, 40] },
    { label: 'raw', index: 1, faint: true, xs: [1, 2], ys: [5, 6] },
  ],
  bands: [
    { from: 0, to: 2, label: 'fog' },
    { from: 2, to: 4, label: 'snow' },
  ],
  marks: [{ x: 3, index: 1 }],
}

test('labels cannot break out of the file, whatever is in them', () => {
  expect(escaped('<a href="x">&\u0000\ud800\'')).toBe('&#60;a href=&#34;x&#34;&#62;&#38;\ufffd&#39;')
  const { text } = drawn(lines)
  expect(problemsOf(text)).toEqual([])
  expect(text).not.toContain('<b>')
  expect(textsOf(text)).toContain('PALM & <Source> "x"')
})

test('lines have title, both axes with units, a legend without the pale lines, the domains and what they are of; gaps stay gaps', () => {
  const { text, width, height } = drawn(lines)
  const texts = textsOf(text)
  for (const wanted of ['Accuracy <b> & "more"', 'steps', 'accuracy, %', 'fog', 'snow', ...about])
    expect(texts).toContain(wanted)
  expect(texts).not.toContain('raw')
  expect(text.match(/<path d="M[^"]*" fill="none"[^>]*stroke-width="1.8"/)?.[0].match(/M/g)).toHaveLength(2)
  expect(text).toContain(`viewBox="0 0 ${width} ${height}"`)
  expect(text).toContain('fill="#ffffff"')
  expect(drawn(lines, 'dark').text).toContain('fill="#191e26"')
})

test('a matrix hatches what is null, says its scale, and puts columns together when there are thousands', () => {
  const matrix = (columns: number): PicturePart => ({
    kind: 'matrix',
    title: 'Layers',
    rows: ['conv1.weight', 'bn1.bias'],
    columns: Array.from({ length: columns }, (_, i) => `${i + 1}`),
    value: (row, column) => (row === 1 ? null : 1e-4 * (column + 1)),
    x: 'step',
    y: 'tensor',
    quantity: 'learning rate',
    hatched: 'frozen',
    scale: 'log',
  })
  const small = drawn(matrix(5)).text
  expect(problemsOf(small)).toEqual([])
  expect(textsOf(small)).toEqual(expect.arrayContaining(['conv1.weight', 'bn1.bias', 'step', 'tensor', 'frozen']))
  expect(textsOf(small).some((text) => /0\.0001|1\.0e-4.*learning rate \(log\)/.test(text))).toBe(true)
  expect(small).toContain('fill="url(#hatched)"')
  const large = drawn(matrix(10_000))
  expect(large.text.length).toBeLessThan(200_000)
  expect(large.width).toBeLessThan(1400)
})

test('bars and tables are well formed too, with the best marked by more than its weight', () => {
  const bars = drawn({
    kind: 'bars',
    title: 'Predictions',
    groups: [
      { label: 'Forest', values: [10, 0] },
      { label: 'River', values: [3, 4] },
    ],
    series: ['Source', 'PALM'],
    unit: 'images',
  }).text
  expect(problemsOf(bars)).toEqual([])
  expect(textsOf(bars)).toEqual(expect.arrayContaining(['Forest', 'River', 'Source', 'PALM', 'images', '10']))
  const lanes = [
    { id: 'source', label: 'Source', method: 'source', tensors: [] },
    { id: 'palm', label: 'PALM', method: 'palm', tensors: [] },
  ]
  const table = domainsTable({
    title: 'Error per domain, %',
    lanes,
    rows: [{ name: 'gaussian_noise 5', errors: { source: 50, palm: 25.04 } }],
    means: { source: 50, palm: 25.04 },
    measure: 'accuracy',
  })
  const text = drawn({ kind: 'table', title: table.title, table }).text
  expect(problemsOf(text)).toEqual([])
  expect(textsOf(text)).toEqual(expect.arrayContaining(['gaussian noise 5', '25.0 •', '50.0']))
  expect(table.rows[0]?.cells[1]).toEqual({ text: '25.0', best: true, exact: '25.04' })
})

test('the charts of a run and of a sweep are pictures: stream, layers, option', () => {
  const stream = drawn(
    streamPicture({
      title: 'Accuracy over the stream',
      unit: 'Accuracy, %',
      xs: [1, 2, 3, 4],
      xRange: [0.5, 4.5],
      yRange: [0, 100],
      windowBatches: 5,
      marks: [{ x: 3, index: 0 }],
      domains: [{ index: 0, name: 'fog 5', corruption: 'fog', severity: 5, images: 40, steps: 4, firstStep: 0 }],
      lines: [{ label: 'PALM', index: 0, raw: [0, 10, 20, 30], smooth: [0, 9, 18, 27] }],
    }),
  ).text
  expect(problemsOf(stream)).toEqual([])
  expect(textsOf(stream)).toEqual(expect.arrayContaining(['Accuracy, %', 'PALM', 'fog 5']))
  const values = {
    states: [2, 0, 1],
    scores: [1, 2, 3],
    importances: [1, 1, 1],
    learningRates: [1e-3, 1e-3, 0],
    changes: null,
  }
  const parts = {
    title: 'Layer map: PALM',
    scale: { range: { least: 1e-3, most: 1e-3 }, logarithmic: true },
    tensors: ['a', 'b', 'c'].map((name) => ({ name, kind: 'conv', block: 'x', elements: 1 })),
    view: { from: 4, to: 6 },
    valuesAt: (step: number) => (step === 4 ? values : null),
  }
  const cells = (picture: PicturePart) =>
    picture.kind === 'matrix'
      ? picture.rows.map((_, row) => picture.columns.map((_, column) => picture.value(row, column)))
      : []
  const rates = layersPicture({ ...parts, quantity: 'learningRate', chosen: [0, 1, 2] })
  expect(cells(rates)).toEqual([
    [1e-3, null],
    [null, null],
    [null, null],
  ])
  expect(rates.kind === 'matrix' ? [rates.rows, rates.columns] : []).toEqual([
    ['a', 'b', 'c'],
    ['5', '6'],
  ])
  expect(cells(layersPicture({ ...parts, quantity: 'score', chosen: [2, 1] }))).toEqual([
    [3, null],
    [2, null],
  ])
  const option = drawn(
    optionPicture(
      {
        method: 'PALM',
        option: 'kappa',
        points: [
          { value: 1e-5, mean: 25, deviation: 1 },
          { value: 1e-3, mean: 24, deviation: null },
        ],
      },
      0,
    ),
  ).text
  expect(problemsOf(option)).toEqual([])
  expect(textsOf(option)).toEqual(expect.arrayContaining(['kappa', 'mean error, %']))
})

test('long lines are cut at spaces, longer words inside; file names hold letters and digits only', () => {
  expect(wrapped('one two three', 10, 60)).toEqual(['one two', 'three'])
  expect(wrapped('x'.repeat(30), 10, 60).length).toBeGreaterThan(2)
  expect(fileName('Error per domain, %: "PALM"/é')).toBe('error-per-domain-palm-e')
  expect(fileName('…')).toBe('picture')
})
