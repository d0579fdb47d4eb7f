// Batch normalisation over (N, H, W). Attributes: epsilon; relu (a rectifier follows at once). With `batch` statistics gradients flow
// through mean and variance; what else it can normalise with is told at `Statistics`. The output is never kept for a gradient: one
// cheap pass makes it again from the input and the saved statistics, which halves what a block of conv, norm and ReLU keeps alive.
import { PalmError } from '#contract/errors.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { mix } from '#engine/compute/mix.ts'
import type { BackwardContext, BackwardResult, ForwardContext, ForwardResult, GraphNode } from '#engine/compute/op.ts'
import { asRow, type Flow, type NamedTensor, type NetworkBuilder } from '#engine/compute/ops/formats/network.ts'
import { float32, text, type TfjsRead } from '#engine/compute/ops/formats/tfjs.ts'
import { notCounted, sameShape, type OpModule, type ShapeContext } from '#engine/compute/ops/op-module.ts'
import { elementCount } from '#engine/compute/shape.ts'
import { instanceAwareBackward, instanceAwareForward, instanceAwareRemake } from './instance-aware.ts'
import { wantedOf } from './norm-result.ts'

/** All axes but the channels'. */
const outer = (x: DeviceTensor) => x.shape.map((_, axis) => axis).slice(0, -1)

const samples = (x: DeviceTensor) => x.shape.slice(0, -1).reduce((product, size) => product * size, 1)

function withoutBias(device: Device, x: DeviceTensor, variance: DeviceTensor): DeviceTensor {
  const rows = samples(x)
  return device.scale(variance, rows > 1 ? rows / (rows - 1) : 1)
}

const hasRelu = (node: GraphNode) => node.attributes.relu === true

/** What a normalising pass keeps for its gradient: the mean and variance that it normalised with, and what the device saved. */
type Extras = readonly [mean: DeviceTensor, variance: DeviceTensor, ...saved: DeviceTensor[]]

const roles = ['weight', 'bias', 'mean', 'variance'] as const
const kinds = { weight: 'bn-weight', bias: 'bn-bias', mean: 'bn-mean', variance: 'bn-variance' } as const

/** Puts it into a network that is read. */
function addBatchNorm(
  network: NetworkBuilder,
  name: string,
  input: Flow,
  parts: Readonly<Record<(typeof roles)[number], NamedTensor>>,
  epsilon: number,
): Flow {
  const params: Record<string, string> = {}
  for (const role of roles) {
    const { name: tensor, value } = parts[role]
    if (input.channels !== null && value.data.length !== input.channels)
      throw network.refused(`the batch norm ${name} has ${value.data.length} channels where ${input.channels} come in`)
    params[role] = network.tensor(tensor, kinds[role], asRow(value))
  }
  return network.add('batch-norm', name, [input], { epsilon }, params)
}

/** Inputs 1 to 4, in both formats. */
const partsOf = (constant: (index: number) => NamedTensor) => ({
  weight: constant(1),
  bias: constant(2),
  mean: constant(3),
  variance: constant(4),
})

const readFused: TfjsRead = (node) => {
  const parts = partsOf(node.constant)
  return addBatchNorm(node.network, node.name, node.flow(), parts, node.float('epsilon', 1e-4))
}

function problem({ node, inputs: [first = []], param }: ShapeContext): string | null {
  const channels = first.at(-1) ?? 0
  const wrong = roles.find((role) => {
    const shape = param(role)
    return shape !== null && elementCount(shape) !== channels
  })
  if (wrong !== undefined) return `has a ${wrong} of other than ${channels} values`
  return Number(node.attributes.epsilon) >= 0 ? null : 'has an epsilon below zero'
}

