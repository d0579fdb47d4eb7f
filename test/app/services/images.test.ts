// Sums and filters over stored predictions, over a real store: incremental, paged, ordered, as CSV.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ImageService } from '#app/services/runs/images.ts'
import { orderOf } from '#app/services/runs/image-filter.ts'
import { imageFilterSchema, type ImageFilterInput } from '#contract/runs/images.ts'
import type { RunPlan } from '#contract/tables/report.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { openDatabase } from '#store/open-database.ts'
import { openStore, type Store } from '#store/store.ts'

const options = runOptionsSchema.parse({
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  lanes: [
    { id: 'source', label: 'Source', options: { method: 'source' } },
    { id: 'palm', label: 'PALM', options: { method: 'palm' } },
  ],
})
const domain = (index: number) => ({
  index,
  name: `fog ${index + 1}`,
  corruption: 'fog' as const,
  severity: 5 as const,
  images: 8,
  steps: 2,
  firstStep: 2 * index,
})
const plan: RunPlan = {
  domains: [domain(0), domain(1)],
  totalSteps: 4,
  totalImages: 16,
  family: 'cifar',
  inputName: 'x',
  inputHash: 'h',
  sourceHash: null,
  look: null,
  cleanCheck: null,
  network: null,
  versions: {},
  model: {
    name: 'm',
    path: null,
    hash: '',
    architecture: '',
    parameters: 0,
    classes: 3,
    classNames: ['cat', 'dog', 'a "bird", small'],
    normalization: { mean: [], std: [] },
    inputSize: { width: 8, height: 8 },
  },
  lanes: [
    { id: 'source', label: 'Source', method: 'source', tensors: [] },
    { id: 'palm', label: 'PALM', method: 'palm', tensors: [] },
  ],
}
let folder: string
let store: Store
let run: number
let images: ImageService

