// What the layer map asks the program for, on a real run in a real session process: columns of layer reports, and the values of tensors against the source.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forkedProcesses } from '#app/wiring/processes.ts'
import { readLayers } from '#app/services/runs/layers.ts'
import { openRuns, type Runs } from '#app/services/runs/runs.ts'
import { tensorsInProcess } from '#app/services/processes/task-process.ts'
import { layersAnswerSchema, layersRequestSchema, tensorsAnswerSchema } from '#contract/columns/layers.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { encodeLayers } from '#store/codecs/layer-blob.ts'
import { readSafetensors } from '#engine/models/formats/safetensors.ts'
import { compare } from '#session/tasks/tensor-values.ts'
import { openStore, type Store } from '#store/store.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const resourcesFolder = here('../../../resources')
const session = forkedProcesses().session
const steps = 6
const floats = (text: string) => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)

describe('the layers of a run', () => {
  let dataFolder: string
  let store: Store
  let runs: Runs
  let run: number

  beforeAll(async () => {
    dataFolder = mkdtempSync(join(tmpdir(), 'palm-layers-'))
    store = openStore(join(dataFolder, 'palm.sqlite'))
    runs = openRuns({
      program: 'test',
      store,
      dataFolder,
      resourcesFolder,
      startSession: session,
      workers: 1,
      preview: false,
      now: Date.now,
    })
    const lanes = [
      { id: 'source', label: 'Source', options: { method: 'source' } },
      { id: 'palm', label: 'PALM', options: { method: 'palm', kappa: 1e-3, eta: 0.05 } },
    ]
    run = runs.sessions.start(
      runOptionsSchema.parse({
        input: { kind: 'sample' },
        model: { kind: 'sample' },
        corruptions: ['fog', 'contrast'],
        batchSize: 20,
        limit: 60,
        lanes,
      }),
    )
    await runs.sessions.over(run)
  })
  afterAll(async () => {
    await runs.sessions.close()
    store.close()
    rmSync(dataFolder, { recursive: true, force: true })
  })
  const ask = async (request: {
    lane?: string
    from?: number
    to?: number
    columns?: number
    tensor?: number | null
  }) =>
    layersAnswerSchema.parse(
      await readLayers(
        store,
        layersRequestSchema.parse({ run, lane: 'palm', from: 0, to: steps, columns: steps, ...request }),
      ),
    )

  test('come as they were recorded, a column for a step, and as means of several', async () => {
    const recorded = store.steps
      .all(run)
      .filter(({ lane }) => lane === 'palm')
      .map(({ layers }) => layers!)
    expect(recorded).toHaveLength(steps)
    expect(recorded[0]?.changes?.some((change) => (change ?? 0) > 0)).toBe(true)
    const answer = await ask({ to: 8, columns: 8 })
    expect(answer).toMatchObject({ tensors: 57, until: steps })
    expect(Array.from(floats(answer.steps))).toEqual([1, 1, 1, 1, 1, 1, 0, 0])
    for (const [quantity, of] of [
      ['learningRate', 'learningRates'],
      ['score', 'scores'],
      ['importance', 'importances'],
      ['change', 'changes'],
    ] as const) {
      const means = floats(answer.means[quantity])
      for (const [step, layers] of recorded.entries())
        expect(Array.from(means.subarray(57 * step, 57 * (step + 1)))).toEqual(
          layers[of]!.map((value) => value ?? Number.NaN),
        )
      expect(means[57 * 7]).toBeNaN()
    }
    const halves = await ask({ columns: 2 })
    expect(floats(halves.means.change)[3]).toBeCloseTo(
      (recorded[0]!.changes![3]! + recorded[1]!.changes![3]! + recorded[2]!.changes![3]!) / 3,
      6,
    )
    const rates = recorded.flatMap(({ learningRates }) =>
      learningRates.filter((rate): rate is number => rate !== null && rate > 0),
    )
    expect(answer.ranges.learningRate).toEqual({ least: Math.min(...rates), most: Math.max(...rates) })
    const one = await ask({ tensor: 5 })
    expect(one.tensors).toBe(1)
    expect(Array.from(floats(one.means.score))).toEqual(recorded.map(({ scores }) => scores[5]))
  })

  test('that cannot be read are left out and said, and keep no other from being shown', async () => {
    const whole = await ask({})
    const stored = store.steps.layerBlobs(run, 'palm', 2, 3)[0]!.layers
    const ofOthers = encodeLayers({ states: [1], scores: [1], importances: [1], learningRates: [1], changes: null })
    const broken = new Map([
      [2, stored.slice(0, -1)],
      [4, ofOthers],
    ])
    const cut = {
      runs: store.runs,
      steps: {
        layerBlobs: (...range: Parameters<typeof store.steps.layerBlobs>) =>
          store.steps.layerBlobs(...range).map(({ step, layers }) => ({ step, layers: broken.get(step) ?? layers })),
      },
    }
    const answer = layersAnswerSchema.parse(
      await readLayers(cut, layersRequestSchema.parse({ run, lane: 'palm', from: 0, to: steps, columns: steps })),
    )
    expect(answer.damaged).toEqual({ steps: 2, first: 2 })
    expect(Array.from(floats(answer.steps))).toEqual([1, 1, 0, 1, 0, 1])
    expect(whole.damaged).toBeNull()
    expect(floats(answer.means.score).slice(3 * 57, 4 * 57)).toEqual(floats(whole.means.score).slice(3 * 57, 4 * 57))
  })

  test('of a lane that adapts nothing are empty, and what there is not is said', async () => {
    expect(await ask({ lane: 'source' })).toMatchObject({ tensors: 0, until: steps })
    await expect(ask({ tensor: 57 })).rejects.toThrow(/adapts 57 tensors: there is no number 57/)
    await expect(
      readLayers(store, layersRequestSchema.parse({ run: 99, lane: 'palm', from: 0, to: 1, columns: 1 })),
    ).rejects.toThrow(/no run 99/)
    expect(layersRequestSchema.safeParse({ run, lane: 'palm', from: 5, to: 5, columns: 1 }).success).toBe(false)
    expect(layersRequestSchema.safeParse({ run, lane: 'palm', from: 0, to: 5, columns: 6 }).success).toBe(false)
    const whole = await ask({})
    expect(layersAnswerSchema.safeParse({ ...whole, moved: whole.moved.slice(4) }).success).toBe(false)
  })

  test('the plan tells the network by block, with what goes round them', () => {
    const network = store.runs.plan(run)?.network
    expect(network?.blocks.map(({ name }) => name)).toEqual([
      'stem',
      ...[1, 2, 3].flatMap((stage) => [0, 1, 2].map((i) => `layer${stage}.${i}`)),
      'linear',
    ])
    expect(network?.blocks[4]?.ops.map(({ op }) => op)).toEqual([
      'conv2d',
      'batch-norm+relu',
      'conv2d',
      'batch-norm',
      'shortcut-a',
      'add',
      'relu',
    ])
    expect(network?.edges.filter(({ skips }) => skips)).toEqual(
      Array.from({ length: 9 }, (_, i) => ({ from: i, to: i + 1, skips: true })),
    )
    expect(network?.edges.filter(({ skips }) => !skips)).toHaveLength(10)
  })

  test('a tensor’s values, source against a checkpoint and now, are those of the files, and its change is the one that was recorded', async () => {
    const folders = { dataFolder, resourcesFolder }
    const [first, last] = store.checkpoints.list(run)
    const now = tensorsAnswerSchema.parse(
      await tensorsInProcess(session, { run, lane: 'palm', checkpoint: 'now' }, folders),
    )
    expect(now).toMatchObject({ step: steps - 1, checkpoint: last!.id })
    expect(now.tensors).toHaveLength(57)
    const recorded = store.steps.at(run, steps - 1).find(({ lane }) => lane === 'palm')!.layers!.changes!
    for (const [i, { change }] of now.tensors.entries())
      expect(Math.abs(change! - recorded[i]!)).toBeLessThanOrEqual(1e-5 * recorded[i]!)
    const source = readSafetensors(
      readFileSync(join(resourcesFolder, 'models/eurosat-resnet20.safetensors')),
      'model',
    ).tensors.get('conv1.weight')!
    const mean = source.data.reduce((sum, value) => sum + value, 0) / source.data.length
    const [conv] = now.tensors
    expect(conv).toMatchObject({ name: 'conv1.weight', shape: [16, 3, 3, 3] })
    expect(conv?.source?.mean).toBeCloseTo(mean, 6)
    expect(conv?.source?.bins.reduce((sum, count) => sum + count, 0)).toBe(432)
    expect(conv?.now?.bins.reduce((sum, count) => sum + count, 0)).toBe(432)
    const earlier = await tensorsInProcess(session, { run, lane: 'palm', checkpoint: first!.id }, folders)
    expect(earlier.step).toBe(2)
    const then = store.steps.at(run, 2).find(({ lane }) => lane === 'palm')!.layers!.changes!
    for (const [i, { change }] of earlier.tensors.entries())
      expect(Math.abs(change! - then[i]!)).toBeLessThanOrEqual(1e-5 * then[i]!)
    await expect(tensorsInProcess(session, { run, lane: 'palm', checkpoint: 12345 }, folders)).rejects.toThrow(
      /no checkpoint 12345/,
    )
    await expect(tensorsInProcess(session, { run, lane: 'nobody', checkpoint: 'now' }, folders)).rejects.toThrow(
      /no lane nobody/,
    )
    expect(await tensorsInProcess(session, { run, lane: 'source', checkpoint: 'now' }, folders)).toEqual({
      step: null,
      checkpoint: null,
      tensors: [],
    })
  })
})

test('histograms share their bins; a constant tensor has room, one without a source or with numbers that are none says so', () => {
  const both = compare('t', [2], Float32Array.of(0, 1), Float32Array.of(0.5, 2))
  expect([both.low, both.high]).toEqual([0, 2])
  expect(both.source?.bins[0]).toBe(1)
  expect(both.source?.bins[32]).toBe(1)
  expect(both.now?.bins[63]).toBe(1)
  expect(both.change).toBeCloseTo(Math.sqrt(0.25 + 1))
  expect(both.now).toMatchObject({ mean: 1.25, std: 0.75, min: 0.5, max: 2 })
  const constant = compare('t', [2], Float32Array.of(1, 1), Float32Array.of(1, 1))
  expect(constant.high).toBeGreaterThan(constant.low)
  expect(constant.change).toBe(0)
  expect(compare('t', [1], null, Float32Array.of(3))).toMatchObject({ source: null, change: null })
  expect(compare('t', [1], Float32Array.of(1), Float32Array.of(Number.NaN))).toMatchObject({ now: null, change: null })
  expect(compare('t', [1], Float32Array.of(0), Float32Array.of(1)).change).toBeNull() // nothing to divide by
})