/** Extras: the mean and variance that were normalised with; `movingShare` adds the batch's own mean. */
export const batchNorm: OpModule = {
  saves: { inputs: [0], output: false },
  forward(context) {
    const { device, node, x, param, statistics, onStatistics } = context
    const epsilon = Number(node.attributes.epsilon)
    if (statistics === 'source') {
      return {
        output: device.batchNormFixed(
          x,
          param('weight'),
          param('bias'),
          param('mean'),
          param('variance'),
          epsilon,
          hasRelu(node),
        ),
      }
    }
    if (typeof statistics === 'object' && 'instanceAware' in statistics && x.shape.length !== 4)
      throw new PalmError(
        'model-unsupported',
        `${node.name} normalises features and no images, and instance-aware normalisation (NOTE) needs the pixels of an image.`,
      )
    if (statistics !== 'batch')
      return 'instanceAware' in statistics
        ? instanceAwareForward(context, statistics, hasRelu(node))
        : mixedForward(context)
    const given = [x, param('weight'), param('bias'), epsilon, hasRelu(node)] as const
    const { y, mean, variance, saved } = device.batchNormTraining(...given)
    if (onStatistics) {
      const unbiased = withoutBias(device, x, variance)
      onStatistics(node, mean, unbiased)
      unbiased.dispose()
    }
    return { output: y, extras: [mean, variance, ...saved] }
  },
  remake(context) {
    const { device, node, input, extras, param, statistics } = context
    if (typeof statistics === 'object' && 'instanceAware' in statistics)
      return instanceAwareRemake(context, hasRelu(node))
    const [mean, variance] = statistics === 'source' ? [param('mean'), param('variance')] : (extras as Extras)
    return device.batchNormFixed(
      input(0),
      param('weight'),
      param('bias'),
      mean,
      variance,
      Number(node.attributes.epsilon),
      hasRelu(node),
    )
  },
  backward(context) {
    const { device, node, dy, input, output, extras, param, statistics } = context
    if (statistics === 'batch') {
      const [mean, variance, ...saved] = extras as Extras
      const { dx, dScale, dOffset } = device.batchNormGradient(
        dy,
        input(0),
        param('weight'),
        mean,
        variance,
        Number(node.attributes.epsilon),
        saved,
        hasRelu(node) ? { offset: param('bias'), output } : null,
      )
      return wantedOf(context, dx, dScale, dOffset)
    }
    const behind = hasRelu(node) ? device.reluGradient(dy, output()) : dy
    const given = { ...context, dy: behind }
    const result =
      typeof statistics === 'object' && 'instanceAware' in statistics
        ? instanceAwareBackward(given, statistics)
        : mixedBackward(given)
    if (behind !== dy) behind.dispose()
    return result
  },
  outputShape: sameShape,
  flops: notCounted,
  checks: { inputs: problem },
  onnx: {
    reads: {
      BatchNormalization(node) {
        // With more than one output it is in training, before opset 14 without saying so.
        if (node.int('training_mode', 0) === 1 || (node.opset < 14 && node.outputs.filter(Boolean).length > 1))
          throw node.refused(
            'normalises with the statistics of each batch (training_mode = 1), so that one image’s answer depends on the others: export the network in evaluation mode, model.eval() with training=TrainingMode.EVAL or PRESERVE',
          )
        const parts = partsOf(node.needed)
        return addBatchNorm(node.network, node.name, node.flow(), parts, node.float('epsilon', 1e-5))
      },
    },
    write({ node, emit, x, out, param, number }) {
      const relu = hasRelu(node)
      const normed = emit(
        'BatchNormalization',
        [x, ...roles.map((role) => param(role))],
        relu ? `${out} normed` : out,
        { epsilon: { float: number('epsilon') } },
      )
      if (relu) emit('Relu', [normed], out)
    },
  },
  tfjs: {
    reads: { FusedBatchNorm: readFused, FusedBatchNormV2: readFused, FusedBatchNormV3: readFused },
    layers: {
      BatchNormalization({ network, name, input, config, weight, number }) {
        const channels = input.channels ?? 0
        const filled = (role: string, value: number): NamedTensor => ({
          name: `${name}/${role}`,
          value: { shape: [channels], data: new Float32Array(channels).fill(value) },
        })
        const parts = {
          weight: config.scale === false ? filled('gamma', 1) : weight('gamma'),
          bias: config.center === false ? filled('beta', 0) : weight('beta'),
          mean: weight('moving_mean'),
          variance: weight('moving_variance'),
        }
        return addBatchNorm(network, name, input, parts, number('epsilon', 1e-3))
      },
    },
    write({ node, emit, name, x, param, number }) {
      const y = emit('FusedBatchNormV3', `${name} norm`, [x, ...roles.map((role) => param(role))], {
        U: float32,
        epsilon: { f: number('epsilon') },
        is_training: { b: false },
        data_format: text('NHWC'),
      })
      return hasRelu(node) ? emit('Relu', `${name} relu`, [y]) : y
    },
  },
}

function mixedForward({ device, node, x, param, statistics, onStatistics }: ForwardContext): ForwardResult {
  const moving = typeof statistics === 'object' && 'movingShare' in statistics
  const share = moving ? statistics.movingShare : (statistics as { readonly batchShare: number }).batchShare
  const { mean, variance } = device.moments(x)
  const own = moving ? variance : withoutBias(device, x, variance)
  const mixedMean = mix(device, param('mean'), mean, 1 - share)
  const mixedVariance = mix(device, param('variance'), own, 1 - share)
  const output = device.batchNormFixed(
    x,
    param('weight'),
    param('bias'),
    mixedMean,
    mixedVariance,
    Number(node.attributes.epsilon),
    hasRelu(node),
  )
  if (moving) onStatistics?.(node, mixedMean, mixedVariance)
  if (own !== variance) own.dispose()
  variance.dispose()
  return { output, extras: [mixedMean, mixedVariance, mean] }
}

/** Gradients where mean and variance are constants, but for the share `movingShare` of the batch's (biased) ones. */
function mixedBackward(context: BackwardContext): BackwardResult {
  const { device, node, dy, input, extras, param, statistics } = context
  const x = input(0)
  const [mean, variance, batchMean] =
    statistics === 'source'
      ? ([param('mean'), param('variance')] as const)
      : (extras as readonly [DeviceTensor, DeviceTensor, DeviceTensor])
  const share = typeof statistics === 'object' && 'movingShare' in statistics ? statistics.movingShare : 0
  const scratch: DeviceTensor[] = []
  const keep = (tensor: DeviceTensor) => {
    scratch.push(tensor)
    return tensor
  }
  const deviation = keep(device.sqrt(keep(device.addScalar(variance, Number(node.attributes.epsilon)))))
  const factor = keep(device.div(param('weight'), deviation)) // gamma / sqrt(v + eps)
  const centred = keep(device.sub(x, mean))
  const sumDy = device.sum(dy, outer(dy))
  const sumDyX = keep(device.sum(keep(device.mul(dy, centred)), outer(dy)))
  const dScale = device.div(sumDyX, deviation)
  let dx = device.mul(dy, factor)
  if (batchMean && share > 0) {
    const n = samples(x)
    const dMean = keep(device.scale(keep(device.mul(factor, sumDy)), -share / n))
    const dVariance = keep(
      device.scale(keep(device.div(keep(device.mul(factor, sumDyX)), keep(device.square(deviation)))), -share / n),
    ) // 2 (-1/2) share / n
    const fromVariance = keep(device.mul(keep(device.sub(x, batchMean)), dVariance))
    const whole = device.add(keep(device.add(dx, fromVariance)), dMean)
    dx.dispose()
    dx = whole
  }
  for (const tensor of scratch) tensor.dispose()
  return wantedOf(context, dx, dScale, sumDy)
}
