// Batch normalisation: moments, the fixed form, and the gradient through the moments.
import { FLOAT, bool, float, int, noAttributes, string, type, type Attribute } from '#engine/compute/binding.ts'
import type {
  BatchNormGradient,
  Device,
  DeviceTensor,
  Moments,
  NormalizedBatch,
  Rectified,
} from '#engine/compute/device.ts'
import { elements, type KernelCaller } from './kernel-caller.ts'

export function normalizationKernels(
  call: KernelCaller,
  others: Pick<Device, 'mean' | 'addScalar' | 'relu' | 'reluGradient' | 'reshape'>,
) {
  const rectified = new FusedRectifier(call)

  /**
   * The fused kernel's own statistics are sums in plain float32 (measured: logits off by 1.3e-5 where PyTorch's are off by 4e-6, enough to
   * flip a ReLU and with it a small gradient), so the moments come from kernels that sum in a tree, and the variance from what is left when the
   * mean is taken away, however far that is from zero.
   */
  function moments(x: DeviceTensor): Moments {
    const axes = x.shape.map((_, axis) => axis).slice(0, -1)
    const mean = others.mean(x, axes)
    if (call.kind === 'cpu') return { mean, variance: centredSquares(x, mean, axes) }
    const squares = call.one('SquaredDifference', noAttributes, [x, mean])
    const variance = others.mean(squares, axes)
    squares.dispose()
    return { mean, variance }
  }

  /** Mean of (x - mean)^2. The fused kernel centres in a quarter of the time of a subtraction that broadcasts. */
  function centredSquares(x: DeviceTensor, mean: DeviceTensor, axes: readonly number[]): DeviceTensor {
    const channels = x.shape.at(-1) ?? 1
    const row = (value: number) => call.constant(new Array<number>(channels).fill(value), [channels])
    const share = 1 / Math.sqrt(elements(x.shape) / channels)
    const centred = batchNormFixed(x, row(share), row(0), mean, row(1), 0)
    const norm = call.one('EuclideanNorm', [bool('keep_dims', false)], [centred, call.argument(axes)])
    const variance = call.one('Square', noAttributes, [norm])
    centred.dispose()
    norm.dispose()
    return variance
  }

  /** The fused kernels take images only: rows of features [N, C] are images of one pixel. */
  function asImages<T>(x: DeviceTensor, work: (images: DeviceTensor) => T): T {
    if (x.shape.length === 4) return work(x)
    const images = others.reshape(x, [elements(x.shape) / (x.shape.at(-1) ?? 1), 1, 1, x.shape.at(-1) ?? 1])
    const result = work(images)
    images.dispose()
    return result
  }

  /** As it was before; an image's is passed on. */
  function shapedLike(y: DeviceTensor, shape: readonly number[]): DeviceTensor {
    if (shape.length === 4) return y
    const shaped = others.reshape(y, shape)
    y.dispose()
    return shaped
  }

  function inverseDeviation(variance: DeviceTensor, epsilon: number): DeviceTensor {
    const shifted = others.addScalar(variance, epsilon)
    const inverse = call.one('Rsqrt', noAttributes, [shifted])
    shifted.dispose()
    return inverse
  }

  function batchNormGradient(
    dy: DeviceTensor,
    x: DeviceTensor,
    scale: DeviceTensor,
    mean: DeviceTensor,
    variance: DeviceTensor,
    epsilon: number,
    saved: readonly DeviceTensor[] = [],
    rectified: Rectified | null = null,
  ): BatchNormGradient {
    if (rectified) {
      const behind = others.reluGradient(dy, rectified.output())
      const result = batchNormGradient(behind, x, scale, mean, variance, epsilon, saved)
      behind.dispose()
      return result
    }
    // The fifth input is the variance on the processor, but 1/sqrt(variance + epsilon) on CUDA, where cuDNN's forward pass saves that.
    const spread = saved[0] ?? (call.kind === 'cuda' ? inverseDeviation(variance, epsilon) : variance)
    const reserved = saved[1] ?? call.constant([], [0])
    const [dx, dScale, dOffset, ...rest] = asImages(dy, (dyImages) =>
      asImages(x, (images) =>
        call.many(
          'FusedBatchNormGradV3',
          attributesOf(epsilon, true),
          [dyImages, images, scale, mean, spread, reserved],
          5,
        ),
      ),
    )
    for (const tensor of rest) tensor.dispose()
    if (spread !== variance && spread !== saved[0]) spread.dispose()
    return {
      dx: shapedLike(dx as DeviceTensor, x.shape),
      dScale: dScale as DeviceTensor,
      dOffset: dOffset as DeviceTensor,
    }
  }

  function batchNormFixed(
    x: DeviceTensor,
    scale: DeviceTensor,
    offset: DeviceTensor,
    mean: DeviceTensor,
    variance: DeviceTensor,
    epsilon: number,
    relu = false,
  ): DeviceTensor {
    if (x.shape.length !== 4)
      return shapedLike(
        asImages(x, (images) => batchNormFixed(images, scale, offset, mean, variance, epsilon, relu)),
        x.shape,
      )
    const inputs = [x, scale, offset, mean, variance]
    const attributes = [...attributesOf(epsilon, false), float('exponential_avg_factor', 1)]
    const fused = relu ? rectified.normalize(attributes, inputs) : null
    if (fused) return fused
    const [y, ...rest] = call.many('FusedBatchNormV3', attributes, inputs, 6) as [DeviceTensor, ...DeviceTensor[]]
    for (const tensor of rest) tensor.dispose()
    if (!relu) return y
    const positive = others.relu(y)
    y.dispose()
    return positive
  }

  /** On CUDA one kernel, which sums in a tree; what it saves goes into its gradient as it is. */
  function fusedTraining(
    x: DeviceTensor,
    scale: DeviceTensor,
    offset: DeviceTensor,
    epsilon: number,
    relu: boolean,
  ): NormalizedBatch {
    const channels = x.shape.at(-1) ?? 1
    const rows = elements(x.shape) / channels
    // It gives the unbiased variance times this factor, and 1 - factor of the variance that comes in: together the biased one.
    const share = rows > 1 ? (rows - 1) / rows : 1
    const before = call.constant(new Array<number>(channels).fill(0), [channels])
    const attributes = [...attributesOf(epsilon, true), float('exponential_avg_factor', share)]
    const [normed, shareOfMean, variance, mean, inverse, reserved] = asImages(x, (images) =>
      call.many('FusedBatchNormV3', attributes, [images, scale, offset, before, before], 6),
    ) as [DeviceTensor, DeviceTensor, DeviceTensor, DeviceTensor, DeviceTensor, DeviceTensor]
    shareOfMean.dispose()
    let y = shapedLike(normed, x.shape)
    if (relu) {
      const positive = others.relu(y)
      y.dispose()
      y = positive
    }
    return { y, mean, variance, saved: [inverse, reserved] }
  }

  function batchNormTraining(
    x: DeviceTensor,
    scale: DeviceTensor,
    offset: DeviceTensor,
    epsilon: number,
    relu = false,
  ): NormalizedBatch {
    if (call.kind === 'cuda') return fusedTraining(x, scale, offset, epsilon, relu)
    const { mean, variance } = moments(x)
    return { y: batchNormFixed(x, scale, offset, mean, variance, epsilon, relu), mean, variance, saved: [] }
  }

  return { moments, batchNormTraining, batchNormGradient, batchNormFixed } satisfies Partial<Device>
}

