// The layer map's pure parts: reduction, painting, rows, time, curves, network cards, the order of a table.
import { emptyGroupColumns, groupColumns, tensorGroups } from '#renderer/lib/layers/row-groups.ts'
import { describe, expect, test } from 'vitest'
import { LayerColumns } from '#contract/columns/layer-columns.ts'
import { blockLayout, blockValue } from '#renderer/lib/layers/block-layout.ts'
import { heat } from '#renderer/lib/charts/colours.ts'
import { histogramPath, historyCurve, stateStretches } from '#renderer/lib/curves/history-curve.ts'
import { frozenParts, paint, parts, tilePixels } from '#renderer/lib/layers/layer-paint.ts'
import { chosenTensors, layoutRows, readableHeight, rowAt, shortName } from '#renderer/lib/layers/layer-rows.ts'
import { positionOf } from '#renderer/lib/layers/layer-scale.ts'
import { levelFor, tilesOf, tileView } from '#renderer/lib/layers/layer-tiles.ts'
import { sortedRows, tensorRows } from '#renderer/lib/layers/tensor-order.ts'
import { showing, within, zoomed } from '#renderer/lib/charts/time-view.ts'

const values = (state: number, rate: number | null, change: number | null = null) => ({
  states: [state],
  scores: [1],
  importances: [Number.NaN],
  learningRates: [rate],
  changes: [change],
})

describe('the reduction of steps to columns', () => {
  test('means over the steps that have a value, the share that moved, the last state, and the range of all values above 0', () => {
    const columns = new LayerColumns({ from: 10, to: 16, columns: 2, tensors: 1 })
    expect(columns.add(10, values(2, 1))).toBe(0)
    expect(columns.add(11, values(1, 3, 0.5))).toBe(0)
    expect(columns.add(12, values(1, 0, 0))).toBe(0)
    expect(columns.add(15, values(0, null))).toBe(1)
    expect(columns.add(16, values(2, 9))).toBe(-1)
    expect(columns.add(11, { ...values(2, 9), states: [2, 2] })).toBe(-1)
    expect(Array.from(columns.steps)).toEqual([3, 1])
    expect(columns.means.learningRate[0]).toBeCloseTo(4 / 3)
    expect(columns.means.learningRate[1]).toBeNaN()
    expect(columns.means.importance[0]).toBeNaN()
    expect(columns.means.change[0]).toBeCloseTo(0.25)
    expect(columns.moved[0]).toBeCloseTo(2 / 3) // a rate of 0 is no move
    expect(columns.moved[1]).toBe(0)
    expect(Array.from(columns.states)).toEqual([1, 0])
    expect(columns.ranges.learningRate).toEqual({ least: 1, most: 3 })
    expect(columns.ranges.importance.least).toBe(Infinity)
  })

  test('going on from means gives what one pass over all steps gives', () => {
    const whole = new LayerColumns({ from: 0, to: 8, columns: 1, tensors: 1 })
    const first = new LayerColumns({ from: 0, to: 8, columns: 1, tensors: 1 })
    for (let step = 0; step < 8; step++) whole.add(step, values(step % 3, step))
    for (let step = 0; step < 5; step++) first.add(step, values(step % 3, step))
    const second = new LayerColumns({ from: 0, to: 8, columns: 1, tensors: 1 })
    second.steps.set(first.steps)
    second.moved.set(first.moved)
    second.means.learningRate.set(first.means.learningRate)
    second.resume()
    for (let step = 5; step < 8; step++) second.add(step, values(step % 3, step))
    expect(second.means.learningRate[0]).toBeCloseTo(whole.means.learningRate[0]!, 5)
    expect(second.moved[0]).toBeCloseTo(whole.moved[0]!, 5)
  })
})

describe('tiles', () => {
  test('the level is the least with which columns have pixels of their own', () => {
    expect(levelFor({ from: 0, to: 300 }, 300)).toBe(0)
    expect(levelFor({ from: 0, to: 301 }, 300)).toBe(1)
    expect(levelFor({ from: 0, to: 10_000 }, 1000)).toBe(4)
  })

  test('a view needs the tiles that it touches', () => {
    expect(tilesOf({ from: 0, to: 256 }, 0)).toEqual([{ level: 0, index: 0 }])
    expect(tilesOf({ from: 250, to: 1030 }, 1).map(({ index }) => index)).toEqual([0, 1, 2])
    expect(tileView({ level: 2, index: 3 })).toEqual({ from: 3072, to: 4096 })
  })
})

