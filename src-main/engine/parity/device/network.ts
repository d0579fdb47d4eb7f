// A small network's forward pass, gradients and two steps of PALM against stored numbers, those of TensorFlow on a processor (network-numbers.ts): whether
// operations that are right one by one are right together.
import { ViewRandom } from '#engine/augment/random.ts'
import type { Device } from '#engine/compute/device.ts'
import type { NamedArray, StepResult } from '#engine/methods/method.ts'
import { createMethod } from '#engine/methods/registry.ts'
import { laneOptionsSchema, type LaneOptionsInput } from '#contract/methods/methods.ts'
import { cifarResNet } from '#engine/models/architectures/cifar-resnet.ts'
import { modelFrom } from '#engine/models/load.ts'
import { elementCount } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import { relative, type DeviceDeviation } from './deviation.ts'
import { networkNumbers, type NetworkNumbers } from './network-numbers.ts'

/** A small network, what it sees, and what happens to it. */
export interface NetworkRun {
  readonly seed: number
  /** Pixels. */
  readonly side: number
  readonly batch: number
  readonly steps: number
  readonly options: LaneOptionsInput
}

const proof: NetworkRun = {
  seed: 29,
  side: 12,
  batch: 8,
  steps: 2,
  options: { method: 'palm', variant: 'reference', kappa: 1e-3, eta: 0.6, margin: 1.2 },
}

/** What the steps gave, and the tensors before and after them. From nothing but this file and the seed. */
export async function computeSteps(
  device: Device,
  { seed, side, batch, steps, options }: NetworkRun,
): Promise<{
  readonly results: readonly StepResult[]
  readonly before: ReadonlyMap<string, NamedArray>
  readonly after: ReadonlyMap<string, NamedArray>
}> {
  const architecture = cifarResNet({
    blocks: [1, 1, 1],
    widths: [4, 8, 16],
    classes: 5,
    classifier: 'linear',
    stemStride: 1,
    normalization: imagenetNormalization,
    inputSize: null,
  })
  const random = new ViewRandom(seed)
  const values = new Map(
    architecture.tensors.map(({ name, kind, shape }) => {
      const count = elementCount(shape)
      const one = kind === 'bn-weight' || kind === 'bn-variance'
      const spread = one || count === shape[0] ? 0.2 : Math.sqrt((6 * (shape[0] ?? 1)) / count)
      return [name, Float32Array.from({ length: count }, () => Number(one) + random.uniform(-spread, spread))]
    }),
  )
  const model = modelFrom(device, { ...architecture, classNames: null }, values, 'device proof')
  const method = createMethod(device, model, laneOptionsSchema.parse(options), 0)
  const before = await method.parameters()
  const step = async () => {
    const [x, view] = [0, 1].map(() => {
      const bytes = Uint8Array.from({ length: batch * side * side * 3 }, () => Math.floor(random.uniform(0, 256)))
      return device.fromBytes(bytes, [batch, side, side, 3])
    })
    try {
      if (!x || !view) throw new RangeError('A step takes a batch and its view')
      return await method.step(x, view)
    } finally {
      x?.dispose()
      view?.dispose()
    }
  }
  const results: StepResult[] = []
  for (let i = 0; i < steps; i++) results.push(await step())
  const after = await method.parameters()
  method.dispose()
  model.dispose()
  return { results, before, after }
}

/** Two steps of PALM. */
export async function computeNetwork(device: Device): Promise<NetworkNumbers> {
  const { results, before, after } = await computeSteps(device, proof)
  const [first, second] = results
  return {
    logits: Array.from(first?.logits ?? []),
    scores: first?.tensors.map(({ score }) => score ?? 0) ?? [],
    adaptedLogits: Array.from(second?.logits ?? []),
    moved: [...after].map(([name, { data }]) =>
      data.reduce((sum, value, i) => sum + Math.abs(value - (before.get(name)?.data[i] ?? 0)), 0),
    ),
  }
}

/** Adam divides gradients by their own size: the noise of small ones is as large as what it moves. */
const limits = {
  logits: { float32: 1e-4, tf32: 2e-2 },
  scores: { float32: 1e-3, tf32: 1e-1 },
  adaptedLogits: { float32: 2e-3, tf32: 5e-2 },
  moved: { float32: 5e-3, tf32: 1e-1 },
} as const satisfies Record<keyof NetworkNumbers, Record<'float32' | 'tf32', number>>

const words = {
  logits: 'a network’s logits',
  scores: 'the gradients of a network',
  adaptedLogits: 'a network’s logits after a step of PALM',
  moved: 'two updates of PALM',
} as const satisfies Record<keyof NetworkNumbers, string>

export async function networkProof(device: Device, precision: 'float32' | 'tf32'): Promise<DeviceDeviation[]> {
  try {
    const found = await computeNetwork(device)
    return (Object.keys(limits) as (keyof NetworkNumbers)[]).map((part) => ({
      what: words[part],
      deviation:
        found[part].length === networkNumbers[part].length ? relative(found[part], networkNumbers[part]) : Infinity,
      limit: limits[part][precision],
      failure: null,
    }))
  } catch (thrown) {
    const failure = thrown instanceof Error ? thrown.message : String(thrown)
    return [{ what: 'a step of PALM', deviation: Infinity, limit: 0, failure }]
  }
}
