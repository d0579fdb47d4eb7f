// Batch normalisation: moments, the fixed form, and the gradient through the moments.
import { FLOAT, bool, float, int, noAttributes, string, type, type Attribute } from '#engine/compute/binding.ts'
import type { BatchNormGradient, Device, DeviceTensor, Moments } from '#engine/compute/device.ts'
import { elements, type KernelCaller } from './kernel-caller.ts'

/** How many times E[x^2] may exceed the variance before E[x^2] - E[x]^2 is not used: it costs log2 of this in bits. */
const worstCancellation = 8

export function normalizationKernels(
  call: KernelCaller,
  others: Pick<Device, 'mean' | 'addScalar' | 'relu' | 'reshape'>,
) {
  const rectified = new FusedRectifier(call)

  /**
   * The fused kernel's own statistics are sums in plain float32 (measured: logits off by 1.3e-5 where PyTorch's are off by 4e-6, enough to
   * flip a ReLU and with it a small gradient), so the moments come from kernels that sum in a tree. On the CPU the variance is
   * E[x^2] - E[x]^2, one quick pass, unless some channel's mean is so far from zero that the difference would lose digits.
   */
  function moments(x: DeviceTensor): Moments {
    const axes = x.shape.map((_, axis) => axis).slice(0, -1)
    const mean = others.mean(x, axes)
    if (call.kind === 'cpu') {
      const variance = quickVariance(x, mean, axes)
      if (variance) return { mean, variance }
    }
    const squares = call.one('SquaredDifference', noAttributes, [x, mean])
    const variance = others.mean(squares, axes)
    squares.dispose()
    return { mean, variance }
  }

  function quickVariance(x: DeviceTensor, mean: DeviceTensor, axes: readonly number[]): DeviceTensor | null {
    const norm = call.one('EuclideanNorm', [bool('keep_dims', false)], [x, call.argument(axes)])
    const norms = call.read(norm)
    const means = call.read(mean)
    norm.dispose()
    const rows = elements(x.shape) / (x.shape.at(-1) ?? 1)
    const variances = new Float32Array(means.length)
    for (let c = 0; c < means.length; c++) {
      const square = (norms[c] as number) ** 2 / rows
      variances[c] = square - (means[c] as number) ** 2
      if (!((variances[c] as number) * worstCancellation >= square)) return null
    }
    return call.fromArray(variances, [variances.length])
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
  ): BatchNormGradient {
    // The fifth input is the variance on the processor, but 1/sqrt(variance + epsilon) on CUDA, where cuDNN's forward pass saves that.
    const spread = call.kind === 'cuda' ? inverseDeviation(variance, epsilon) : variance
    const unused = call.fromArray(new Float32Array(0), [0])
    const [dx, dScale, dOffset, ...rest] = asImages(dy, (dyImages) =>
      asImages(x, (images) =>
        call.many(
          'FusedBatchNormGradV3',
          attributesOf(epsilon, true),
          [dyImages, images, scale, mean, spread, unused],
          5,
        ),
      ),
    )
    for (const tensor of [unused, ...rest]) tensor.dispose()
    if (spread !== variance) spread.dispose()
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

  return { moments, batchNormGradient, batchNormFixed } satisfies Partial<Device>
}

const attributesOf = (epsilon: number, training: boolean): Attribute[] => [
  float('epsilon', epsilon),
  string('data_format', 'NHWC'),
  bool('is_training', training),
]

/**
 * oneDNN's batch norm with a rectifier in the same pass: the same bits as the two kernels, in half the time. TensorFlow registers it
 * for its own graph rewriter, on x86 only; where it is not there, the first try finds out.
 */
class FusedRectifier {
  private readonly call: KernelCaller
  /** Null = nobody has tried. */
  private works: boolean | null

  constructor(call: KernelCaller) {
    this.call = call
    this.works = call.kind === 'cpu' ? null : false
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
      string('_kernel', 'MklNameChangeOp'),
    ]
    try {
      const [y, ...rest] = this.call.many('_MklNativeFusedBatchNormEx', fused, inputs, 6)
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
