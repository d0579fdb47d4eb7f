// Methods that no published trace covers, step by step against test/golden/methods.py: their equations computed independently in PyTorch, in double
// precision. Adam-like first steps are nearly rate * sign(g): where a gradient is within rounding of 0 an element may go the other way, so a few may be off.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { laneOptionsSchema, type LaneOptionsInput } from '#contract/methods/methods.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { sortingScore } from '#engine/methods/autolr/autolr.ts'
import { Ecotta } from '#engine/methods/ecotta/ecotta.ts'
import type { Method, StepResult } from '#engine/methods/method.ts'
import { createMethod } from '#engine/methods/registry.ts'
import { cifarResNet } from '#engine/models/architectures/cifar-resnet.ts'
import { modelFrom } from '#engine/models/load.ts'
import { partition } from '#engine/models/architectures/meta-networks.ts'
import { elementCount } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import { NumpyRandom } from '#stream/images/random.ts'

interface GoldenStep {
  readonly logits: string
  readonly selected?: readonly string[]
  readonly kept?: readonly boolean[]
  readonly rates?: readonly number[]
  readonly regularization?: number
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/methods.json'), 'utf8')) as {
  versions: Record<string, string>
  cases: Record<string, { steps: GoldenStep[]; parameters: Record<string, string> }>
}
const device = loadDevice()
const side = 16
const batch = 8
const floats = (text: string) => new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer)

const architecture = cifarResNet({
  blocks: [1, 1, 1],
  widths: [4, 8, 16],
  classes: 5,
  classifier: 'linear',
  stemStride: 1,
  normalization: imagenetNormalization,
  inputSize: null,
})
const values = new Map(
  architecture.tensors.map(({ name, kind, shape }) => {
    const random = new NumpyRandom(crc32(name))
    const n = elementCount(shape)
    if (kind === 'conv' || kind === 'linear-weight')
      return [
        name,
        new Float32Array(random.gaussians(n).map((value) => value * Math.sqrt(2 / (n / (shape[0] as number))))),
      ]
    if (kind === 'bn-weight') return [name, new Float32Array(random.uniforms(n, 0.6, 1.4))]
    return [
      name,
      kind === 'bn-variance'
        ? new Float32Array(n).fill(1)
        : kind === 'bn-mean'
          ? new Float32Array(n)
          : new Float32Array(random.gaussians(n).map((value) => value * 0.2)),
    ]
  }),
)
const model = modelFrom(device, { ...architecture, classNames: null }, values, 'golden')
afterAll(() => model.dispose())

const pixels = (name: string, n: number) =>
  new Float32Array(new NumpyRandom(crc32(name)).uniforms(n * side * side * 3, 0, 256).map(Math.floor))

async function step(method: Method, t: number): Promise<StepResult> {
  const x = device.fromArray(pixels(`x${t}`, batch), [batch, side, side, 3])
  const view = device.fromArray(pixels(`view${t}`, batch), [batch, side, side, 3])
  const result = await method.step(x, view)
  x.dispose()
  view.dispose()
  return result
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))),
    a.length === b.length ? 0 : Number.POSITIVE_INFINITY,
  )

/** @returns the share of elements that are off by more than 1e-4 of their tensor's largest */
async function shareOff(method: Method, parameters: Readonly<Record<string, string>>): Promise<number> {
  let off = 0
  let all = 0
  const found = await method.parameters()
  for (const [name, text] of Object.entries(parameters)) {
    const expected = floats(text)
    const own = found.get(name)?.data ?? new Float32Array(0)
    expect(own.length, name).toBe(expected.length)
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    all += expected.length
    for (const [i, value] of expected.entries()) if (!(Math.abs(value - (own[i] as number)) <= 1e-4 * scale)) off += 1
  }
  return off / all
}

const palm = (more: object): LaneOptionsInput => ({
  method: 'palm',
  kappa: 1e-3,
  eta: 2e-3,
  margin: 1.2,
  alpha: 0.5,
  temperature: 50,
  lambda: 0.01,
  ...more,
})
const lanes: Record<string, LaneOptionsInput> = {
  'palm pseudo-label': palm({ signal: 'pseudo-label', eta: 4 }),
  'palm element': palm({ granularity: 'element' }),
  'palm lars': palm({ optimizer: 'lars' }),
  'palm prodigy': palm({ optimizer: 'prodigy' }),
  'palm prodigy fresh': palm({ optimizer: 'prodigy', optimizerState: 'fresh' }),
  'palm adafactor': palm({ optimizer: 'adafactor' }),
  'palm adafactor fresh': palm({ optimizer: 'adafactor', optimizerState: 'fresh' }),
  dss: { method: 'dss', teacherMomentum: 0.9, thresholdMomentum: 0.1 },
  autolr: { method: 'autolr', learningRate: 1e-3, window: 2 },
}

