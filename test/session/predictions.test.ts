// What a session stores of each image, what previews ask of the adapted model, and pictures made again: over a real session process.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forkedProcesses } from '#app/wiring/processes.ts'
import { ImageService } from '#app/services/runs/images.ts'
import { openRuns } from '#app/services/runs/runs.ts'
import { imageFilterSchema } from '#contract/runs/images.ts'
import type { PreviewImage } from '#contract/tables/report.ts'
import { runOptionsSchema, type RunOptions } from '#contract/runs/run-options.ts'
import { usualOptions } from '#contract/methods/presets.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { pictureThread } from '#app/wiring/picture-thread.ts'
import { answersByPass, answersNow, pauseAfter } from '#session/measures/after-update.ts'
import { makeLanes } from '#session/lanes.ts'
import { openModel, readModelFile } from '#session/open-model.ts'
import { readSource } from '#session/source.ts'
import { streamContext } from '#session/stream-context.ts'
import { openStore, type Store } from '#store/store.ts'
import { openStream } from '#stream/open-stream.ts'
import { narrowResources } from '#test/helpers/narrow-sample.ts'

const resourcesFolder = narrowResources
const lanes = ['source', 'norm', 'tent', 'palm']
let folder: string
let store: Store
let images: ImageService
let options: RunOptions

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-predicted-'))
  store = openStore(join(folder, 'palm.sqlite'))
  images = new ImageService(store, pictureThread(resourcesFolder))
  for (const name of readdirSync(join(resourcesFolder, 'sample', 'images'))) {
    mkdirSync(join(folder, 'input', name), { recursive: true })
    for (const file of readdirSync(join(resourcesFolder, 'sample', 'images', name)).slice(0, 12))
      copyFileSync(join(resourcesFolder, 'sample', 'images', name, file), join(folder, 'input', name, file))
  }
  options = runOptionsSchema.parse({
    input: { kind: 'folder', path: join(folder, 'input') },
    model: { kind: 'sample' },
    corruptions: ['gaussian_noise', 'fog'],
    batchSize: 25,
    seed: 7,
    lanes: [
      { id: 'source', label: 'Source', options: { method: 'source' } },
      { id: 'norm', label: 'BN-1', options: { method: 'norm' } },
      { id: 'tent', label: 'TENT', options: { method: 'tent' } },
      { id: 'palm', label: 'PALM', options: { method: 'palm', variant: 'reference', kappa: 2e-3, eta: 0.05 } },
    ],
  })
})
afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function ran(preview: boolean): Promise<{ run: number; seen: PreviewImage[][] }> {
  const runs = openRuns({
    program: 'test',
    store,
    dataFolder: folder,
    resourcesFolder,
    startSession: forkedProcesses().session,
    workers: 1,
    preview,
    now: Date.now,
  })
  const seen: PreviewImage[][] = []
  const run = runs.sessions.start(options)
  const stop = runs.feeds.follow(run, {
    snapshot: () => undefined,
    event: (event) => event.event === 'preview' && seen.push(event.images),
    error: (error) => {
      throw new Error(error.message)
    },
  })
  await runs.sessions.over(run)
  stop()
  expect(store.runs.get(run)).toMatchObject({ status: 'done', error: null })
  return { run, seen }
}

const outcome = (run: number) => {
  const { checkpoints } = store.snapshotWithoutSteps(run)
  const steps = store.steps.all(run)
  return {
    steps: steps.map(({ stepMs: _ms, peakBytes: _bytes, ...rest }) => rest),
    predictions: store.predictions.steps(run, lanes, { from: 0, to: 100, limit: 100 }),
    checkpoints: checkpoints.map(({ lane, step, id }) => ({
      lane,
      step,
      bytes: Buffer.from(store.checkpoints.delta(run, id).delta).toString('base64'),
    })),
  }
}

