// Confusion matrices as numbers, and the state of looking at images, worked out without a page.
import { describe, expect, test } from 'vitest'
import type { ApiMethod } from '#contract/api.ts'
import { PalmError } from '#contract/errors.ts'
import type { SeenImage } from '#contract/runs/images.ts'
import type { LaneInfo, PreviewImage } from '#contract/tables/report.ts'
import { fitsStrip, isChanged, markOf } from '#renderer/lib/webcam/answers.ts'
import { countAt, gainOf, matrixOf, mostConfused, pairsOf, shownCells, valueOf } from '#renderer/lib/runs/confusion.ts'
import { rgbaOf } from '#renderer/lib/charts/pixels.ts'
import { ConfusionView, type Timing } from '#renderer/state/live/confusion.svelte.ts'
import { Explorer, Inspect, type Client } from '#renderer/state/live/inspect.svelte.ts'
import { allStrings } from '#renderer/lib/strings/all.ts'

const packed = (...triples: [number, number, number][]) =>
  btoa(String.fromCharCode(...new Uint8Array(Uint32Array.from(triples.flat()).buffer)))
const matrix = (classes: number, ...triples: [number, number, number][]) => {
  const images = triples.reduce((sum, [, , count]) => sum + count, 0)
  return matrixOf({
    classes,
    images,
    labelled: images,
    correct: triples.reduce((sum, [t, p, count]) => sum + (t === p ? count : 0), 0),
    cells: packed(...triples),
  })
}
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

describe('a matrix', () => {
  const own = matrix(3, [0, 0, 8], [0, 2, 2], [1, 1, 5], [2, 0, 3], [2, 2, 7])
  const other = matrix(3, [0, 0, 4], [0, 1, 6], [1, 1, 5], [2, 0, 1], [2, 2, 9])

  test('knows its cells, rows and values', () => {
    expect([countAt(own, 0, 2), countAt(own, 1, 2), countAt(own, 2, 2)]).toEqual([2, 0, 7])
    expect(Array.from(own.rows)).toEqual([10, 5, 10])
    expect([valueOf(own, null, 0, 2, 'count'), valueOf(own, null, 0, 2, 'share')]).toEqual([2, 0.2])
    expect(valueOf(matrix(3, [0, 0, 1]), null, 1, 1, 'share')).toBeNull()
  })

  test('against another: better is positive, on the diagonal and beside it', () => {
    expect([
      valueOf(own, other, 0, 0, 'count'),
      valueOf(own, other, 0, 1, 'count'),
      valueOf(own, other, 2, 0, 'count'),
      valueOf(own, other, 2, 2, 'count'),
    ]).toEqual([4, 6, -2, -2])
    expect(gainOf({ actual: 0, predicted: 1, count: 0, other: 6 })).toBe(6)
  })

  test('lists the most confused pairs, and of two lanes those that differ most', () => {
    expect(pairsOf(own, null, false, 10)).toEqual({
      total: 2,
      pairs: [
        { actual: 2, predicted: 0, count: 3, other: 0 },
        { actual: 0, predicted: 2, count: 2, other: 0 },
      ],
    })
    expect(pairsOf(own, null, true, 2)).toMatchObject({ total: 5, pairs: [{ count: 8 }, { count: 7 }] })
    expect(pairsOf(own, other, true, 10).pairs.map(({ actual, predicted }) => [actual, predicted])).toEqual([
      [0, 1],
      [0, 0],
      [0, 2],
      [2, 0],
      [2, 2],
    ])
    expect(
      pairsOf(
        matrix(9, ...Array.from({ length: 8 }, (_, i): [number, number, number] => [i, i + 1, 1])),
        null,
        false,
        3,
      ),
    ).toMatchObject({ total: 8, pairs: [{ actual: 0 }, { actual: 1 }, { actual: 2 }] })
  })

  test('shows the cells of the classes that are confused most', () => {
    const many = matrix(1000, [3, 3, 9], [3, 700, 5], [20, 21, 1], [700, 700, 2], [999, 3, 7])
    expect(mostConfused(many, null, 3)).toEqual([3, 700, 999])
    expect(mostConfused(many, null, 5)).toEqual([3, 20, 21, 700, 999])
    expect(mostConfused(many, null, 6)).toEqual([0, 3, 20, 21, 700, 999])
    expect(mostConfused(own, null, 15)).toEqual([0, 1, 2])
    const cells = shownCells(many, null, [3, 700, 999], 'count')
    expect(Array.from(cells.values, (value, i) => [cells.rows[i], cells.columns[i], value])).toEqual([
      [0, 0, 9],
      [0, 1, 5],
      [1, 1, 2],
      [2, 0, 7],
    ])
    expect([cells.most, shownCells(many, null, [3], 'share').most]).toEqual([9, 1])
  })

  test('of a thousand classes and a hundred thousand cells none is lost', () => {
    const triples = Array.from({ length: 100_000 }, (_, i): [number, number, number] => [
      Math.floor(i / 100),
      (i * 7) % 1000,
      1 + (i % 50),
    ]).sort((a, b) => a[0] - b[0] || a[1] - b[1])
    const flat = new Uint8Array(Uint32Array.from(triples.flat()).buffer)
    let text = ''
    for (let i = 0; i < flat.length; i += 3000) text += String.fromCharCode(...flat.subarray(i, i + 3000))
    const big = matrixOf({ classes: 1000, images: 0, labelled: 0, correct: 0, cells: btoa(text) })
    const begun = performance.now()
    const cells = shownCells(big, null, mostConfused(big, null, 1000), 'count')
    const shown = mostConfused(big, null, 30)
    console.log(`100,000 cells: ${(performance.now() - begun).toFixed(0)} ms`)
    expect(cells.values.length).toBe(100_000)
    expect(cells.values.reduce((sum, value) => sum + value, 0)).toBe(
      triples.reduce((sum, [, , count]) => sum + count, 0),
    )
    expect(shown).toHaveLength(30)
    expect(pairsOf(big, null, false, 200).pairs.every(({ count }) => count === 50)).toBe(true)
  })
})

