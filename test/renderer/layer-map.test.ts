// The layer map worked out without a page: tiles that are fetched and live steps that are added, each step once; where view and cursor go; what filters leave.
import { describe, expect, test } from 'vitest'
import { LayerColumns, eachQuantity, type LayerValues } from '#contract/columns/layer-columns.ts'
import type { LayersAnswer, TensorsAnswer } from '#contract/columns/layers.ts'
import { layersAnswerSchema } from '#contract/columns/layers.ts'
import type { LayerReport, RunPlan, StepReport } from '#contract/tables/report.ts'
import { LayerMap } from '#renderer/state/live/layer-map.svelte.ts'
import type { LayerCalls } from '#renderer/state/live/tensor-details.svelte.ts'

const tensor = (name: string, kind: string, block: string) => ({ name, kind, block, elements: 4 })
const tensors = [
  tensor('conv1.weight', 'conv', 'stem'),
  tensor('bn1.bias', 'bn-bias', 'stem'),
  tensor('layer1.conv.weight', 'conv', 'layer1'),
]
const lane = (id: string, method: string, own = tensors) => ({ id, label: id, method, tensors: own })
const planOf = (totalSteps: number): RunPlan =>
  ({
    totalSteps,
    network: null,
    domains: [{ index: 0, name: 'fog 5', firstStep: 0, steps: totalSteps }],
    lanes: [lane('source', 'source', []), lane('tent', 'tent'), lane('palm', 'palm')],
  }) as unknown as RunPlan

/** What step `step` reports; tensor 1 stands still in odd steps. */
const layersOf = (step: number): LayerReport => ({
  states: [2, step % 2 === 0 ? 2 : 0, 2],
  scores: [step, 1, null],
  importances: [0.5, 0.5, 0.5],
  learningRates: [step + 1, step % 2 === 0 ? 1 : 0, 0.25],
  changes: [step / 100, 0, null],
})
const reportOf = (step: number, id = 'palm'): StepReport =>
  ({ lane: id, step, domain: 0, layers: layersOf(step) }) as unknown as StepReport

const text = (array: Float32Array | Uint8Array) =>
  btoa(String.fromCharCode(...new Uint8Array(array.buffer, array.byteOffset, array.byteLength)))
function answerOf(columns: LayerColumns, until: number, damaged: LayersAnswer['damaged'] = null): LayersAnswer {
  return layersAnswerSchema.parse({
    from: columns.from,
    to: columns.to,
    columns: columns.columns,
    tensors: columns.tensors,
    until,
    damaged,
    steps: text(columns.steps),
    moved: text(columns.moved),
    states: text(columns.states),
    means: eachQuantity((q) => text(columns.means[q])),
    ranges: eachQuantity((q) => (columns.ranges[q].least <= columns.ranges[q].most ? columns.ranges[q] : null)),
  })
}

/** A program that has so many steps written down; answers wait until they are let go. */
function program(written: () => number) {
  const asked: { from: number; to: number; columns: number; lane: string; tensor: number | null }[] = []
  const waiting: (() => void)[] = []
  let failing = false
  let damaged: LayersAnswer['damaged'] = null
  let state: number | null = null
  let reads = 0
  const calls: LayerCalls = {
    layers: (request) => {
      const { from, to, columns, lane: id, tensor: only = null } = request
      asked.push({ from, to, columns, lane: id, tensor: only })
      const until = written()
      const reduced = new LayerColumns({ from, to, columns, tensors: only === null ? 3 : 1 })
      for (let step = from; step < Math.min(to, until); step++) {
        const all = layersOf(step)
        const values: LayerValues =
          only === null
            ? all
            : {
                states: [all.states[only]!],
                scores: [all.scores[only]!],
                importances: [all.importances[only]!],
                learningRates: [all.learningRates[only]!],
                changes: [all.changes![only]!],
              }
        reduced.add(step, values)
      }
      return new Promise((resolve, reject) =>
        waiting.push(() =>
          failing ? reject(new Error('the disk is gone')) : resolve(answerOf(reduced, until, damaged)),
        ),
      )
    },
    tensors: (): Promise<TensorsAnswer> => {
      reads += 1
      return Promise.resolve({ step: state, checkpoint: null, tensors: [] })
    },
  }
  const answer = async () => {
    for (const go of waiting.splice(0)) go()
    await new Promise(setImmediate)
  }
  return {
    calls,
    asked,
    answer,
    fail: (now: boolean) => (failing = now),
    damage: (now: LayersAnswer['damaged']) => (damaged = now),
    write: (step: number) => (state = step),
    reads: () => reads,
  }
}

function opened(total: number, written: () => number) {
  const host = program(written)
  const map = new LayerMap(7, host.calls, (work) => work())
  map.begin({ plan: planOf(total), progress: { step: written() } as never, checkpoints: [] })
  map.pixels = 300
  return { map, ...host }
}