describe('a run with previews', () => {
  let run: number
  let seen: PreviewImage[][]
  beforeAll(async () => {
    ;({ run, seen } = await ran(true))
  })

  test('stored predictions are those that the steps counted', () => {
    const { steps, predictions } = outcome(run)
    expect(predictions).toHaveLength(10)
    for (const report of steps) {
      const step = predictions[report.step]
      const classes = Array.from(step?.lanes.get(report.lane)?.classes ?? [])
      expect(classes.filter((label, i) => label === step?.labels[i]).length).toBe(report.correct)
      const counts: Record<string, number> = {}
      for (const label of classes) counts[label] = (counts[label] ?? 0) + 1
      expect(counts).toEqual(report.predicted)
      const confidences = Array.from(step?.lanes.get(report.lane)?.confidences ?? [])
      expect(confidences.reduce((sum, one) => sum + one, 0) / confidences.length).toBeCloseTo(report.meanConfidence, 4)
    }
    const [first] = seen[0] ?? []
    expect(store.predictions.ids(run, [first?.sample ?? -1]).get(first?.sample ?? -1)).toBe(first?.id)
  })

  test('looking again after the update changes nothing: the same run without previews is the same bit for bit', async () => {
    const { run: blind, seen: none } = await ran(false)
    expect(none).toEqual([])
    expect(outcome(blind)).toEqual(outcome(run))
  })

  test('a preview tells what lanes answered before and, where they adapt, after; what adapted answers anew', () => {
    const all = seen.flat()
    expect(all.length).toBeGreaterThan(0)
    for (const { predictions } of all) {
      expect([predictions.source?.after, predictions.norm?.after]).toEqual([null, null])
      for (const lane of ['tent', 'palm']) {
        expect(predictions[lane]?.top[0]).toEqual({
          label: predictions[lane]?.label,
          confidence: expect.closeTo(predictions[lane]?.confidence ?? -1, 6),
        })
        expect(predictions[lane]?.after).toHaveLength(5)
      }
    }
    expect(
      all.some(
        ({ predictions: { palm } }) => Math.abs((palm?.after?.[0]?.confidence ?? 0) - (palm?.confidence ?? 0)) > 1e-4,
      ),
    ).toBe(true)
  })

  test('a confusion matrix holds the run’s counts, of a domain and of all, and grows with the steps', async () => {
    for (const lane of lanes) {
      const reports = store.steps.all(run).filter((report) => report.lane === lane)
      const sums = { images: 0, correct: 0 }
      for (const domain of [0, 1]) {
        const part = await images.confusion({ run, lane, domain })
        const own = reports.filter((report) => report.domain === domain)
        expect([part.images, part.labelled, part.correct]).toEqual([
          own.reduce((sum, r) => sum + r.images, 0),
          own.reduce((sum, r) => sum + r.labelled, 0),
          own.reduce((sum, r) => sum + r.correct, 0),
        ])
        sums.images += part.images
        sums.correct += part.correct
      }
      const whole = await images.confusion({ run, lane, domain: null })
      expect([whole.images, whole.correct]).toEqual([sums.images, sums.correct])
      const cells = new Uint32Array(Uint8Array.from(Buffer.from(whole.cells, 'base64')).buffer)
      expect(cells.filter((_, i) => i % 3 === 2).reduce((sum, n) => sum + n, 0)).toBe(240)
    }
  })

  test('pictures are made again exactly as the lanes saw them', async () => {
    const found = await images.images({
      run,
      filter: imageFilterSchema.parse({ lane: 'palm', domain: 1, result: 'wrong' }),
      upTo: null,
      offset: 0,
      limit: 8,
    })
    expect(found.images.length).toBeGreaterThan(0)
    const { pictures } = await images.pictures({
      run,
      images: found.images.map(({ step, position, sample }) => ({ step, position, sample })),
      maxSide: null,
    })
    const stream = await openStream(options, {
      sampleFolder: '',
      inputSize: null,
      modelClasses: 10,
      classNames: store.runs.plan(run)?.model.classNames ?? null,
      imageNet: [],
      workers: 1,
      previewCount: 25,
    })
    try {
      for await (const batch of stream.batches(0)) {
        for (const [i, image] of found.images.entries()) {
          if (image.step !== batch.step) continue
          const at = batch.ids.indexOf(image.id)
          const size = batch.width * batch.height * 3
          expect(pictures[i]).toEqual({
            width: 64,
            height: 64,
            clean: Buffer.from(batch.clean[at]?.data ?? []).toString('base64'),
            corrupted: Buffer.from(batch.pixels.slice(at * size, (at + 1) * size)).toString('base64'),
          })
          expect(batch.labels[at]).toBe(image.label)
        }
      }
    } finally {
      await stream.close()
    }
    const [small] = (
      await images.pictures({
        run,
        images: [
          {
            step: 0,
            position: 0,
            sample: store.predictions.steps(run, [], { from: 0, to: 1, limit: 1 })[0]?.samples[0] ?? -1,
          },
        ],
        maxSide: 16,
      })
    ).pictures
    expect(small).toMatchObject({ width: 16, height: 16 })
  })

  test('an input that changed is said in words, and one that is gone; what was stored is listed all the same', async () => {
    const filter = imageFilterSchema.parse({ lane: 'palm', result: 'wrong' })
    const other = new ImageService(store, pictureThread(resourcesFolder))
    const before = await images.images({ run, filter, upTo: null, offset: 0, limit: 5 })
    const place = before.images.slice(0, 1).map(({ step, position, sample }) => ({ step, position, sample }))
    rmSync(join(folder, 'input', 'Forest'), { recursive: true })
    await expect(other.pictures({ run, images: place, maxSide: 96 })).rejects.toThrow(/have changed since this run/)
    rmSync(join(folder, 'input'), { recursive: true })
    await expect(
      new ImageService(store, pictureThread(resourcesFolder)).pictures({ run, images: place, maxSide: 96 }),
    ).rejects.toThrow(/cannot be opened/)
    expect((await other.images({ run, filter, upTo: null, offset: 0, limit: 5 })).images).toEqual(before.images)
  })
})