describe(`against PyTorch ${golden.versions.torch}`, () => {
  for (const [name, options] of Object.entries(lanes)) {
    test(name, async () => {
      const { steps, parameters } = golden.cases[name] as (typeof golden.cases)[string]
      const method = createMethod(device, model, laneOptionsSchema.parse(options), 7)
      const adapts = method.adapts()
      for (const [t, expected] of steps.entries()) {
        const result = await step(method, t)
        expect(largest(result.logits, floats(expected.logits)), `logits of step ${t}`).toBeLessThan(2e-3)
        if (expected.selected)
          expect(
            adapts.filter((_, i) => result.tensors[i]?.state === 'fresh'),
            `selected in step ${t}`,
          ).toEqual(expected.selected)
        if (expected.kept) expect(result.keptMask).toEqual(expected.kept)
        if (expected.rates) {
          const rates = ['conv1.weight', 'layer1.0.conv1.weight', 'layer2.0.conv1.weight', 'layer3.0.conv1.weight'].map(
            (tensor) => result.tensors[adapts.indexOf(tensor)]?.learningRate as number,
          )
          for (const [i, rate] of rates.entries()) expect(rate / (expected.rates[i] as number)).toBeCloseTo(1, 3)
        }
      }
      expect(await shareOff(method, parameters)).toBeLessThan(5e-3)
      method.dispose()
    })
  }

  test('ecotta, warm-up included', async () => {
    const { steps, parameters } = golden.cases.ecotta as (typeof golden.cases)[string]
    const options = laneOptionsSchema.parse({ method: 'ecotta', parts: 2, warmUpEpochs: 2, margin: 1.5 })
    if (options.method !== 'ecotta') throw new Error('unreachable')
    const method = new Ecotta(device, model, options, 0, {
      draw: (tensor, size) => new Float32Array(new NumpyRandom(crc32(tensor)).uniforms(size, -1, 1)),
    })
    await method.warmUp(
      {
        pixels: Uint8Array.from(pixels('source', 10)),
        labels: Int32Array.from({ length: 10 }, (_, i) => i % 5),
        height: side,
        width: side,
      },
      5,
    )
    for (const [t, expected] of steps.entries()) {
      const result = await step(method, t)
      expect(largest(result.logits, floats(expected.logits)), `logits of step ${t}`).toBeLessThan(2e-3)
      expect(result.keptMask).toEqual(expected.kept)
      expect((result.losses.regularization as number) / (expected.regularization as number)).toBeCloseTo(1, 3)
    }
    expect(await shareOff(method, parameters)).toBeLessThan(5e-3)
    method.dispose()
  })

  test('a wrong constant shows: these comparisons can fail', async () => {
    const wrong: [string, LaneOptionsInput][] = [
      ['palm lars', palm({ optimizer: 'lars', optimizerRate: 1.05 })],
      ['palm prodigy', palm({ optimizer: 'prodigy', optimizerRate: 2 })],
      ['palm adafactor', palm({ optimizer: 'adafactor', optimizerState: 'fresh' })],
      ['palm element', palm({})],
      ['dss', { method: 'dss', teacherMomentum: 0.9, thresholdMomentum: 0.5 }],
      ['autolr', { method: 'autolr', learningRate: 1e-3, window: 3 }],
    ]
    for (const [name, options] of wrong) {
      const { steps, parameters } = golden.cases[name] as (typeof golden.cases)[string]
      const method = createMethod(device, model, laneOptionsSchema.parse(options), 7)
      for (const t of steps.keys()) await step(method, t)
      expect(await shareOff(method, parameters), name).toBeGreaterThan(5e-3)
      method.dispose()
    }
  })
})

test('the parts of a network are the published ones where there are any, and always whole blocks', () => {
  expect(partition(12, 4)).toEqual([2, 2, 4, 4])
  expect(partition(16, 5)).toEqual([2, 2, 4, 4, 4])
  for (const blocks of [1, 2, 3, 9, 27]) {
    for (const parts of [1, 2, 4, 16]) {
      const sizes = partition(blocks, parts)
      expect(sizes).toHaveLength(Math.min(blocks, parts))
      expect(sizes.reduce((sum, n) => sum + n, 0)).toBe(blocks)
      expect(sizes.every((n) => n > 0)).toBe(true)
    }
  }
})

test('AutoLR’s sorting score is 1 for rising values and falls with disorder', () => {
  expect(sortingScore([1, 2, 3, 4])).toBe(1)
  expect(sortingScore([4, 3, 2, 1])).toBe(0)
  expect(sortingScore([2, 1, 3, 4])).toBe(0.75)
})