/** Image i of step s is sample 4 * (s % 2) + i, its class i % 3, and the last has no label; Source says 0, PALM the class but of image 1. */
function addStep(step: number, palm = [0, 2, 2, 0]): void {
  const samples = [0, 1, 2, 3].map((i) => 4 * (step % 2) + i)
  store.predictions.insert(
    run,
    { step, domain: Math.floor(step / 2), samples, labels: [0, 1, 2, -1], positions: [0, 1, 2, 3] },
    samples.map((sample) => `file ${sample}.png`),
    [
      { lane: 'source', classes: [0, 0, 0, 0], confidences: [0.9, 0.8, 0.7, 0.6] },
      { lane: 'palm', classes: palm, confidences: [0.5 + step / 100, 0.4, 0.99, 0.2] },
    ],
  )
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-images-'))
  store = openStore(join(folder, 'palm.sqlite'))
  run = store.runs.createRun(options, 1)
  images = new ImageService(store, () => Promise.reject(new Error('no pictures here')))
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

const triples = (cells: string) => {
  const flat = new Uint32Array(Uint8Array.from(Buffer.from(cells, 'base64')).buffer)
  return Array.from({ length: flat.length / 3 }, (_, i) => Array.from(flat.slice(3 * i, 3 * i + 3)))
}
const find = (filter: ImageFilterInput, rest: { upTo?: number | null; offset?: number; limit?: number } = {}) =>
  images.images({ run, filter: imageFilterSchema.parse(filter), upTo: null, offset: 0, limit: 100, ...rest })
const places = async (filter: ImageFilterInput) =>
  (await find(filter)).images.map(({ step, position }) => `${step}.${position}`)

/** As a disk may leave them. */
const spoil = (sql: string) => {
  const db = openDatabase(join(folder, 'palm.sqlite'))
  expect(db.prepare(sql).run().changes).toBe(1)
  db.close()
}

describe('damaged predictions', () => {
  beforeEach(() => {
    store.runs.setPlan(run, plan)
    for (const step of [0, 1, 2, 3]) addStep(step)
  })
  const kept = async (lane: string) => {
    const { images: count, labelled, correct, coverage } = await images.confusion({ run, lane, domain: null })
    return { count, labelled, correct, damaged: coverage.damaged }
  }

  test('of a lane keep no other step and no other lane from being counted, and are said', async () => {
    expect(await kept('palm')).toEqual({ count: 16, labelled: 12, correct: 8, damaged: null })
    spoil(`UPDATE predictions SET classes = x'010203040506' WHERE lane = 'palm' AND step = 1`)
    images = new ImageService(store, () => Promise.reject(new Error('no pictures here')))
    expect(await kept('palm')).toEqual({ count: 12, labelled: 9, correct: 6, damaged: { steps: 1, first: 1 } })
    expect(await kept('palm')).toMatchObject({ count: 12, damaged: { steps: 1, first: 1 } }) // counted once
    expect(await kept('source')).toEqual({ count: 16, labelled: 12, correct: 4, damaged: null })
    const found = await find({ lane: 'palm' })
    expect([found.total, found.coverage.damaged]).toEqual([12, { steps: 1, first: 1 }])
    const others = await find({ lane: 'source' })
    expect([others.total, others.coverage.damaged]).toEqual([16, null])
    expect(others.images.filter(({ step }) => step === 1).map(({ lanes }) => Object.keys(lanes))).toEqual(
      [1, 2, 3, 4].map(() => ['source']),
    )
    // Beside the filter's lane the images of the step say which lane is missing.
    expect(others.images.map(({ step, unread }) => [step, unread])).toEqual(
      others.images.map(({ step }) => [step, step === 1 ? ['palm'] : []]),
    )
  })

  test('of which images they were take their step out, for every lane', async () => {
    spoil(`UPDATE step_images SET labels = x'00' WHERE step = 2`)
    for (const lane of ['palm', 'source'])
      expect(await kept(lane)).toMatchObject({ count: 12, damaged: { steps: 1, first: 2 } })
    expect(await find({ lane: 'palm' })).toMatchObject({ total: 12, coverage: { damaged: { steps: 1, first: 2 } } })
  })

  test('that name a class that the model does not have are in no cell', async () => {
    spoil(`UPDATE predictions SET classes = x'00020009' WHERE lane = 'palm' AND step = 0`)
    expect(await kept('palm')).toMatchObject({ count: 12, damaged: { steps: 1, first: 0 } })
    expect((await find({ lane: 'source' })).images[0]).toMatchObject({ step: 0, unread: ['palm'] })
    spoil(`UPDATE step_images SET labels = x'09010200' WHERE step = 3`)
    expect(await kept('source')).toMatchObject({ count: 12, damaged: { steps: 1, first: 3 } })
    const { cells } = await images.confusion({ run, lane: 'source', domain: null })
    expect(triples(cells).every(([actual = 9]) => actual < 3)).toBe(true)
  })
})

describe('a confusion matrix', () => {
  test('goes on from where it was, and begins anew where the run was taken back', async () => {
    store.runs.setPlan(run, plan)
    addStep(0)
    expect(await images.confusion({ run, lane: 'palm', domain: null })).toMatchObject({
      images: 4,
      labelled: 3,
      correct: 2,
      coverage: { steps: 1, from: 0, to: 1, damaged: null },
    })
    addStep(1)
    const two = await images.confusion({ run, lane: 'palm', domain: null })
    expect(triples(two.cells)).toEqual([
      [0, 0, 2],
      [1, 2, 2],
      [2, 2, 2],
    ])
    addStep(2)
    expect(await images.confusion({ run, lane: 'palm', domain: 1 })).toMatchObject({ images: 4, labelled: 3 })
    expect(await images.confusion({ run, lane: 'palm', domain: null })).toMatchObject({ images: 12 })
    store.runs.setDeleted(run, 1)
    store.runs.purge(2)
    run = store.runs.createRun(options, 1)
    store.runs.setPlan(run, plan)
    for (const step of [0, 1, 2]) addStep(step, [1, 1, 1, 1])
    expect(triples((await images.confusion({ run, lane: 'palm', domain: null })).cells)).toEqual([
      [0, 1, 3],
      [1, 1, 3],
      [2, 1, 3],
    ])
  })

  test('many steps are summed in stretches, two lanes asked at once', async () => {
    store.runs.setPlan(run, plan)
    store.transaction(() =>
      Array.from({ length: 300 }, (_, step) =>
        store.predictions.insert(
          run,
          { step, domain: 0, samples: [0], labels: [step % 3], positions: [0] },
          ['a'],
          [
            { lane: 'palm', classes: [0], confidences: [1] },
            { lane: 'source', classes: [step % 3], confidences: [1] },
          ],
        ),
      ),
    )
    const [palm, source] = await Promise.all([
      images.confusion({ run, lane: 'palm', domain: null }),
      images.confusion({ run, lane: 'source', domain: null }),
    ])
    expect([palm.images, palm.correct, source.correct]).toEqual([300, 100, 300])
  })

  test('refuses lanes and domains that there are not, and a run that has no plan yet', async () => {
    await expect(images.confusion({ run, lane: 'palm', domain: null })).rejects.toThrow('not opened its input')
    store.runs.setPlan(run, plan)
    await expect(images.confusion({ run, lane: 'tent', domain: null })).rejects.toThrow('no lane tent')
    await expect(images.confusion({ run, lane: 'palm', domain: 7 })).rejects.toThrow('no domain 7')
    expect(await images.confusion({ run, lane: 'palm', domain: null })).toMatchObject({
      images: 0,
      cells: '',
      coverage: { steps: 0, from: null, to: 0, damaged: null },
    })
  })
})

describe('images', () => {
  beforeEach(() => {
    store.runs.setPlan(run, plan)
    for (const step of [0, 1, 2, 3]) addStep(step)
  })

  test('by result, of one lane and of two, by cell, by domain and by confidence', async () => {
    expect(await places({ lane: 'palm', result: 'wrong' })).toEqual(['0.1', '1.1', '2.1', '3.1'])
    expect(await places({ lane: 'palm', result: 'wrong', domain: 1 })).toEqual(['2.1', '3.1'])
    expect(await places({ lane: 'source', result: 'wrong', versus: 'palm', versusResult: 'right', domain: 0 })).toEqual(
      ['0.2', '1.2'],
    )
    expect(await places({ lane: 'palm', actual: 1, predicted: 2, domain: 0 })).toEqual(['0.1', '1.1'])
    expect(
      await places({
        lane: 'source',
        versus: 'palm',
        differs: true,
        actual: 2,
        predicted: 2,
        predictedBy: 'either',
        domain: 0,
      }),
    ).toEqual(['0.2', '1.2'])
    expect(
      await places({ lane: 'source', versus: 'palm', actual: 2, predicted: 2, predictedBy: 'lane', domain: 0 }),
    ).toEqual([])
    expect(await places({ lane: 'palm', confidence: [0.4, 0.5], domain: 0 })).toEqual(['0.0', '0.1', '1.1'])
  })

  test('sorted by confidence, in pages that fit together while more steps come', async () => {
    const first = await find({ lane: 'palm', sort: 'surest', actual: 0 }, { limit: 2 })
    expect(first).toMatchObject({ total: 4, upTo: 4 })
    expect(first.images.map(({ step }) => step)).toEqual([3, 2])
    expect(first.images[0]).toEqual({
      step: 3,
      position: 0,
      sample: 4,
      id: 'file 4.png',
      domain: 1,
      label: 0,
      lanes: {
        source: { label: 0, confidence: expect.closeTo(0.9, 4) },
        palm: { label: 0, confidence: expect.closeTo(0.53, 4) },
      },
      unread: [],
    })
    addStep(4)
    const second = await find({ lane: 'palm', sort: 'surest', actual: 0 }, { limit: 2, offset: 2, upTo: first.upTo })
    expect(second.images.map(({ step }) => step)).toEqual([1, 0])
    expect((await find({ lane: 'palm', sort: 'surest', actual: 0 })).total).toBe(5)
  })

  test('equal confidences stay in the stream’s order', () => {
    expect(Array.from(orderOf([0.5, 0.25, 0.5, 1], 'surest'))).toEqual([3, 0, 2, 1])
    expect(Array.from(orderOf([0.5, 0.25, 0.5, 1], 'unsurest'))).toEqual([1, 0, 2, 3])
    expect(Array.from(orderOf([0.5, 0.25], 'stream'))).toEqual([0, 1])
  })

  test('as CSV, with what needs quotes in quotes', async () => {
    const { csv, rows, total } = await images.csv({
      run,
      filter: imageFilterSchema.parse({ lane: 'palm', result: 'wrong', domain: 0 }),
      upTo: null,
    })
    expect([rows, total]).toEqual([2, 2])
    expect(csv.split('\n').slice(0, 2)).toEqual([
      'id,step,domain,label,source,source confidence,palm,palm confidence',
      'file 1.png,0,fog 1,dog,cat,0.8000,"a ""bird"", small",0.4000',
    ])
  })
})