test('the answer after an update is what the next step says of the same images, for every method that is asked', async () => {
  const context = await streamContext(
    { inputSize: null, classes: 10, classNames: null },
    { kind: 'sample' },
    resourcesFolder,
    { workers: 1, previewCount: 0 },
  )
  const own = runOptionsSchema.parse({
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    corruptions: ['fog'],
    batchSize: 20,
    limit: 40,
    source: { kind: 'sample' },
    sourceLimit: 40,
    lanes: answersByPass.map((method) => ({
      id: method,
      label: method,
      options: usualOptions(method, { preset: 'cautious', classes: 10 }),
    })),
  })
  const device = loadDevice()
  const model = openModel(device, await readModelFile({ kind: 'sample' }, resourcesFolder), { kind: 'sample' })
  const stream = await openStream(own, { ...context, classNames: model.classNames })
  try {
    const source = await readSource(
      own,
      stream.plan,
      { ...context, classNames: model.classNames },
      join(resourcesFolder, 'sample', 'source'),
    )
    const made = makeLanes(device, model, own, source?.images ?? null, 40)
    for (const { method } of made) await method.warmUp?.(source!.images, own.batchSize)
    for await (const batch of stream.batches(0)) {
      const x = device.fromBytes(batch.pixels, [20, 64, 64, 3])
      for (const lane of made) await lane.method.step(x)
      const asked = await answersNow(
        device,
        model,
        made,
        { pixels: batch.pixels, images: 20, height: 64, width: 64 },
        20,
      )
      expect([...asked.keys()]).toEqual(answersByPass)
      for (const lane of made) {
        const { logits } = await lane.method.step(x)
        const said = asked.get(lane.id) as Float32Array
        // The same kernels on the same numbers; a tape may only change which of them run in place.
        expect(Math.max(...logits.map((value, i) => Math.abs(value - (said[i] as number)))), lane.id).toBeLessThan(1e-4)
      }
      x.dispose()
      break
    }
    for (const { method } of made) method.dispose()
    model.dispose()
  } finally {
    await stream.close()
  }
})

test('looking again takes a small share of the time, however long a pass takes', () => {
  expect(pauseAfter(2, 500)).toBe(500)
  expect(pauseAfter(100, 500)).toBe(2500)
})