test('raw pixels become opaque ones', () => {
  expect(Array.from(rgbaOf(btoa('\u0001\u0002\u0003\u00ff\u00fe\u00fd'), 2, 1))).toEqual([
    1, 2, 3, 255, 255, 254, 253, 255,
  ])
})

const guess = (label: number, confidence = 0.5) => ({ label, confidence })
const preview = (position: number, label: number | null, before: number, after: number | null): PreviewImage => ({
  step: 4,
  position,
  sample: 40 + position,
  id: `image ${position}`,
  label,
  width: 1,
  height: 1,
  clean: 'AAAA',
  corrupted: '////',
  predictions: { palm: { ...guess(before), top: [guess(before)], after: after === null ? null : [guess(after)] } },
})

test('marks and the strip’s filters: wrong by any lane, changed by the update', () => {
  expect([markOf(3, 3), markOf(3, 2), markOf(null, 2)]).toEqual(['✓', '✗', ''])
  const [right, wrong, mended, blind] = [
    preview(0, 1, 1, 1),
    preview(1, 1, 2, 2),
    preview(2, 1, 2, 1),
    preview(3, null, 2, null),
  ] as const
  const shown = (filter: 'all' | 'wrong' | 'changed') =>
    [right, wrong, mended, blind].filter((image) => fitsStrip(image, filter)).map(({ position }) => position)
  expect([shown('all'), shown('wrong'), shown('changed')]).toEqual([[0, 1, 2, 3], [1, 2], [2]])
  expect(isChanged(blind.predictions.palm!)).toBe(false)
})

/** Answers what it is told to, and writes down what was asked. */
function clientOf(answers: Partial<Record<ApiMethod, (request: never) => unknown>>): {
  client: Client
  asked: [ApiMethod, Record<string, unknown>][]
} {
  const asked: [ApiMethod, Record<string, unknown>][] = []
  const call = async (method: ApiMethod, request: unknown) => {
    asked.push([method, request as Record<string, unknown>])
    const answer = answers[method]
    if (!answer) throw new PalmError('input-unreadable', 'gone')
    return answer(request as never)
  }
  return { client: { call: call as Client['call'] }, asked }
}

