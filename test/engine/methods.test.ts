// What every method promises: its state is all its state, reset is as new, nothing leaks, memory is bounded.
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { adjustableOptions, adjusted, optionValue } from '#contract/runs/option-change.ts'
import { laneOptionsSchema, type LaneOptions } from '#contract/methods/methods.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import type { Method, StepResult } from '#engine/methods/method.ts'
import { createMethod as create } from '#engine/methods/registry.ts'
import type { SourceImages } from '#engine/methods/parts/source-images.ts'
import { cifarResNet } from '#engine/models/architectures/cifar-resnet.ts'
import { modelFrom } from '#engine/models/load.ts'
import { elementCount } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import { decodeState, encodeState } from '#session/state-blob.ts'
import { NumpyRandom } from '#stream/images/random.ts'

const device = loadDevice()
const architecture = cifarResNet({
  blocks: [1, 1],
  widths: [4, 8],
  classes: 5,
  classifier: 'linear',
  stemStride: 1,
  normalization: imagenetNormalization,
  inputSize: null,
})
const side = 16
const random = new NumpyRandom(1)
const values = new Map(
  architecture.tensors.map(({ name, kind, shape }) => [
    name,
    Float32Array.from({ length: elementCount(shape) }, () =>
      kind === 'bn-weight' || kind === 'bn-variance'
        ? 1
        : random.gauss() * Math.sqrt((2 * (shape[0] ?? 1)) / elementCount(shape)),
    ),
  ]),
)
const model = modelFrom(device, { ...architecture, classNames: null }, values, 'test')

const lanes: Record<string, LaneOptions> = {
  source: laneOptionsSchema.parse({ method: 'source' }),
  norm: laneOptionsSchema.parse({ method: 'norm' }),
  'bn-alpha': laneOptionsSchema.parse({ method: 'bn-alpha', alpha: 0.3 }),
  tent: laneOptionsSchema.parse({ method: 'tent' }),
  lame: laneOptionsSchema.parse({ method: 'lame' }),
  ecotta: laneOptionsSchema.parse({ method: 'ecotta', parts: 2, warmUpEpochs: 1, margin: 1.55 }),
  adacontrast: laneOptionsSchema.parse({
    method: 'adacontrast',
    queue: 20,
    refineAfter: 8,
    neighbors: 3,
    learningRate: 1e-3,
  }),
  dss: laneOptionsSchema.parse({ method: 'dss' }),
  autolr: laneOptionsSchema.parse({ method: 'autolr', window: 2 }),
  eata: laneOptionsSchema.parse({ method: 'eata', margin: 1.55, similarity: 1, fisherWeight: 100 }),
  'eata with come': laneOptionsSchema.parse({
    method: 'eata',
    margin: 1.9,
    similarity: 1,
    fisherWeight: 0,
    come: true,
  }),
  'sar with come': laneOptionsSchema.parse({ method: 'sar', margin: 1.9, resetBelow: 0.01, come: true }),
  rotta: laneOptionsSchema.parse({ method: 'rotta', memory: 6, period: 5 }),
  note: laneOptionsSchema.parse({ method: 'note', memory: 6 }),
  rmt: laneOptionsSchema.parse({ method: 'rmt', projection: 8, warmUpImages: 24 }),
  'rmt by SGD': laneOptionsSchema.parse({ method: 'rmt', optimizer: 'sgd', projection: 8, warmUpImages: 0 }),
  santa: laneOptionsSchema.parse({ method: 'santa', projection: 8 }),
  memo: laneOptionsSchema.parse({ method: 'memo', augmentations: 2 }),
  cotta: laneOptionsSchema.parse({ method: 'cotta', augmentations: 2, threshold: 1.01 }),
  'cotta by SGD, symmetric': laneOptionsSchema.parse({
    method: 'cotta',
    optimizer: 'sgd',
    learningRate: 1e-2,
    augmentations: 2,
    threshold: 0,
    symmetric: true,
  }),
  rdumb: laneOptionsSchema.parse({ method: 'rdumb', period: 4, margin: 1.55, similarity: 1 }),
  'rdumb by SGD': laneOptionsSchema.parse({ method: 'rdumb', optimizer: 'sgd', margin: 1.55, similarity: 0.9 }),
  sar: laneOptionsSchema.parse({ method: 'sar', margin: 1.55, resetBelow: 0.01 }),
  come: laneOptionsSchema.parse({ method: 'come' }),
  deyo: laneOptionsSchema.parse({ method: 'deyo', fall: -1, margin: 1.55 }),
  roid: laneOptionsSchema.parse({ method: 'roid' }),
  'cmf by SGD': laneOptionsSchema.parse({ method: 'cmf', optimizer: 'sgd', q: 9, alpha: 0.9, gamma: 0.9 }),
  surgical: laneOptionsSchema.parse({ method: 'surgical', margin: 1.5 }),
  law: laneOptionsSchema.parse({ method: 'law' }),
  'law, clean': laneOptionsSchema.parse({ method: 'law', clean: true, tau: 0.6 }),
  'palm reference': laneOptionsSchema.parse({
    method: 'palm',
    variant: 'reference',
    kappa: 1e-3,
    eta: 0.6,
    margin: 1.2,
  }),
  'palm paper': laneOptionsSchema.parse({ method: 'palm', variant: 'paper', kappa: 1e-3, eta: 0.12, margin: 1.2 }),
  'palm auto': laneOptionsSchema.parse({ method: 'palm', tuning: 'mirrored' }),
  'palm auto, earlier': laneOptionsSchema.parse({ method: 'palm', tuning: 'agreement' }),
  'palm that tunes its kappa': laneOptionsSchema.parse({ method: 'palm', tuning: 'auto', eta: 0.6, margin: 1.2 }),
  'palm by the predicted label': laneOptionsSchema.parse({
    method: 'palm',
    kappa: 1e-3,
    eta: 2,
    margin: 1.2,
    signal: 'pseudo-label',
  }),
  'palm reference, per element': laneOptionsSchema.parse({
    method: 'palm',
    kappa: 1e-3,
    eta: 0.6,
    margin: 1.2,
    granularity: 'element',
  }),
  'palm paper, per tensor': laneOptionsSchema.parse({
    method: 'palm',
    variant: 'paper',
    kappa: 1e-3,
    eta: 0.12,
    margin: 1.2,
    granularity: 'tensor',
  }),
  'palm with LARS': laneOptionsSchema.parse({ method: 'palm', optimizer: 'lars', eta: 0.6, margin: 1.2 }),
  'palm with Prodigy': laneOptionsSchema.parse({ method: 'palm', optimizer: 'prodigy', eta: 0.6, margin: 1.2 }),
  'palm with Adafactor': laneOptionsSchema.parse({ method: 'palm', optimizer: 'adafactor', eta: 0.6, margin: 1.2 }),
  'palm with fresh Adafactor': laneOptionsSchema.parse({
    method: 'palm',
    optimizer: 'adafactor',
    optimizerState: 'fresh',
    eta: 0.6,
    margin: 1.2,
  }),
  'palm with weight decay': laneOptionsSchema.parse({
    method: 'palm',
    variant: 'reference',
    kappa: 1e-3,
    eta: 0.6,
    weightDecay: 5e-4,
  }),
}

