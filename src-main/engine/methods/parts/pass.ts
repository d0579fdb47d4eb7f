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
}

export interface Pass {
  /** Logits [N, C]. */
  readonly values: Float32Array
  /** What goes into the classifier, [N, D]; empty where it was not asked for. */
  readonly features: Float32Array
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

/** Both in one read; frees them. */
async function taken(
  device: Device,
  logits: DeviceTensor,
  features: DeviceTensor | null,
): Promise<{ values: Float32Array; features: Float32Array }> {
  const reading = device.readMany(features ? [logits, features] : [logits])
  logits.dispose()
  features?.dispose()
  const [values, seen] = await reading
  return { values: values as Float32Array, features: seen ?? new Float32Array(0) }
}

/** `pixels` in [0, 1]. */
export async function passOf(
  device: Device,
  model: Model,
  parameters: Parameters,
  pixels: DeviceTensor,
  wanted: ReadonlySet<string>,
  options: PassOptions = {},
): Promise<Pass> {
  const { logits, features, tape } = run(device, model, parameters, pixels, options, true)
  const shapes = [logits.shape, features?.shape ?? []] as const
  return {
    ...(await taken(device, logits, features)),
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
  }
}

/** Logits and features without a way back. */
export async function predict(
  device: Device,
  model: Model,
  parameters: Parameters,
  pixels: DeviceTensor,
  options: PassOptions = {},
): Promise<{ values: Float32Array; features: Float32Array }> {
  const { logits, features } = run(device, model, parameters, pixels, options, false)
  return taken(device, logits, features)
}