describe('the matrix of a run', () => {
  function made() {
    let now = 0
    let waiting: { at: number; work: () => void }[] = []
    const timing: Timing = {
      now: () => now,
      later: (ms, work) => {
        const one = { at: now + ms, work }
        waiting.push(one)
        return () => (waiting = waiting.filter((other) => other !== one))
      },
    }
    const pass = async (ms: number) => {
      now += ms
      const due = waiting.filter(({ at }) => at <= now)
      waiting = waiting.filter(({ at }) => at > now)
      for (const { work } of due) work()
      await settle()
    }
    let images = 0
    const { client, asked } = clientOf({
      'runs.confusion': ({ lane, domain }: { lane: string; domain: number | null }) => ({
        lane,
        domain,
        classes: 2,
        images: ++images,
        labelled: images,
        correct: 0,
        coverage: { steps: 1, from: 0, to: 1, damaged: null },
        cells: packed([0, 1, images]),
      }),
    })
    return { view: new ConfusionView(7, () => 'palm', client, timing), asked, pass }
  }

  test('is fetched at once, then at most every one and a half seconds however often it is asked to', async () => {
    const { view, asked, pass } = made()
    view.refresh()
    view.refresh()
    await settle()
    expect(view.own?.images).toBe(1)
    for (let i = 0; i < 50; i++) view.refresh()
    await pass(1400)
    expect(asked).toHaveLength(1)
    await pass(200)
    expect(asked).toHaveLength(2)
    await pass(5000)
    expect(asked).toHaveLength(2)
    view.refresh()
    await settle()
    expect(asked).toHaveLength(3)
  })

  test('another choice is fetched at once, of both lanes; what came for the old one is dropped', async () => {
    const { view, asked } = made()
    view.refresh()
    view.choose({ versus: 'source', domain: 2 })
    expect(view.own).toBeNull()
    await settle()
    expect(asked.map(([, { lane, domain }]) => [lane, domain])).toEqual([
      ['palm', null],
      ['palm', 2],
      ['source', 2],
    ])
    expect([view.own?.images, view.other?.images]).toEqual([2, 3])
    view.choose({ lane: 'source' })
    await settle()
    expect(view.versus).toBeNull()
    expect(view.other).toBeNull()
  })

  test('a failure is told, and asked again later', async () => {
    const { client } = clientOf({})
    const view = new ConfusionView(7, () => 'palm', client)
    view.refresh()
    await settle()
    expect(view.error?.message).toBe('gone')
    view.close()
  })
})

