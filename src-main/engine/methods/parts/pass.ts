// One forward pass and the gradients through it, in the host's terms.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward, type Tape } from '#engine/compute/graph.ts'
import type { Parameters, Statistics, StatisticsListener } from '#engine/compute/op.ts'
import type { Model } from '#engine/models/model.ts'

export interface PassOptions {
  readonly statistics?: Statistics
  readonly onStatistics?: StatisticsListener
  readonly onOutput?: (node: string, output: DeviceTensor) => void
  /** Whether what goes into the classifier is read too. */
  readonly features?: boolean
  /** Further tensors that are read in the same wait; they are freed. */
  readonly also?: readonly DeviceTensor[]
}

export interface Prediction {
  /** Logits [N, C]. */
  readonly values: Float32Array
  /** What goes into the classifier, [N, D]; empty where it was not asked for. */
  readonly features: Float32Array
  /** What was read along. */
  readonly also: readonly Float32Array[]
}

export interface Pass extends Prediction {
  /** Gradients of the wanted tensors, the caller's; spends the pass. `dFeatures`: a further gradient at the features. */
  readonly gradients: (dLogits: Float64Array | null, dFeatures?: Float64Array) => Map<string, DeviceTensor>
  /** In place of `gradients`. */
  readonly drop: () => void
}

/** A forward pass with its logits and, where they are asked for, a copy of the features. */
function run(
  device: Device,
  model: Model,
  parameters: Parameters,
  pixels: DeviceTensor,
  options: PassOptions,
  tape: boolean,
) {
  let features: DeviceTensor | null = null
  const made = forward(device, model.graph, parameters, pixels, {
    tape,
    statistics: options.statistics ?? 'batch',
    ...(options.onStatistics ? { onStatistics: options.onStatistics } : {}),
    onOutput: (node: string, output: DeviceTensor) => {
      if (options.features && node === model.graph.features) features = device.scale(output, 1)
      options.onOutput?.(node, output)
    },
  })
  return { ...made, features: features as DeviceTensor | null }
}

/** A pass whose numbers are still on the device. */
export interface Begun<T extends Prediction> {
  readonly tensors: readonly DeviceTensor[]
  readonly finish: (values: readonly Float32Array[]) => T
}

/** What was begun, with one wait for all of it. */
export async function finished<T extends readonly Prediction[]>(
  device: Device,
  ...begun: { readonly [K in keyof T]: Begun<T[K]> }
): Promise<T> {
  const tensors = begun.flatMap((one) => one.tensors)
  const reading = device.readMany(tensors)
  for (const tensor of tensors) tensor.dispose()
  const values = await reading
  let at = 0
  return begun.map((one) => one.finish(values.slice(at, (at += one.tensors.length)))) as unknown as T
}

function predictionOf(values: readonly Float32Array[], hasFeatures: boolean): Prediction {
  const [logits = new Float32Array(0), ...more] = values
  const [features = new Float32Array(0), ...also] = hasFeatures ? more : [new Float32Array(0), ...more]
  return { values: logits, features, also }
}

const heldBy = (logits: DeviceTensor, features: DeviceTensor | null, { also = [] }: PassOptions) => [
  logits,
  ...(features ? [features] : []),
  ...also,
]

/** `pixels` in [0, 1]. */
export function beginPass(
  device: Device,
  model: Model,
  parameters: Parameters,
  pixels: DeviceTensor,
  wanted: ReadonlySet<string>,
  options: PassOptions = {},
): Begun<Pass> {
  const { logits, features, tape } = run(device, model, parameters, pixels, options, true)
  const shapes = [logits.shape, features?.shape ?? []] as const
  return {
    tensors: heldBy(logits, features, options),
    finish: (values) => ({
      ...predictionOf(values, features !== null),
      gradients: (gradient, dFeatures) => {
        const given = [gradient, dFeatures ?? null]
        const uploaded = device.fromArrays(
          given.flatMap((data, i) => (data ? [{ data: Float32Array.from(data), shape: shapes[i] ?? [] }] : [])),
        )
        const dLogits = gradient ? (uploaded[0] as DeviceTensor) : null
        const at = dFeatures
          ? new Map([[model.graph.features, uploaded.at(-1) as DeviceTensor]])
          : new Map<string, DeviceTensor>()
        const gradients = (tape as Tape).backward(dLogits, wanted, { last: true, at })
        for (const tensor of uploaded) tensor.dispose()
        return gradients
      },
      drop: () => (tape as Tape).dispose(),
    }),
  }
}

/** Logits and features without a way back. */
export function beginPrediction(
  device: Device,
  model: Model,
  parameters: Parameters,
  pixels: DeviceTensor,
  options: PassOptions = {},
): Begun<Prediction> {
  const { logits, features } = run(device, model, parameters, pixels, options, false)
  return {
    tensors: heldBy(logits, features, options),
    finish: (values) => predictionOf(values, features !== null),
  }
}

/** `beginPass`, waited for. */
export async function passOf(
  device: Device,
  model: Model,
  parameters: Parameters,
  pixels: DeviceTensor,
  wanted: ReadonlySet<string>,
  options: PassOptions = {},
): Promise<Pass> {
  const [pass] = await finished(device, beginPass(device, model, parameters, pixels, wanted, options))
  return pass
}

/** `beginPrediction`, waited for. */
export async function predict(
  device: Device,
  model: Model,
  parameters: Parameters,
  pixels: DeviceTensor,
  options: PassOptions = {},
): Promise<Prediction> {
  const [prediction] = await finished(device, beginPrediction(device, model, parameters, pixels, options))
  return prediction
}
