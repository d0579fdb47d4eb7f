// Batch normalisation over (N, H, W). Attributes: epsilon; relu (a rectifier follows at once). With `batch` statistics gradients flow
// through mean and variance; with `source` statistics the running ones are constants. The output is never kept for a gradient: one
// cheap pass makes it again from the input and the saved statistics, which halves what a block of conv, norm and ReLU keeps alive.
import type { Device, DeviceTensor } from '../device.ts'
import { mix } from '../mix.ts'
import type { GraphNode, Op } from '../op.ts'

function withoutBias(device: Device, x: DeviceTensor, variance: DeviceTensor): DeviceTensor {
  const rows = x.shape.slice(0, -1).reduce((product, size) => product * size, 1)
  return device.scale(variance, rows > 1 ? rows / (rows - 1) : 1)
}

const hasRelu = (node: GraphNode) => node.attributes.relu === true

export const batchNorm: Op = {
  saves: { inputs: [0], output: false },
  forward({ device, node, inputs, param, statistics, onStatistics }) {
    const x = inputs[0]!
    const epsilon = Number(node.attributes.epsilon)
    if (statistics === 'source') {
      return { output: device.batchNormFixed(x, param('weight'), param('bias'), param('mean'), param('variance'), epsilon, hasRelu(node)) }
    }
    const { mean, variance } = device.moments(x)
    if (statistics !== 'batch') {
      const unbiased = withoutBias(device, x, variance)
      const mixedMean = mix(device, param('mean'), mean, 1 - statistics.batchShare)
      const mixedVariance = mix(device, param('variance'), unbiased, 1 - statistics.batchShare)
      const output = device.batchNormFixed(x, param('weight'), param('bias'), mixedMean, mixedVariance, epsilon, hasRelu(node))
      for (const tensor of [mean, variance, unbiased, mixedMean, mixedVariance]) tensor.dispose()
      return { output }
    }
    const y = device.batchNormFixed(x, param('weight'), param('bias'), mean, variance, epsilon, hasRelu(node))
    if (onStatistics) {
      const unbiased = withoutBias(device, x, variance)
      onStatistics(node, mean, unbiased)
      unbiased.dispose()
    }
    return { output: y, extras: [mean, variance] }
  },
  remake({ device, node, input, extras, param }) {
    const [mean, variance] = extras
    return device.batchNormFixed(input(0), param('weight'), param('bias'), mean!, variance!, Number(node.attributes.epsilon), hasRelu(node))
  },
  backward({ device, node, dy, input, output, extras, param, wantsParam, wantsInput, statistics }) {
    if (statistics !== 'batch') throw new Error('There is no gradient through batch norm with source statistics')
    const [mean, variance] = extras
    const behind = hasRelu(node) ? device.reluGradient(dy, output()) : dy
    const { dx, dScale, dOffset } = device.batchNormGradient(behind, input(0), param('weight'), mean!, variance!, Number(node.attributes.epsilon))
    if (behind !== dy) behind.dispose()
    if (!wantsInput(0)) dx.dispose()
    if (!wantsParam('weight')) dScale.dispose()
    if (!wantsParam('bias')) dOffset.dispose()
    return {
      inputs: [wantsInput(0) ? dx : null],
      params: { ...(wantsParam('weight') ? { weight: dScale } : {}), ...(wantsParam('bias') ? { bias: dOffset } : {}) },
    }
  },
}
