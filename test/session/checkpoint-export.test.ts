// A run's checkpoint out of the store into every format, verified, and read again as a stranger opens it. The last batch of the run holds one image.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forkedProcesses } from '#app/wiring/processes.ts'
import { openRuns } from '#app/services/runs/runs.ts'
import { modelOptionsSchema, runOptionsSchema } from '#contract/runs/run-options.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import { exportCheckpoint } from '#session/export/export.ts'
import { openModel, readModelFile } from '#session/open-model.ts'
import { openStore, type Store } from '#store/store.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { narrowResources } from '#test/helpers/narrow-sample.ts'

const resourcesFolder = narrowResources
let dataFolder: string
let store: Store
let run: number
let checkpoint: number

beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'palm-export-'))
  store = openStore(join(dataFolder, 'palm.sqlite'))
  const runs = openRuns({
    program: 'test',
    store,
    dataFolder,
    resourcesFolder,
    startSession: forkedProcesses().session,
    workers: 1,
    preview: false,
    now: Date.now,
  })
  run = runs.sessions.start(
    runOptionsSchema.parse({
      input: { kind: 'sample' },
      model: { kind: 'sample' },
      corruptions: ['fog'],
      batchSize: 20,
      limit: 21,
      seed: 7,
      lanes: [{ id: 'tent', label: 'TENT', options: { method: 'tent' } }],
    }),
  )
  await runs.sessions.over(run)
  checkpoint = store.checkpoints.list(run).at(-1)?.id ?? -1
})
afterAll(() => {
  store.close()
  rmSync(dataFolder, { recursive: true, force: true })
})

test('an export is verified on eight images also where the last batch holds one, and estimates from the batches asked for', async () => {
  const path = join(dataFolder, 'verified.safetensors')
  const written = async (statisticsFrom: number | null) => {
    const { verified, cardPath } = await exportCheckpoint({
      store,
      device: loadDevice(),
      resourcesFolder,
      request: {
        run,
        checkpoint,
        path,
        format: null,
        delta: false,
        statisticsFrom,
        usualStatistics: false,
        withPaths: false,
      },
      version: 'test',
      now: Date.now,
    })
    return { verified, card: JSON.parse(readFileSync(cardPath, 'utf8')) as { batchNormStatistics: unknown } }
  }
  const plain = await written(null)
  expect(plain.verified).toMatchObject({ images: 8, difference: 0 })
  expect(plain.card.batchNormStatistics).toBe('source')
  expect((await written(1)).card.batchNormStatistics).toEqual({ estimatedFromBatches: 1 })
})

test.each(['whole.safetensors', 'whole.pth', 'whole.onnx', 'whole'])(
  'the bundled model goes out as %s, is verified, and read again says the same of pixels',
  async (name) => {
    const path = join(dataFolder, name)
    const reference = join(dataFolder, 'reference.safetensors')
    await exportCheckpoint({
      store,
      device: loadDevice(),
      resourcesFolder,
      request: {
        run,
        checkpoint,
        path: reference,
        format: null,
        delta: false,
        statisticsFrom: 2,
        usualStatistics: false,
        withPaths: false,
      },
      version: 'test',
      now: Date.now,
    })
    for (const statisticsFrom of [null, 2]) {
      const { verified } = await exportCheckpoint({
        store,
        device: loadDevice(),
        resourcesFolder,
        request: {
          run,
          checkpoint,
          path,
          format: null,
          delta: false,
          statisticsFrom,
          usualStatistics: false,
          withPaths: false,
        },
        version: 'test',
        now: Date.now,
      })
      expect(verified.images).toBe(8)
      expect(verified.difference).toBeLessThan(1e-4)
    }
    // As a stranger opens it: without what the export knew.
    const device = loadDevice()
    const of = async (file: string) => {
      const options = modelOptionsSchema.parse({ kind: 'file', path: file })
      const model = openModel(device, await readModelFile(options, resourcesFolder), options)
      const pixels = device.fromArray(new Float32Array(new NumpyRandom(5).uniforms(64 * 64 * 3, 0, 1)), [1, 64, 64, 3])
      const { values } = await predict(device, model, model.parameters, pixels, { statistics: 'source' })
      pixels.dispose()
      model.dispose()
      return values
    }
    const [found, expected] = [await of(name === 'whole' ? join(path, 'model.json') : path), await of(reference)]
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 3)
  },
  60_000,
)