describe('painting', () => {
  const scale = { range: { least: 0.001, most: 1 }, logarithmic: true }

  test('values lie on the scale by their logarithm, or from 0 up', () => {
    expect([0.001, 1, 0.0316].map((value) => Math.round(100 * positionOf(value, scale)))).toEqual([0, 100, 50])
    expect(positionOf(0, scale)).toBeNaN()
    expect(positionOf(0.25, { ...scale, logarithmic: false })).toBe(0.25)
    expect(positionOf(1, { range: { least: Infinity, most: -Infinity }, logarithmic: true })).toBeNaN()
  })

  test('hatching fills as many quarters as the tensor stood still, none and all only where that is true of every step', () => {
    expect([0, 0.001, 0.4, 0.5, 0.999, 1].map(frozenParts)).toEqual([4, 3, 2, 2, 1, 0])
  })

  test('a moving tensor is coloured, a frozen one hatched; a change outlives freezing; nothing is painted where no step is', () => {
    const columns = new LayerColumns({ from: 0, to: 3, columns: 3, tensors: 1 })
    columns.add(0, values(2, 1, 1))
    columns.add(1, values(0, 0, 1))
    const pixels = tilePixels(columns)
    const at = (bytes: Uint8ClampedArray, column: number, part: number) =>
      Array.from(bytes.subarray(4 * (part * 3 + column), 4 * (part * 3 + column) + 4))
    paint(pixels, columns, 'learningRate', scale)
    expect(at(pixels.colour, 0, 0)).toEqual([...heat[255]!, 255])
    expect(at(pixels.frozen, 0, parts - 1)[3]).toBe(0)
    expect(at(pixels.colour, 1, 0)[3]).toBe(0)
    expect(at(pixels.frozen, 1, 0)[3]).toBe(255)
    expect([at(pixels.colour, 2, 0)[3], at(pixels.frozen, 2, 0)[3]]).toEqual([0, 0])
    paint(pixels, columns, 'change', scale)
    expect(at(pixels.colour, 1, 0)[3]).toBe(255)
    expect(at(pixels.frozen, 1, 0)[3]).toBe(255)
  })
})