describe('the images', () => {
  const seen = (position: number): SeenImage => ({
    step: 1,
    position,
    sample: position,
    id: `image ${position}`,
    domain: 0,
    label: 1,
    lanes: { palm: guess(0) },
    unread: ['tent'],
  })
  const answers = {
    'runs.images': ({ offset, limit, upTo }: { offset: number; limit: number; upTo: number | null }) => ({
      total: 130,
      upTo: upTo ?? 9,
      coverage: { steps: 9, from: 0, to: 9, damaged: null },
      images: Array.from({ length: Math.min(limit, 130 - offset) }, (_, i) => seen(offset + i)),
    }),
    'runs.pictures': ({ images, maxSide }: { images: { position: number }[]; maxSide: number | null }) => ({
      pictures: images.map(({ position }) =>
        position === 3
          ? { problem: 'broken' }
          : { width: maxSide ?? 500, height: maxSide ?? 500, clean: '', corrupted: `picture ${position}` },
      ),
    }),
  }

  test('come in pages of one list, their pictures a dozen at a time', async () => {
    const { client, asked } = clientOf(answers)
    const explorer = new Explorer(7, client, { lane: 'palm', result: 'wrong' })
    await settle()
    expect([explorer.found?.total, explorer.pages, explorer.pictures.size]).toEqual([130, 3, 60])
    expect(explorer.pictureOf(seen(3))).toEqual({ problem: 'broken' })
    expect(
      asked.filter(([method]) => method === 'runs.pictures').map(([, { images }]) => (images as unknown[]).length),
    ).toEqual([12, 12, 12, 12, 12])
    await explorer.turn(2)
    expect([explorer.page, explorer.found?.images.length]).toEqual([2, 10])
    expect(asked.findLast(([method]) => method === 'runs.images')?.[1]).toMatchObject({ upTo: 9, offset: 120 })
    await explorer.turn(9)
    expect(explorer.page).toBe(2)
    await explorer.search()
    expect(asked.findLast(([method]) => method === 'runs.images')?.[1]).toMatchObject({ upTo: null, offset: 0 })
  })

  test('a filter that compares goes with the second lane; an answer that comes too late is dropped', async () => {
    const { client } = clientOf(answers)
    const explorer = new Explorer(7, client, { lane: 'palm', versus: 'source', versusResult: 'right', differs: true })
    explorer.change({ versus: null })
    expect(explorer.filter).toMatchObject({ versus: null, versusResult: 'any', differs: false, predictedBy: 'lane' })
    explorer.close()
    await settle()
    expect(explorer.found).toBeNull()
  })

  test('where nothing fits the filters, all images are one step away, of the same method and in the same order', async () => {
    const { client } = clientOf(answers)
    const explorer = new Explorer(7, client, {
      lane: 'palm',
      result: 'wrong',
      domain: 3,
      actual: 1,
      confidence: [0.9, 1],
      sort: 'surest',
    })
    await settle()
    explorer.showAll()
    await settle()
    expect(explorer.filter).toMatchObject({ lane: 'palm', result: 'any', domain: null, actual: null, sort: 'surest' })
    expect(explorer.filter.confidence).toEqual([0, 1])
    expect(explorer.found?.total).toBe(130)
  })

  test('without pictures the list stands, and says why', async () => {
    const { client } = clientOf({ 'runs.images': answers['runs.images'] })
    const explorer = new Explorer(7, client, { lane: 'palm' })
    await settle()
    expect(explorer.found?.images).toHaveLength(60)
    expect(explorer.picturesError?.message).toBe('gone')
    expect(explorer.error).toBeNull()
  })

  test('one is enlarged, in full size where it can be had, and one goes on to the next', async () => {
    const { client } = clientOf(answers)
    const lane = { id: 'palm', label: 'PALM', method: 'palm', tensors: [] } satisfies LaneInfo
    const inspect = new Inspect(7, () => [lane], client)
    inspect.enlargePreview([preview(0, 1, 2, 1), preview(3, 1, 1, 1)], preview(0, 1, 2, 1))
    expect(inspect.enlarged).toBeNull() // it is none of them
    const images = [preview(0, 1, 2, 1), preview(3, 1, 1, null)] as const
    inspect.enlargePreview(images, images[0])
    expect(inspect.enlarged).toMatchObject({
      id: 'image 0',
      width: 1,
      corrupted: '////',
      predictions: [{ lane: 'palm', before: [guess(2)], after: [guess(1)] }],
    })
    await settle()
    expect(inspect.enlarged).toMatchObject({ id: 'image 0', width: 500, corrupted: 'picture 0' })
    expect([inspect.hasPrevious, inspect.hasNext]).toEqual([false, true])
    inspect.go(1)
    await settle()
    expect(inspect.enlarged).toMatchObject({ id: 'image 3', width: 1 }) // no picture of it: the small one stays
    inspect.go(1)
    expect(inspect.enlarged?.id).toBe('image 3')
    inspect.shrink()
    expect(inspect.enlarged).toBeNull()
  })

  test('of an enlarged one it is said which lane’s prediction is damaged, in its place among the lanes', async () => {
    const { client } = clientOf(answers)
    const lanes = ['source', 'tent', 'palm'].map((id) => ({ id, label: id, method: id, tensors: [] }))
    const inspect = new Inspect(7, () => lanes, client)
    inspect.explore({ lane: 'palm' })
    await settle()
    inspect.enlargeFound(inspect.explorer!.found!.images[0]!)
    expect(inspect.enlarged?.predictions).toEqual([
      { lane: 'tent', before: null, after: null },
      { lane: 'palm', before: [guess(0)], after: null },
    ])
  })

  test('a cell is opened with the matrix’ lane and domain; against another lane with what makes the difference', async () => {
    const { client } = clientOf({
      ...answers,
      'runs.confusion': () => ({
        lane: 'palm',
        domain: null,
        classes: 2,
        images: 0,
        labelled: 0,
        correct: 0,
        coverage: { steps: 0, from: null, to: 0, damaged: null },
        cells: '',
      }),
    })
    const inspect = new Inspect(
      7,
      () => [
        { id: 'source', label: 'Source', method: 'source', tensors: [] },
        { id: 'palm', label: 'PALM', method: 'palm', tensors: [] },
      ],
      client,
    )
    inspect.confusion.choose({ domain: 1 })
    inspect.exploreCell(0, 2)
    expect(inspect.explorer?.filter).toMatchObject({
      lane: 'palm',
      versus: null,
      domain: 1,
      actual: 0,
      predicted: 2,
      predictedBy: 'lane',
      differs: false,
    })
    inspect.confusion.choose({ versus: 'source' })
    inspect.exploreCell(0, 2)
    expect(inspect.explorer?.filter).toMatchObject({ versus: 'source', predictedBy: 'either', differs: true })
    inspect.closeExplorer()
    inspect.confusion.close()
  })
})

test('the German words are other words than the English ones', () => {
  expect(Object.keys(allStrings.de.inspect)).toEqual(Object.keys(allStrings.en.inspect))
  expect(allStrings.de.inspect.confusionTitle).toBe('Verwechslungen')
})
