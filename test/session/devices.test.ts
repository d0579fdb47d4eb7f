// Which device a run gets, and what becomes of it when that goes in the middle: in process, on cards that are the processor under another name, so that
// what comes out must be the processor's numbers bit for bit.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRuns, type Runs } from '#app/services/runs/runs.ts'
import { devicesOf, type DeviceOrder } from '#contract/devices.ts'
import { PalmError, type ErrorCode } from '#contract/errors.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import type { StepReport } from '#contract/tables/report.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import type { Device } from '#engine/compute/device.ts'
import { openDevice, type DeviceSources } from '#engine/compute/open-device.ts'
import { openStore, type Store } from '#store/store.ts'
import { sessionsHere } from '#test/helpers/sessions-here.ts'
import { tinyResnet } from '#test/helpers/tiny-resnet.ts'

const processor = loadDevice('hidden')
const absent = (code: ErrorCode, message: string) => (): never => {
  throw new PalmError(code, message)
}
const noCard = absent('device-missing', 'There is no card.')
const machine = (offers: Partial<DeviceSources>): DeviceSources => ({
  nvidia: offers.cuda !== undefined,
  cuda: noCard,
  webgpu: async () => noCard(),
  cpu: () => processor,
  ...offers,
})
const card = { name: 'A card', driver: '7.1', software: false }
const cardOf = (kind: 'cuda' | 'webgpu', software = false): Device => ({
  ...processor,
  kind,
  card: { ...card, software },
})
const auto: DeviceOrder = { choice: 'auto', prefer: null, without: [] }

describe('which one is opened', () => {
  const [cuda, webgpu, software] = [cardOf('cuda'), cardOf('webgpu'), cardOf('webgpu', true)]
  const opened = async (order: Partial<DeviceOrder>, offers: Partial<DeviceSources>) => {
    const { device, because } = await openDevice({ ...auto, ...order }, machine(offers))
    return [`${device.kind}${device.card?.software ? ' in software' : ''}`, because] as const
  }
  const noTensorFlow = absent('native-missing', 'TensorFlow is not there.')

  test('CUDA where it is, else WebGPU on a real card, else the processor; nothing is said of what nobody misses', async () => {
    expect(await opened({}, { cuda: () => cuda, webgpu: async () => webgpu })).toEqual(['cuda', null])
    expect(await opened({}, { webgpu: async () => webgpu })).toEqual(['webgpu', null])
    expect(await opened({}, { webgpu: async () => software })).toEqual(['cpu', null])
    expect(await opened({}, {})).toEqual(['cpu', null])
  })

  test('an NVIDIA card that TensorFlow does not find is told of, and another way to it taken', async () => {
    expect(await opened({}, { nvidia: true, webgpu: async () => webgpu })).toEqual(['webgpu', 'There is no card.'])
  })

  test('without TensorFlow it is WebGPU, at the last in software, which is called slow; with nothing it says what is missing', async () => {
    expect(await opened({}, { cpu: noTensorFlow, webgpu: async () => webgpu })).toEqual(['webgpu', null])
    const [kind, because] = await opened({}, { cpu: noTensorFlow, webgpu: async () => software })
    expect(kind).toBe('webgpu in software')
    expect(because).toMatch(/TensorFlow is not there\. WebGPU in software .*slower/)
    await expect(opened({}, { cpu: noTensorFlow })).rejects.toMatchObject({
      code: 'native-missing',
      message: expect.stringMatching(/There is no card\. TensorFlow is not there\./),
    })
  })

  test('one that was asked for, also in software, or none', async () => {
    expect(await opened({ choice: 'webgpu' }, { webgpu: async () => software })).toEqual(['webgpu in software', null])
    expect(await opened({ choice: 'cpu' }, { cuda: () => cuda })).toEqual(['cpu', null])
    await expect(opened({ choice: 'cuda' }, { webgpu: async () => webgpu })).rejects.toMatchObject({
      code: 'device-missing',
    })
  })

  test('what a run that goes on had comes first, and where it is gone that is said; what failed is left out', async () => {
    const prefer = { kind: 'webgpu', software: false } as const
    expect(await opened({ prefer }, { cuda: () => cuda, webgpu: async () => webgpu })).toEqual(['webgpu', null])
    expect(await opened({ prefer: { kind: 'cpu', software: false } }, { cuda: () => cuda })).toEqual(['cpu', null])
    expect(await opened({ prefer }, { webgpu: async () => software })).toEqual([
      'cpu',
      'The card that the run began on is not there any more.',
    ])
    expect(await opened({ prefer: { kind: 'cuda', software: false } }, {})).toEqual([
      'cpu',
      'There is no NVIDIA driver any more, with which the run began.',
    ])
    const without = [{ kind: 'cuda', reason: 'It was lost.' }] as const
    expect(await opened({ without: [...without] }, { cuda: () => cuda })).toEqual(['cpu', 'It was lost.'])
  })
})

