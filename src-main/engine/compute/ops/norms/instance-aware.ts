// Instance-aware batch norm (NOTE: Gong et al., NeurIPS 2022): the reference statistics (the batch's in training, else the running ones) are
// corrected towards an image's own where those lie too far outside what sampling L = H W positions explains, by soft shrinkage. All variances
// are unbiased. Composed of small steps: the statistics are [N, 1, 1, C].
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type {
  BackwardContext,
  BackwardResult,
  ForwardContext,
  ForwardResult,
  RemakeContext,
  Statistics,
} from '#engine/compute/op.ts'
import { wantedOf } from './norm-result.ts'

type InstanceAware = Extract<Statistics, { readonly instanceAware: number }>

/** Frees what was made on the way. */
class Scratch {
  private readonly tensors: DeviceTensor[] = []

  keep(tensor: DeviceTensor): DeviceTensor {
    this.tensors.push(tensor)
    return tensor
  }

  dispose(): void {
    for (const tensor of this.tensors) tensor.dispose()
  }
}

const positions = (x: DeviceTensor) => (x.shape[1] ?? 1) * (x.shape[2] ?? 1)

interface Reference {
  readonly mean: DeviceTensor // [1, 1, 1, C]
  readonly variance: DeviceTensor
}

interface Instance {
  readonly mean: DeviceTensor // [N, 1, 1, C]
  readonly variance: DeviceTensor
}

function unbiasedOver(
  device: Device,
  scratch: Scratch,
  x: DeviceTensor,
  axes: readonly number[],
  count: number,
): { mean: DeviceTensor; variance: DeviceTensor } {
  const mean = scratch.keep(device.mean(x, axes, true))
  const squares = scratch.keep(device.square(scratch.keep(device.sub(x, mean))))
  return {
    mean,
    variance: scratch.keep(device.scale(scratch.keep(device.sum(squares, axes, true)), 1 / Math.max(1, count - 1))),
  }
}

/** shrink(value, threshold) and, as gates for gradients, its two halves: above the threshold and below minus the threshold. */
function shrink(
  device: Device,
  scratch: Scratch,
  value: DeviceTensor,
  threshold: DeviceTensor,
): { value: DeviceTensor; above: DeviceTensor; below: DeviceTensor } {
  const above = scratch.keep(device.relu(scratch.keep(device.sub(value, threshold))))
  const below = scratch.keep(device.relu(scratch.keep(device.sub(scratch.keep(device.neg(value)), threshold))))
  return { value: scratch.keep(device.sub(above, below)), above, below }
}

function parts(device: Device, scratch: Scratch, x: DeviceTensor, reference: Reference, k: number, epsilon: number) {
  const area = positions(x)
  const instance: Instance = unbiasedOver(device, scratch, x, [1, 2], area)
  const safe = scratch.keep(device.addScalar(reference.variance, epsilon))
  const meanThreshold = scratch.keep(device.scale(scratch.keep(device.sqrt(safe)), k / Math.sqrt(area)))
  const varianceThreshold = scratch.keep(device.scale(safe, k * Math.sqrt(2 / (area - 1))))
  const meanShift = shrink(device, scratch, scratch.keep(device.sub(instance.mean, reference.mean)), meanThreshold)
  const varianceShift = shrink(
    device,
    scratch,
    scratch.keep(device.sub(instance.variance, reference.variance)),
    varianceThreshold,
  )
  const mean = scratch.keep(device.add(reference.mean, meanShift.value))
  const variance = scratch.keep(device.relu(scratch.keep(device.add(reference.variance, varianceShift.value))))
  return { instance, safe, meanShift, varianceShift, mean, variance }
}

function referenceOf(
  device: Device,
  scratch: Scratch,
  x: DeviceTensor,
  param: (role: string) => DeviceTensor,
  training: boolean,
): Reference {
  if (training) return unbiasedOver(device, scratch, x, [0, 1, 2], (x.shape[0] ?? 1) * positions(x))
  const channels = x.shape.at(-1) ?? 0
  const row = (role: string) => scratch.keep(device.reshape(param(role), [1, 1, 1, channels]))
  return { mean: row('mean'), variance: row('variance') }
}

function normalized(
  device: Device,
  scratch: Scratch,
  x: DeviceTensor,
  mean: DeviceTensor,
  variance: DeviceTensor,
  param: (role: string) => DeviceTensor,
  epsilon: number,
  relu: boolean,
): DeviceTensor {
  const deviation = scratch.keep(device.sqrt(scratch.keep(device.addScalar(variance, epsilon))))
  const unit = scratch.keep(device.div(scratch.keep(device.sub(x, mean)), deviation))
  const affine = device.add(scratch.keep(device.mul(unit, param('weight'))), param('bias'))
  return relu ? device.relu(scratch.keep(affine)) : affine
}