const attributesOf = (epsilon: number, training: boolean): Attribute[] => [
  float('epsilon', epsilon),
  string('data_format', 'NHWC'),
  bool('is_training', training),
]

/**
 * Batch norm with a rectifier in the same pass: the same bits as the two kernels, in half the time. TensorFlow registers it for its own graph
 * rewriters: oneDNN's on x86 only, and one on CUDA; where it is not there, the first try finds out.
 */
class FusedRectifier {
  private readonly call: KernelCaller
  /** Null = nobody has tried. */
  private works: boolean | null

  constructor(call: KernelCaller) {
    this.call = call
    this.works = null
  }

  /** Null where there is no such kernel. */
  normalize(attributes: readonly Attribute[], inputs: readonly DeviceTensor[]): DeviceTensor | null {
    if (this.works === false) return null
    const fused = [
      ...attributes,
      type('T', FLOAT),
      type('U', FLOAT),
      string('activation_mode', 'Relu'),
      int('num_side_inputs', 0),
      ...(this.call.kind === 'cpu' ? [string('_kernel', 'MklNameChangeOp')] : []),
    ]
    const name = this.call.kind === 'cpu' ? '_MklNativeFusedBatchNormEx' : '_FusedBatchNormEx'
    try {
      const [y, ...rest] = this.call.many(name, fused, inputs, 6)
      for (const tensor of rest) tensor.dispose()
      this.works = true
      return y as DeviceTensor
    } catch (thrown) {
      if (this.works) throw thrown
      this.works = false
      return null
    }
  }
}