describe('a run whose device goes', () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'palm-devices-'))
  const modelPath = join(dataFolder, 'tiny.safetensors')
  const options = runOptionsSchema.parse({
    input: { kind: 'sample' },
    model: { kind: 'file', path: modelPath },
    corruptions: ['fog', 'contrast'],
    batchSize: 10,
    limit: 40,
    lanes: [
      { id: 'source', label: 'Source', options: { method: 'source' } },
      { id: 'palm', label: 'PALM', options: { method: 'palm', variant: 'reference', kappa: 1e-3, eta: 0.05 } },
    ],
  })
  const steps = 8
  let store: Store
  let runs: Runs
  let offers: Partial<DeviceSources> = {}
  let reference: ReturnType<typeof outcome>

  beforeAll(async () => {
    writeFileSync(modelPath, tinyResnet())
    store = openStore(join(dataFolder, 'palm.sqlite'))
    runs = openRuns({
      program: 'test',
      store,
      dataFolder,
      resourcesFolder: fileURLToPath(new URL('../../resources', import.meta.url)),
      startSession: sessionsHere(() => machine(offers)),
      workers: 1,
      preview: false,
      now: Date.now,
    })
    reference = outcome(await whole({}))
  })
  afterAll(async () => {
    await runs.sessions.close()
    store.close()
    rmSync(dataFolder, { recursive: true, force: true })
  })

  async function whole(on: Partial<DeviceSources>, device: DeviceOrder['choice'] = 'auto'): Promise<number> {
    offers = on
    const run = runs.sessions.start({ ...options, device })
    await runs.sessions.over(run)
    return run
  }

  function outcome(run: number) {
    return {
      status: store.runs.get(run).status,
      steps: store.steps.all(run).map(({ stepMs: _ms, peakBytes: _bytes, ...rest }: StepReport) => rest),
      domains: store.snapshot(run).domains,
    }
  }
  const devices = (run: number) => devicesOf(store.runs.plan(run) ?? { versions: {} })

  /** Fails from the given batch of images on, as a card does that was pulled out. */
  function failing(batches: number, code: ErrorCode): Device {
    let seen = 0
    return {
      ...cardOf('webgpu'),
      fromBytes(data, shape) {
        if (shape[0] === options.batchSize && ++seen > batches) throw new PalmError(code, 'The card is gone.')
        return processor.fromBytes(data, shape)
      },
    }
  }

  test('what computed it is kept with the run', async () => {
    const run = await whole({ webgpu: async () => cardOf('webgpu') })
    expect(outcome(run)).toEqual(reference)
    expect(devices(run)).toEqual([
      {
        from: 0,
        kind: 'webgpu',
        name: 'A card',
        driver: '7.1',
        library: processor.version,
        precision: 'float32',
        tf32Deviation: null,
        software: false,
        because: null,
      },
    ])
    expect(store.runs.plan(run)?.versions).toMatchObject({ device: 'webgpu', card: 'A card', driver: '7.1' })
  })

  test.each(['device-lost', 'out-of-memory'] as const)(
    '%s in the middle: it goes on from its last committed step on the processor, to the same numbers',
    async (code) => {
      const lost = failing(5, code)
      const run = await whole({ webgpu: async () => lost })
      expect(outcome(run)).toEqual(reference)
      const [first, second, ...more] = devices(run)
      expect(more).toEqual([])
      expect(first).toMatchObject({ from: 0, kind: 'webgpu', because: null })
      expect(second).toMatchObject({ kind: 'cpu', because: 'The card is gone.' })
      expect(second?.from).toBeGreaterThan(0)
      expect(second?.from).toBeLessThan(steps)
    },
  )

  test('before the first step as well', async () => {
    const lost = failing(0, 'device-lost')
    const run = await whole({ webgpu: async () => lost })
    expect(outcome(run)).toEqual(reference)
    expect(devices(run)).toMatchObject([{ kind: 'cpu', from: 0, because: 'The card is gone.' }])
  })

  test('with the device asked for by name it ends, and says how to go on; which then works', async () => {
    const lost = failing(5, 'device-lost')
    const run = await whole({ webgpu: async () => lost }, 'webgpu')
    const { status, error } = store.runs.get(run)
    expect([status, error?.code]).toEqual(['failed', 'device-lost'])
    expect(error?.message).toContain(`palm resume ${run} --device auto`)
    offers = {}
    runs.sessions.resume(run, 'auto')
    await runs.sessions.over(run)
    expect(outcome(run)).toEqual(reference)
    expect(devices(run).map(({ kind }) => kind)).toEqual(['webgpu', 'cpu'])
    expect(devices(run)[1]?.because).toBe('There is no card.')
  })

  test('a card that computes otherwise is not used: the run begins on the processor and says which operation', async () => {
    const lying: Device = {
      ...cardOf('webgpu'),
      card: { ...card, name: 'A liar' },
      relu: (x) => processor.scale(x, 1.01),
    }
    const run = await whole({ webgpu: async () => lying })
    expect(outcome(run)).toEqual(reference)
    const [only, ...more] = devices(run)
    expect(more).toEqual([])
    expect(only).toMatchObject({ kind: 'cpu', because: expect.stringMatching(/other numbers.*relu by/) })
  })
})