describe('the layer map', () => {
  test('asks for what is in view in tiles of 256 columns, once, and never for more columns than pixels', async () => {
    const { map, asked, answer } = opened(10_000, () => 10_000)
    map.fetch()
    map.fetch()
    // 10,000 steps on 300 pixels: 64 steps a column, one tile of 16,384 steps.
    expect(asked).toEqual([{ from: 0, to: 16_384, columns: 256, lane: 'palm', tensor: null }])
    await answer()
    map.fetch()
    expect(asked).toHaveLength(1)
    map.zoom(1 / 64, 5000)
    map.fetch()
    expect(asked.slice(1).every(({ from, to, columns }) => to - from === columns)).toBe(true)
    expect(asked.at(1)!.from).toBeLessThanOrEqual(map.view.from)
    expect(asked.at(-1)!.to).toBeGreaterThanOrEqual(map.view.to)
  })

  test('each step goes in once: what the answer holds already, and what came while it was on its way', async () => {
    let written = 20
    const { map, answer } = opened(100, () => written)
    map.fetch() // the program has steps 0 to 19
    written = 22
    map.push([reportOf(19)]) // told of late: the answer has it
    map.push([reportOf(20)])
    map.push([reportOf(21)])
    await answer()
    map.push([reportOf(22)])
    const steps = map.tiles[0]!.columns.steps
    expect(Array.from(steps.subarray(0, 24))).toEqual([...Array.from({ length: 23 }, () => 1), 0])
    expect(map.newest).toBe(22)
    expect(map.valuesAt(21)?.learningRates[0]).toBe(22)
  })

  test('steps that all lie ahead are not asked for: they come by themselves', async () => {
    const { map, asked, answer } = opened(1000, () => 300)
    map.zoom(0.25, 299)
    map.fetch()
    await answer()
    const before = asked.length
    map.setFollow(true)
    for (let step = 300; step < 520; step++) {
      map.push([reportOf(step)])
      map.fetch()
    }
    expect(asked.length).toBe(before)
    expect(map.valuesAt(519)?.scores[0]).toBe(519)
    map.goTo(514)
    expect(map.valuesAt(514)?.scores[0]).toBe(514)
  })

  test('the colour scale has the least and the most of all that came, above 0, and widens with live steps', async () => {
    const { map, answer } = opened(1000, () => 10)
    map.fetch()
    await answer()
    expect(map.scale.range).toEqual({ least: 0.25, most: 10 })
    map.push([reportOf(10)])
    expect(map.scale.range.most).toBe(11)
    map.quantity = 'change'
    expect(map.scale.range).toEqual({
      least: Math.fround(0.01) === 0.01 ? 0.01 : expect.closeTo(0.01),
      most: expect.closeTo(0.1),
    })
  })

  test('the cursor follows the newest step until it is moved, and again when asked to', () => {
    const { map } = opened(100, () => 50)
    expect(map.step).toBe(49)
    map.push([reportOf(50)])
    expect(map.step).toBe(50)
    map.move(-1)
    expect([map.follow, map.step]).toEqual([false, 49])
    map.push([reportOf(51)])
    expect(map.step).toBe(49)
    map.goTo(1e9)
    expect(map.step).toBe(51)
    map.goTo(3)
    map.setFollow(true)
    expect(map.step).toBe(51)
  })

  test('zoomed in, following keeps the newest step at the right edge; panning stops it and stays within the run', () => {
    const { map } = opened(1000, () => 500)
    map.zoom(0.1)
    expect(map.view).toEqual({ from: 400, to: 500 })
    map.push([reportOf(500)])
    expect(map.view.to).toBe(501)
    map.pan(-50)
    expect(map.follow).toBe(false)
    expect(map.view).toEqual({ from: 351, to: 451 })
    map.push([reportOf(501)])
    expect(map.view.from).toBe(351)
    map.pan(-10_000)
    expect(map.view.from).toBe(0)
    map.goTo(480)
    expect(map.view.to).toBeGreaterThan(480)
    map.showAll()
    expect(map.view).toEqual({ from: 0, to: 1000 })
  })

  test('filters leave tensors by kind and by part of a name or block; the keys go through these alone', () => {
    const { map } = opened(10, () => 5)
    expect(map.kinds).toEqual(['conv', 'bn-bias'])
    map.kind = 'conv'
    expect(map.chosen).toEqual([0, 2])
    map.moveTensor(1)
    expect(map.tensor).toBe(0)
    map.moveTensor(1)
    expect(map.tensor).toBe(2)
    map.name = ' LAYER1 '
    expect(map.chosen).toEqual([2])
    map.name = 'nothing'
    map.moveTensor(1)
    expect(map.tensor).toBe(2)
  })

  test('where a column holds several steps, the step’s own values are asked for, of many in a row only the last', async () => {
    const { map, asked, answer } = opened(10_000, () => 10_000)
    map.fetch()
    await answer()
    expect(map.valuesAt(700)).toBeNull()
    expect(map.nearlyAt(700)).toMatchObject({ from: 640, to: 704 })
    expect(map.nearlyAt(700)?.values.learningRates[0]).toBeCloseTo(672.5)
    for (const step of [700, 701, 702, 703]) map.want(step)
    await answer()
    await answer()
    expect(asked.slice(1).map(({ from }) => from)).toEqual([700, 703])
    expect(map.valuesAt(703)?.learningRates[0]).toBe(704)
    expect(map.nearlyAt(703)).toMatchObject({ from: 703, to: 704 })
  })

  test('a failure is said, is not tried again by itself, and is tried again when asked to', async () => {
    const { map, asked, answer, fail } = opened(100, () => 50)
    fail(true)
    map.fetch()
    await answer()
    expect(map.failure?.message).toContain('the disk is gone')
    map.fetch()
    expect(asked).toHaveLength(1)
    fail(false)
    map.retry()
    map.fetch()
    await answer()
    expect(map.failure).toBeNull()
    expect(map.tiles).toHaveLength(1)
  })

  test('another lane has tiles of its own, and one lane’s answer does not land in another’s map', async () => {
    const { map, asked, answer } = opened(100, () => 50)
    map.fetch()
    map.chooseLane('tent')
    map.fetch()
    await answer()
    expect(asked.map((one) => one.lane)).toEqual(['palm', 'tent'])
    expect(map.tiles).toHaveLength(1)
    map.chooseLane('palm')
    expect(map.tiles).toHaveLength(0)
  })

  test('a run without an end shows its last 120 steps and moves on with them', () => {
    const host = program(() => 0)
    const map = new LayerMap(7, host.calls, (work) => work())
    map.begin({ plan: planOf(0), progress: null, checkpoints: [] }, true)
    for (let step = 0; step < 200; step++) map.push([reportOf(step)])
    expect(map.view).toEqual({ from: 80, to: 200 })
  })

  test('a tensor’s history is fetched for itself, and live steps go on with it', async () => {
    const { map, asked, answer } = opened(100, () => 50)
    map.open(1)
    const { details } = map
    map.push([reportOf(50)])
    await answer()
    map.push([reportOf(51)])
    expect(asked).toEqual([{ from: 0, to: 100, columns: 100, lane: 'palm', tensor: 1 }])
    expect(Array.from(details!.history!.steps.subarray(48, 53))).toEqual([1, 1, 1, 1, 0])
    expect(Array.from(details!.history!.moved.subarray(48, 52))).toEqual([1, 0, 1, 0])
    expect(details!.answer?.step).toBeNull()
    map.close()
    expect(map.details).toBeNull()
  })

  test('a gap of a tensor’s history is told where a stored report cannot be read, and not of the next one', async () => {
    const { map, answer, damage } = opened(100, () => 50)
    damage({ steps: 2, first: 7 })
    map.open(1)
    expect(map.details?.damaged).toBeNull() // not known yet
    await answer()
    expect(map.details?.damaged).toBe(7)
    damage(null)
    map.open(2)
    await answer()
    expect(map.details?.damaged).toBeNull()
  })

  test('a tensor that was opened before anything was written down is compared as soon as something is', async () => {
    const { map, answer, write, reads } = opened(100, () => 5)
    map.open(1)
    await answer()
    expect([map.details?.answer?.step, reads()]).toEqual([null, 1])
    for (let step = 5; step < 15; step++) map.push([reportOf(step)]) // at once, then not before ten steps
    await answer()
    expect([map.details?.answer?.step, reads()]).toEqual([null, 2])
    write(15)
    map.push([reportOf(15)])
    await answer()
    expect([map.details?.answer?.step, reads()]).toEqual([15, 3])
    for (let step = 16; step < 60; step++) map.push([reportOf(step)])
    map.addCheckpoint({ id: 1, lane: 'palm', step: 59, domain: 0, sizeBytes: 1, createdAt: 0 })
    await answer()
    expect(reads()).toBe(3)
  })

  test('the first checkpoint of its lane is looked at when it is written, another lane’s is not', async () => {
    const { map, answer, write, reads } = opened(100, () => 5)
    map.open(1)
    await answer()
    write(9)
    map.addCheckpoint({ id: 1, lane: 'tent', step: 9, domain: 0, sizeBytes: 1, createdAt: 0 })
    expect(reads()).toBe(1)
    map.addCheckpoint({ id: 2, lane: 'palm', step: 9, domain: 0, sizeBytes: 1, createdAt: 0 })
    await answer()
    expect([map.details?.answer?.step, reads()]).toEqual([9, 2])
  })
})