describe('rows', () => {
  const tensors = Array.from({ length: 40 }, (_, i) => ({
    name: `layer${Math.floor(i / 4)}.conv${i % 4}.weight`,
    kind: i % 2 ? 'conv' : 'bn-weight',
    block: `layer${Math.floor(i / 4)}`,
    elements: 1,
  }))
  const all = tensors.map((_, i) => i)

  test('are never lower than can be read, unless all shall fit', () => {
    const readable = layoutRows(tensors, all, 200, false)
    expect(readable.rowHeight).toBe(readableHeight)
    expect(readable.height).toBeGreaterThan(200)
    expect(readable.groups).toHaveLength(10)
    const fitting = layoutRows(tensors, all, 200, true)
    expect(fitting.height).toBeLessThanOrEqual(200.001)
    expect(layoutRows(tensors, [], 200, true).height).toBe(0)
  })

  test('all fit as long as each has a line of pixels; more are put together by block, by what blocks share, by neighbours', () => {
    for (const room of [40, 57, 120, 500]) {
      const layout = layoutRows(tensors, all, room, true, tensorGroups(tensors, all, room))
      expect(layout.grouped).toBeNull()
      expect(layout.rows).toHaveLength(40)
      expect(layout.height).toBeLessThanOrEqual(room + 0.001)
      expect(layout.rowHeight).toBeGreaterThan(0.9)
    }
    const many = Array.from({ length: 1200 }, (_, i) => ({
      name: `stage${Math.floor(i / 300)}.${Math.floor(i / 10)}.t${i}`,
      kind: 'conv',
      block: `stage${Math.floor(i / 300)}.${Math.floor(i / 10)}`,
      elements: 1,
    }))
    const numbers = many.map((_, i) => i)
    for (const [room, rows, first] of [
      [600, 120, 'stage0.0'],
      [200, 4, 'stage0'],
      [6, 2, 'stage0 … stage1'],
    ] as const) {
      const groups = tensorGroups(many, numbers, room)
      expect(groups?.length).toBe(rows)
      expect(groups?.[0]?.label).toBe(first)
      expect(groups?.flatMap((one) => one.tensors)).toEqual(numbers)
      const layout = layoutRows(many, numbers, room, true, groups)
      expect(layout.height).toBeLessThanOrEqual(room + 0.001)
      expect(layout.rows.every((row) => rowAt(layout, row.y + 0.5)?.picture === row.picture)).toBe(true)
    }
    expect(tensorGroups(many, numbers, 1200)).toBeNull()
  })

  test('a row of several tensors is worth the mean of those that move, and is frozen by their parameters', () => {
    const columns = new LayerColumns({ from: 0, to: 2, columns: 2, tensors: 3 })
    const report = { importances: [1, 2, 3], changes: [0.1, 0.2, 0.6], scores: [4, 5, 9] }
    columns.add(0, { ...report, states: [2, 0, 2], learningRates: [0.5, 0, 1.5] })
    columns.add(1, { ...report, states: [0, 0, 1], learningRates: [0, 0, 0.25] })
    const groups = [
      { label: 'a', tensors: [0, 1] },
      { label: 'b', tensors: [2] },
    ]
    const sizes = [30, 10, 5].map((elements, i) => ({ name: String(i), kind: 'conv', block: '', elements }))
    const out = emptyGroupColumns(columns, groups)
    groupColumns(out, columns, groups, sizes)
    expect([...out.steps]).toEqual([1, 1])
    expect([...out.moved]).toEqual([0.75, 1, 0, 1])
    expect([...out.states]).toEqual([2, 2, 0, 1])
    expect([...out.means.learningRate]).toEqual([0.5, 1.5, Number.NaN, 0.25])
    expect([...out.means.score]).toEqual([4.5, 9, 4.5, 9])
    expect(out.means.change[0]).toBeCloseTo(0.15, 6)
  })

  test('are found by height, also across the gap between blocks', () => {
    const layout = layoutRows(tensors, all, 200, false)
    for (const row of layout.rows) expect(rowAt(layout, row.y + 3)?.tensor).toBe(row.tensor)
    expect(rowAt(layout, layout.height + 50)).toBeNull()
    expect(layout.rows[0]?.label).toBe('conv0.weight')
    expect(shortName({ name: 'conv1.weight', block: 'stem' })).toBe('conv1.weight')
  })

  test('are left by kind and name', () => {
    expect(chosenTensors(tensors, { kind: 'conv', name: 'LAYER9' })).toEqual([37, 39])
  })
})

describe('time', () => {
  const whole = { from: 0, to: 100 }
  test('zooming keeps the step under the pointer, and neither leaves the run nor goes nearer than can be seen', () => {
    expect(zoomed(whole, whole, 0.5, 20)).toEqual({ from: 10, to: 60 })
    expect(zoomed(whole, whole, 1e-6, 50)).toEqual({ from: 46, to: 54 })
    expect(zoomed({ from: 90, to: 100 }, whole, 1e6, 95)).toEqual(whole)
    expect(zoomed({ from: 0, to: 4 }, { from: 0, to: 4 }, 0.5, 1)).toEqual({ from: 0, to: 4 })
  })
  test('a step is brought into view with the least move', () => {
    expect(showing({ from: 20, to: 40 }, whole, 30)).toEqual({ from: 20, to: 40 })
    expect(showing({ from: 20, to: 40 }, whole, 50)).toEqual({ from: 33, to: 53 })
    expect(showing({ from: 20, to: 40 }, whole, 0)).toEqual({ from: 0, to: 20 })
    expect(within({ from: 95, to: 115 }, whole)).toEqual({ from: 80, to: 100 })
  })
})

