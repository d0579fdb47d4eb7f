// A run over a webcam's frames through the real session process: what it answers, adapts, records and gives back.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forkedProcesses } from '#app/wiring/processes.ts'
import { openRuns, type Runs } from '#app/services/runs/runs.ts'
import { usualOptions } from '#contract/methods/presets.ts'
import type { MethodId } from '#contract/methods/methods.ts'
import type { RunEvent } from '#contract/tables/report.ts'
import { runOptionsSchema, type RunOptionsInput } from '#contract/runs/run-options.ts'
import {
  mostPixelBytes,
  webcamControlSchema,
  webcamFrameSchema,
  webcamMethods,
  type WebcamAnswer,
} from '#contract/webcam.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import { readSafetensors } from '#engine/models/formats/safetensors.ts'
import { exportCheckpoint } from '#session/export/export.ts'
import { openModel, readModelFile } from '#session/open-model.ts'
import { predictionsOf } from '#session/webcam/frame-answers.ts'
import { openStore, type Store } from '#store/store.ts'
import { decodeImage } from '#stream/images/decode.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const resourcesFolder = here('../../resources')
const classNames = readdirSync(join(resourcesFolder, 'sample/images')).sort()
const side = 64

let folder: string
let store: Store
let runs: Runs
/** Of the session that was started last. */
let sessionPid = 0
let frames: { readonly pixels: Uint8Array; readonly truth: number }[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'palm-webcam-'))
  store = openStore(join(folder, 'palm.sqlite'))
  const fork = forkedProcesses().session
  const startSession: typeof fork = () => {
    const session = fork()
    sessionPid = session.pid ?? 0
    return session
  }
  runs = openRuns({
    program: 'test',
    store,
    dataFolder: folder,
    resourcesFolder,
    startSession,
    workers: 1,
    preview: false,
    now: Date.now,
  })
  frames = await Promise.all(
    classNames.flatMap((name, truth) =>
      readdirSync(join(resourcesFolder, 'sample/images', name))
        .sort()
        .slice(0, 2)
        .map(async (file) => {
          const { data } = await decodeImage(readFileSync(join(resourcesFolder, 'sample/images', name, file)), file)
          return { pixels: data, truth }
        }),
    ),
  )
})
afterAll(async () => {
  await runs.sessions.close()
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

const optionsOf = (method: MethodId, more: Partial<RunOptionsInput> = {}) =>
  runOptionsSchema.parse({
    input: { kind: 'webcam', name: 'A camera', spacingMs: 0 },
    model: { kind: 'sample' },
    corruptions: [],
    severities: [3],
    batchSize: 8,
    lanes: [
      { id: 'source', label: 'Source', options: { method: 'source' } },
      { id: method, label: method, options: usualOptions(method, { preset: 'sample', classes: 10 }) },
    ],
    ...more,
  })

/** A run, and what is done with it; it is stopped afterwards. */
async function running<T>(
  method: MethodId,
  work: (run: number, events: RunEvent[]) => Promise<T>,
  more: Partial<RunOptionsInput> = {},
): Promise<T> {
  await runs.sessions.settled()
  const run = runs.sessions.start(optionsOf(method, more))
  const events: RunEvent[] = []
  const end = runs.feeds.follow(run, {
    snapshot: () => undefined,
    event: (event) => void events.push(event),
    error: (error) => expect.fail(error.message),
  })
  try {
    return await work(run, events)
  } finally {
    if (runs.sessions.isActive(run)) {
      runs.sessions.stop(run)
      await runs.sessions.over(run)
    }
    end()
  }
}

const show = (run: number, index: number, truth: number | null = null): Promise<WebcamAnswer> =>
  runs.sessions.frame(
    webcamFrameSchema.parse({ run, width: side, height: side, pixels: frames[index % frames.length]!.pixels, truth }),
  )
const control = (run: number, settings: object, action: 'reset' | 'snapshot' | null = null) =>
  runs.sessions.control(webcamControlSchema.parse({ run, settings, action }))
async function showMany(run: number, count: number, from = 0): Promise<WebcamAnswer[]> {
  const answers: WebcamAnswer[] = []
  for (let i = 0; i < count; i++) answers.push(await show(run, from + i, frames[(from + i) % frames.length]!.truth))
  return answers
}

describe('frames', () => {
  test('the unadapted lane says what the model says, and the lane adapts and is recorded', async () => {
    const device = loadDevice()
    const model = openModel(device, await readModelFile({ kind: 'sample' }, resourcesFolder), { kind: 'sample' })
    await running('palm', async (run) => {
      const answers = await showMany(run, 40)
      for (const [i, { unadapted, frame }] of answers.slice(0, 6).entries()) {
        expect(frame).toBe(i)
        const bytes = device.fromBytes(frames[i]!.pixels, [1, side, side, 3])
        const pixels = device.scale(bytes, 1 / 255)
        const expected = predictionsOf(
          (await predict(device, model, model.parameters, pixels, { statistics: 'source' })).values,
          10,
        )
        for (const tensor of [bytes, pixels]) tensor.dispose()
        expect(unadapted).toEqual(expected)
      }
      // Before anything was gathered, both say the same.
      expect(answers[0]!.adapted).toEqual(answers[0]!.unadapted)
      const last = answers.at(-1)!
      expect(last.steps).toBeGreaterThan(2)
      expect(last.window).toEqual({ frames: 8, size: 8 })
      expect(last.adapted).not.toEqual(last.unadapted)
      expect(last.truth.labelled).toBe(40)
      const right = answers.filter(
        ({ unadapted }, i) => unadapted[0]!.index === frames[i % frames.length]!.truth,
      ).length
      expect(last.truth.unadapted).toBe(right)
      expect(right).toBeGreaterThan(30)
    })
    model.dispose()
    const [summary] = runs.catalogue.list()
    expect(summary).toMatchObject({ status: 'done', inputName: 'A camera' })
    const { domains, plan, checkpoints } = runs.feeds.snapshot(summary!.id)
    const steps = store.steps.all(summary!.id)
    const palm = steps.filter(({ lane }) => lane === 'palm')
    expect(palm.reduce((sum, { images }) => sum + images, 0)).toBe(40)
    expect(palm.map(({ step }) => step)).toEqual(palm.map((_, i) => i))
    expect(palm.some(({ layers }) => layers?.states.some((state) => state === 2))).toBe(true)
    expect(plan).toMatchObject({
      totalSteps: palm.length,
      totalImages: 40,
      domains: [{ name: 'clean', images: 40, steps: palm.length }],
    })
    expect(domains.find(({ lane }) => lane === 'source')).toMatchObject({ images: 40, labelled: 40 })
    expect(checkpoints).toHaveLength(1)
  })

  test('every method that is offered answers, records and stops', async () => {
    for (const method of webcamMethods) {
      const last = await running(method, async (run) => (await showMany(run, 12)).at(-1)!)
      expect(
        last.adapted.reduce((sum, { probability }) => sum + probability, 0),
        method,
      ).toBeGreaterThan(0.5)
      expect(runs.catalogue.list()[0], method).toMatchObject({ status: 'done', error: null })
    }
  })

  test('what does not fit is refused in words, and the next frame is taken', async () => {
    await running('tent', async (run) => {
      await show(run, 0)
      await expect(
        runs.sessions.frame(
          webcamFrameSchema.parse({ run, width: 32, height: 32, pixels: new Uint8Array(32 * 32 * 3) }),
        ),
      ).rejects.toMatchObject({ code: 'input-size', message: expect.stringContaining('takes 64 x 64') })
      await expect(show(run, 0, 10)).rejects.toMatchObject({
        message: expect.stringContaining('none with the number 10'),
      })
      const waiting = show(run, 1)
      await expect(show(run, 2)).rejects.toMatchObject({ code: 'run-busy' })
      expect((await waiting).frame).toBe(1)
    })
    const parse = (pixels: unknown) => webcamFrameSchema.parse({ run: 1, width: side, height: side, pixels })
    expect(() => parse(new Uint8Array(3))).toThrow(/The frame has 3 bytes, and 64 x 64 pixels have 12288/)
    expect(() => parse(Buffer.alloc(3 * side * side).toString('base64'))).toThrow(/not bytes/)
    expect(() => parse(new Uint8Array(mostPixelBytes + 1))).toThrow(/more than 3 MiB/)
  })
})

describe('while it runs', () => {
  test('a corruption is applied from the next frame on, its noise is held or drawn anew, and it opens a domain', async () => {
    await running('norm', async (run) => {
      expect((await show(run, 0)).corrupted).toBeNull()
      control(run, { corruption: 'gaussian_noise', severity: 4 })
      const [first, second] = [await show(run, 0), await show(run, 0)]
      expect(first.corrupted).not.toBeNull()
      expect(second.corrupted).toEqual(first.corrupted)
      control(run, { heldNoise: false })
      const [third, fourth] = [await show(run, 0), await show(run, 0)]
      expect(third.corrupted).not.toEqual(fourth.corrupted)
      control(run, { corruption: null })
      expect((await show(run, 0)).corrupted).toBeNull()
    })
    const { plan, domains } = runs.feeds.snapshot(runs.catalogue.list()[0]!.id)
    expect(plan?.domains.map(({ name, images }) => `${name}: ${images}`)).toEqual([
      'clean: 1',
      'gaussian_noise 4: 4',
      'clean #2: 1',
    ])
    expect(domains.filter(({ lane }) => lane === 'norm').map(({ images }) => images)).toEqual([1, 4, 1])
  })

  test('a sketch is the same frame under another corruption, and changes nothing else', async () => {
    await running('norm', async (run) => {
      const plain = await show(run, 3)
      const frame = { run, width: side, height: side, pixels: frames[3]!.pixels, truth: null }
      const sketched = await runs.sessions.frame(
        webcamFrameSchema.parse({ ...frame, sketch: { corruption: 'gaussian_noise', severity: 4 } }),
      )
      expect([plain.sketch, sketched.corrupted]).toEqual([null, null])
      expect(sketched.unadapted).toEqual(plain.unadapted)
      control(run, { corruption: 'gaussian_noise', severity: 4 })
      expect((await show(run, 3)).corrupted).toEqual(sketched.sketch) // what the button shows is what its press gives
    })
    expect(runs.feeds.snapshot(runs.catalogue.list()[0]!.id).plan?.domains.map(({ name }) => name)).toEqual([
      'clean',
      'gaussian_noise 4',
    ])
  })

  test('weights stay while adapting is off, and a reset gives back the model', async () => {
    await running('tent', async (run) => {
      const before = await show(run, 0)
      await showMany(run, 24, 1)
      control(run, { adapting: false })
      const held = await show(run, 0)
      await showMany(run, 12, 1)
      expect((await show(run, 0)).adapted).toEqual(held.adapted)
      expect(held.adapted).not.toEqual(before.adapted)
      control(run, {}, 'reset')
      expect((await show(run, 0)).adapted).toEqual(before.adapted)
    })
    expect(runs.feeds.snapshot(runs.catalogue.list()[0]!.id).plan?.domains.map(({ name }) => name)).toEqual([
      'clean',
      'clean #2',
    ])
  })

  test('paused frames are refused, and go on afterwards', async () => {
    await running('norm', async (run, events) => {
      await show(run, 0)
      runs.sessions.pause(run)
      await expect(show(run, 0)).rejects.toMatchObject({ message: expect.stringContaining('paused') })
      expect(events.some((event) => event.event === 'status' && event.status === 'paused')).toBe(true)
      runs.sessions.continue(run)
      expect((await show(run, 0)).frame).toBe(1)
    })
  })

  test('a snapshot is a checkpoint that exports, with the window’s statistics where they are asked for', async () => {
    const run = await running('palm', async (id, events) => {
      await showMany(id, 24)
      control(id, {}, 'snapshot')
      await show(id, 0)
      expect(events.filter(({ event }) => event === 'checkpoint')).toHaveLength(1)
      return id
    })
    const [snapshot] = runs.feeds.snapshot(run).checkpoints
    const device = loadDevice()
    const file = async (statisticsFrom: number | null) => {
      const path = join(folder, `snapshot-${statisticsFrom}.safetensors`)
      const result = await exportCheckpoint({
        store,
        device,
        resourcesFolder,
        version: 'test',
        now: Date.now,
        request: {
          run,
          checkpoint: snapshot!.id,
          path,
          format: null,
          delta: false,
          statisticsFrom,
          usualStatistics: false,
          withPaths: false,
        },
      })
      expect(result.verified.difference).toBeLessThan(1e-3)
      return { ...readSafetensors(readFileSync(path), path), card: JSON.parse(readFileSync(result.cardPath, 'utf8')) }
    }
    const [source, window] = [await file(null), await file(1)]
    const original = readSafetensors(
      readFileSync(join(resourcesFolder, 'models/eurosat-resnet20.safetensors')),
      'sample',
    ).tensors
    const data = (tensors: typeof original, name: string) => [...tensors.get(name)!.data]
    expect(data(source.tensors, 'bn1.running_mean')).toEqual(data(original, 'bn1.running_mean'))
    expect(data(source.tensors, 'bn1.weight')).not.toEqual(data(original, 'bn1.weight'))
    expect(data(window.tensors, 'bn1.running_mean')).not.toEqual(data(original, 'bn1.running_mean'))
    expect(window.card).toMatchObject({ batchNormStatistics: { gatheredOverFrames: 8 } })
  })

  test('it cannot be resumed, and says why', async () => {
    const run = await running('norm', async (id) => {
      await show(id, 0)
      return id
    })
    expect(() => runs.sessions.resume(run)).toThrow(/frames are gone/)
  })
})

test('a method that needs whole batches, and other lanes, are refused before anything starts', async () => {
  for (const [method, words] of [
    ['cotta', /needs whole batches/],
    ['lame', /needs whole batches/],
  ] as const) {
    await runs.sessions.settled()
    const run = runs.sessions.start(optionsOf(method))
    await runs.sessions.over(run)
    expect(runs.catalogue.get(run).error?.message).toMatch(words)
  }
  const run = runs.sessions.start(
    optionsOf('tent', { lanes: [{ id: 'tent', label: 'TENT', options: { method: 'tent' } }] }),
  )
  await runs.sessions.over(run)
  expect(runs.catalogue.get(run).error?.message).toMatch(/two lanes/)
})

test('a session that dies in the middle of a frame answers it with the reason', async () => {
  await runs.sessions.settled()
  const run = runs.sessions.start(optionsOf('tent'))
  await show(run, 0)
  process.kill(sessionPid, 'SIGSTOP') // or it may answer before it is killed
  const waiting = show(run, 1)
  runs.sessions.kill(run)
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
  await runs.sessions.over(run)
  expect(runs.catalogue.get(run).status).toBe('interrupted')
})