const source: SourceImages = {
  pixels: Uint8Array.from({ length: 20 * side * side * 3 }, () => random.randint(0, 256)),
  labels: Int32Array.from({ length: 20 }, (_, i) => i % 5),
  height: side,
  width: side,
}

/** As a session makes one: warmed up, unless it goes on from a state. */
async function createMethod(...[device, model, options, seed]: Parameters<typeof create>): Promise<Method> {
  const method = create(device, model, options, seed, source)
  await method.warmUp?.(source, 8)
  return method
}

const batches = Array.from({ length: 5 }, () =>
  Uint8Array.from({ length: 8 * side * side * 3 }, () => random.randint(0, 256)),
)

const [firstBatch = new Uint8Array(0)] = batches

async function step(method: Method, bytes: Uint8Array, n = 8) {
  const x = device.fromBytes(bytes.subarray(0, n * side * side * 3), [n, side, side, 3])
  const result = await method.step(x)
  x.dispose()
  return result
}

/** Bit for bit. Node compares ten thousand numbers in no time; the matcher, which does not, then says where they differ. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected)
  expect(isDeepStrictEqual(actual, expected)).toBe(true)
}

for (const [name, options] of Object.entries(lanes)) {
  describe(name, () => {
    test('goes on bit for bit from a state that went through bytes', async () => {
      const whole = await createMethod(device, model, options, 9)
      const first = await createMethod(device, model, options, 9)
      for (const bytes of batches.slice(0, 3)) {
        await step(whole, bytes)
        await step(first, bytes)
      }
      const second = create(device, model, options, 1234, source)
      second.use?.(source)
      const state = await first.state()
      const asTaken = structuredClone(state)
      second.restore(
        decodeState(
          encodeState(state, () => false),
          'state',
        ),
      )
      for (const bytes of batches.slice(3)) expectSame(await step(second, bytes), await step(whole, bytes))
      expectSame(await second.parameters(), await whole.parameters())
      await step(first, batches[3] as Uint8Array)
      expectSame(state, asTaken)
      for (const method of [whole, first, second]) method.dispose()
    })

    for (const option of adjustableOptions(options)) {
      test(`goes on with another ${option} as if it had been made with it`, async () => {
        const other = adjusted(options, option, 1.5 * optionValue(options, option))
        const unchanged = await createMethod(device, model, options, 9)
        const changed = await createMethod(device, model, options, 9)
        await step(unchanged, firstBatch)
        await step(changed, firstBatch)
        const made = create(device, model, other, 9, source)
        made.use?.(source)
        made.restore(await changed.state())
        changed.adjust?.(other)
        let last: { now: StepResult; before: StepResult } | null = null
        for (const bytes of batches.slice(1, 4)) {
          const now = await step(changed, bytes)
          expectSame(now, await step(made, bytes))
          last = { now, before: await step(unchanged, bytes) }
        }
        expectSame(await changed.parameters(), await made.parameters())
        if (option === 'kappa' || option === 'learningRate') expect(last?.now.tensors).not.toEqual(last?.before.tensors)
        for (const method of [unchanged, changed, made]) method.dispose()
      })
    }

    test('reset makes it as new', async () => {
      const used = await createMethod(device, model, options, 9)
      for (const bytes of batches) await step(used, bytes)
      used.reset()
      const fresh = await createMethod(device, model, options, 9)
      expect(await step(used, batches[0] as Uint8Array)).toEqual(await step(fresh, batches[0] as Uint8Array))
      used.dispose()
      fresh.dispose()
    })

    test('many steps leak nothing', async () => {
      const before = [device.liveTensors(), device.liveBytes()]
      const method = await createMethod(device, model, options, 9)
      await step(method, batches[0] as Uint8Array, 2)
      const steps = 12 // more than any period or memory above
      for (let i = 0; i < steps; i++) await step(method, batches[i % 5] as Uint8Array, 2)
      method.dispose()
      expect([device.liveTensors(), device.liveBytes()]).toEqual(before)
    })
  })
}

const keepsNothing = ['source', 'norm', 'bn-alpha', 'lame', 'memo']
for (const [name, options] of Object.entries(lanes).filter(([lane]) => !keepsNothing.includes(lane))) {
  test(`${name} adapts: its weights are not the model’s after a few steps`, async () => {
    const method = await createMethod(device, model, options, 9)
    const before = await method.parameters()
    let moved = false
    for (const bytes of batches.slice(0, 3)) {
      await step(method, bytes)
      moved ||= [...(await method.parameters())].some(([tensor, { data }]) =>
        data.some((value, i) => value !== before.get(tensor)?.data[i]),
      )
    }
    expect(moved).toBe(true)
    method.dispose()
  })
}

test('BN-alpha with alpha 0 is Source', async () => {
  const alpha = await createMethod(device, model, laneOptionsSchema.parse({ method: 'bn-alpha', alpha: 0 }), 0)
  const source = await createMethod(device, model, lanes.source as LaneOptions, 0)
  expect((await step(alpha, batches[0] as Uint8Array)).logits).toEqual(
    (await step(source, batches[0] as Uint8Array)).logits,
  )
})

test('source does not depend on batch size or order', async () => {
  const method = await createMethod(device, model, lanes.source as LaneOptions, 0)
  const all = await step(method, batches[0] as Uint8Array)
  const half = await step(method, batches[0] as Uint8Array, 4)
  // Kernels may split the work differently for another batch size: rounding only.
  for (let i = 0; i < half.logits.length; i++)
    expect(Math.abs((half.logits[i] as number) - (all.logits[i] as number))).toBeLessThan(1e-4)
})

test('without a sample below the margin there is no entropy term, and the report says that none was kept', async () => {
  const method = await createMethod(
    device,
    model,
    laneOptionsSchema.parse({ method: 'palm', margin: 1e-9, eta: 1e6 }),
    0,
  )
  const result = await step(method, batches[0] as Uint8Array)
  expect(result.kept).toBe(0)
  expect(result.losses.entropy).toBe(0)
  expect(result.logits.every(Number.isFinite)).toBe(true)
  expect([...(await method.parameters()).values()].every(({ data }) => data.every(Number.isFinite))).toBe(true)
  method.dispose()
})

test('palm adapts convolutions and batch norm, never the classifier', async () => {
  const method = await createMethod(device, model, lanes['palm reference'] as LaneOptions, 0)
  expect(method.adapts()).toHaveLength(15)
  expect(method.adapts().some((tensor) => tensor.startsWith('linear'))).toBe(false)
  method.dispose()
})