export function instanceAwareForward(
  { device, node, x, param, onStatistics }: ForwardContext,
  { instanceAware: k, training }: InstanceAware,
  relu: boolean,
): ForwardResult {
  const epsilon = Number(node.attributes.epsilon)
  const scratch = new Scratch()
  const reference = referenceOf(device, scratch, x, param, training)
  const channels = x.shape.at(-1) ?? 0
  // Where a map is a single position, there is nothing of the image's own to go by.
  const { mean, variance } = positions(x) > 1 ? parts(device, scratch, x, reference, k, epsilon) : reference
  const output = normalized(device, scratch, x, mean, variance, param, epsilon, relu)
  if (training && onStatistics)
    onStatistics(
      node,
      scratch.keep(device.reshape(reference.mean, [channels])),
      scratch.keep(device.reshape(reference.variance, [channels])),
    )
  const extras = [device.scale(mean, 1), device.scale(variance, 1)]
  scratch.dispose()
  return { output, extras }
}

export function instanceAwareRemake(
  { device, node, input, extras, param }: RemakeContext,
  relu: boolean,
): DeviceTensor {
  const scratch = new Scratch()
  const [mean, variance] = extras as readonly [DeviceTensor, DeviceTensor]
  const output = normalized(device, scratch, input(0), mean, variance, param, Number(node.attributes.epsilon), relu)
  scratch.dispose()
  return output
}

/** `dy` is already behind the rectifier. */
export function instanceAwareBackward(
  context: BackwardContext,
  { instanceAware: k, training }: InstanceAware,
): BackwardResult {
  const { device, node, dy, input, param } = context
  const x = input(0)
  const epsilon = Number(node.attributes.epsilon)
  const area = positions(x)
  const total = (x.shape[0] ?? 1) * area
  const scratch = new Scratch()
  const keep = (tensor: DeviceTensor) => scratch.keep(tensor)
  const reference = referenceOf(device, scratch, x, param, training)
  const made = area > 1 ? parts(device, scratch, x, reference, k, epsilon) : null
  const mean = made?.mean ?? reference.mean
  const variance = made?.variance ?? reference.variance
  const deviation = keep(device.sqrt(keep(device.addScalar(variance, epsilon))))
  const centred = keep(device.sub(x, mean))
  const unit = keep(device.div(centred, deviation))
  const dScale = device.sum(keep(device.mul(dy, unit)), [0, 1, 2])
  const dOffset = device.sum(dy, [0, 1, 2])
  const dUnit = keep(device.mul(dy, param('weight')))
  let dx = keep(device.div(dUnit, deviation))
  // By the mean and the variance, per image.
  const dMean = keep(device.neg(keep(device.sum(dx, [1, 2], true))))
  const cube = keep(device.mul(keep(device.square(deviation)), deviation))
  const dVariance = keep(
    device.scale(keep(device.div(keep(device.sum(keep(device.mul(dUnit, centred)), [1, 2], true)), cube)), -0.5),
  )
  let dReferenceMean = dMean
  let dReferenceVariance = dVariance
  if (made) {
    const through = keep(device.reluGradient(dVariance, made.variance))
    const own = (gradient: DeviceTensor, shift: typeof made.meanShift) => {
      const above = keep(device.reluGradient(gradient, shift.above))
      const below = keep(device.reluGradient(gradient, shift.below))
      return { value: keep(device.add(above, below)), threshold: keep(device.sub(below, above)) }
    }
    const byMean = own(dMean, made.meanShift)
    const byVariance = own(through, made.varianceShift)
    dx = keep(device.add(dx, keep(device.scale(byMean.value, 1 / area))))
    dx = keep(
      device.add(
        dx,
        keep(device.mul(keep(device.sub(x, made.instance.mean)), keep(device.scale(byVariance.value, 2 / (area - 1))))),
      ),
    )
    dReferenceMean = keep(device.sub(dMean, byMean.value))
    const slope = keep(
      device.div(keep(device.scale(byMean.threshold, (0.5 * k) / Math.sqrt(area))), keep(device.sqrt(made.safe))),
    )
    const others = keep(device.add(keep(device.scale(byVariance.threshold, k * Math.sqrt(2 / (area - 1)))), slope))
    dReferenceVariance = keep(device.add(keep(device.sub(through, byVariance.value)), others))
  }
  if (training) {
    const meanOfAll = keep(device.scale(keep(device.sum(dReferenceMean, [0, 1, 2], true)), 1 / total))
    const varianceOfAll = keep(
      device.scale(keep(device.sum(dReferenceVariance, [0, 1, 2], true)), 2 / Math.max(1, total - 1)),
    )
    dx = keep(
      device.add(keep(device.add(dx, meanOfAll)), keep(device.mul(keep(device.sub(x, reference.mean)), varianceOfAll))),
    )
  }
  const result = device.scale(dx, 1)
  scratch.dispose()
  return wantedOf(context, result, dScale, dOffset)
}