describe('a tensor’s history', () => {
  test('is a curve from 0 with gaps, and a strip of stretches of one look', () => {
    const history = new LayerColumns({ from: 0, to: 6, columns: 6, tensors: 1 })
    for (const [step, state, rate] of [
      [0, 2, 1],
      [1, 2, 2],
      [3, 2, 4],
      [4, 0, 0],
    ] as const)
      history.add(step, values(state, rate))
    const curve = historyCurve(history, 'learningRate', 60, 42)
    expect(curve).toEqual({ path: 'M 5.0 31.0 L 15.0 21.0 M 35.0 1.0 L 45.0 41.0', most: 4, last: 0 })
    expect(historyCurve(history, 'importance', 60, 42).path).toBeNull()
    expect(stateStretches(history)).toEqual([
      { from: 0, to: 2, frozen: 0 },
      { from: 3, to: 4, frozen: 0 },
      { from: 4, to: 5, frozen: 1 },
    ])
  })
  test('and its values a histogram’s outline', () => {
    expect(histogramPath([1, 2], 2, 10, 10)).toBe('M 0 10 L 0.0 5.0 L 5.0 5.0 L 5.0 0.0 L 10.0 0.0 L 10 10 Z')
  })
})

describe('the network', () => {
  const tensors = [
    { name: 'a.w', kind: 'conv', block: 'a', elements: 30 },
    { name: 'b.w', kind: 'conv', block: 'b', elements: 10 },
    { name: 'x.w', kind: 'conv', block: 'meta.0', elements: 1 },
  ]
  const op = (...names: string[]) => ({ op: 'conv2d', tensors: names })
  const network = {
    blocks: [
      { name: 'a', ops: [op('a.w', 'a.mean')], more: 0 },
      { name: 'b', ops: [op('b.w')], more: 2 },
      { name: 'fc', ops: [], more: 0 },
    ],
    edges: [
      { from: 0, to: 1, skips: false },
      { from: 0, to: 1, skips: true },
    ],
  }

  test('has a card for each block, for those too that the method added, and edges round blocks apart from those into them', () => {
    const layout = blockLayout(network, tensors)
    expect(layout.cards.map(({ name, tensors: own, added }) => [name, own.length, added])).toEqual([
      ['a', 1, false],
      ['b', 1, false],
      ['fc', 0, false],
      ['meta.0', 1, true],
    ])
    expect(layout.cards[0]?.ops).toEqual([{ op: 'conv2d', tensors: [0] }])
    expect(layout.edges.map(({ skips }) => skips)).toEqual([false, true])
    expect(blockLayout(null, tensors)).toMatchObject({ connected: false, edges: [] })
    expect(blockLayout(null, tensors).cards.map(({ added }) => added)).toEqual([false, false, false])
  })

  test('a block is worth the mean of its tensors that move, and is frozen by its parameters', () => {
    const layers = {
      states: [0, 2, 2],
      scores: [5, 1, 1],
      importances: [null, null, null],
      learningRates: [0, 0.5, 0.25],
      changes: null,
    }
    expect(blockValue([0, 1], tensors, layers, 'learningRate')).toEqual({ mean: 0.5, frozen: 0.75 })
    expect(blockValue([0, 1], tensors, layers, 'score').mean).toBe(3)
    expect(blockValue([0, 1], tensors, layers, 'change').mean).toBeNaN()
    expect(blockValue([], tensors, layers, 'score').frozen).toBeNaN()
  })

  test('the table sorts by any column, what has no value last, network order within', () => {
    const layers = {
      states: [0, 2, 2],
      scores: [5, Number.NaN, 9],
      importances: [1, 1, 1],
      learningRates: [0, 0, 0],
      changes: null,
    }
    const rows = tensorRows(tensors, [0, 1, 2], layers)
    expect(sortedRows(rows, 'score', true).map(({ tensor }) => tensor)).toEqual([2, 0, 1])
    expect(sortedRows(rows, 'score', false).map(({ tensor }) => tensor)).toEqual([0, 2, 1])
    expect(sortedRows(rows, 'importance', true).map(({ tensor }) => tensor)).toEqual([0, 1, 2])
    expect(sortedRows(rows, 'name', true).map(({ tensor }) => tensor)).toEqual([2, 1, 0])
    expect(tensorRows(tensors, [0], null)[0]?.state).toBeNull()
  })
})
