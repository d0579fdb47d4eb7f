// One forward pass and the gradients through it, in the host's terms.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward, type Tape } from '#engine/compute/graph.ts'
import type { Parameters, Statistics, StatisticsListener } from '#engine/compute/op.ts'
import type { Model } from '#engine/models/model.ts'

export interface PassOptions {
  readonly statistics?: Statistics
  readonly onStatistics?: StatisticsListener
  readonly onOutput?: (node: string, output: DeviceTensor) => void
}

export interface Pass {
  /** Logits [N, C]. */
  readonly values: Float32Array
  /** What goes into the classifier, [N, D]. */
  readonly features: Float32Array
  /** Gradients of the wanted tensors, the caller's; spends the pass. `dFeatures`: a further gradient at the features. */
  readonly gradients: (dLogits: Float64Array | null, dFeatures?: Float64Array) => Map<string, DeviceTensor>
  /** In place of `gradients`. */
  readonly drop: () => void
}

const observed = (model: Model, options: PassOptions, onFeatures: (output: DeviceTensor) => void) => ({
  statistics: options.statistics ?? 'batch',
  ...(options.onStatistics ? { onStatistics: options.onStatistics } : {}),
  onOutput: (node: string, output: DeviceTensor) => {
    if (node === model.graph.features) onFeatures(output)
    options.onOutput?.(node, output)
  },
})

/** `pixels` in [0, 1]. */
export async function passOf(
  device: Device,
  model: Model,
  parameters: Parameters,
  pixels: DeviceTensor,
  wanted: ReadonlySet<string>,
  options: PassOptions = {},
): Promise<Pass> {
  let features: Promise<Float32Array> = Promise.resolve(new Float32Array(0))
  let featureShape: readonly number[] = []
  const { logits, tape } = forward(device, model.graph, parameters, pixels, {
    tape: true,
    ...observed(model, options, (output) => {
      features = device.read(output)
      featureShape = output.shape
    }),
  })
  const { shape } = logits
  const reading = Promise.all([device.read(logits), features])
  logits.dispose()
  const [values, seen] = await reading
  return {
    values,
    features: seen,
    gradients: (gradient, dFeatures) => {
      const dLogits = gradient ? device.fromArray(Float32Array.from(gradient), shape) : null
      const at = dFeatures
        ? new Map([[model.graph.features, device.fromArray(Float32Array.from(dFeatures), featureShape)]])
        : new Map<string, DeviceTensor>()
      const gradients = (tape as Tape).backward(dLogits, wanted, { last: true, at })
      dLogits?.dispose()
      for (const tensor of at.values()) tensor.dispose()
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
  let features: Promise<Float32Array> = Promise.resolve(new Float32Array(0))
  const { logits } = forward(device, model.graph, parameters, pixels, {
    tape: false,
    ...observed(model, options, (output) => {
      features = device.read(output)
    }),
  })
  const reading = Promise.all([device.read(logits), features])
  logits.dispose()
  const [values, seen] = await reading
  return { values, features: seen }
}
