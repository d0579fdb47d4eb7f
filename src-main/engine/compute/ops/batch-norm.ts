// Batch normalisation over (N, H, W). Attribute: epsilon. With `batch` statistics gradients flow through mean and variance;
// with `source` statistics the running ones are constants.
import type { Op } from '../op.ts'

export const batchNorm: Op = {
  saves: { inputs: [0], output: false },
  forward({ device, node, inputs, param, statistics, onStatistics }) {
    const x = inputs[0]!
    const epsilon = Number(node.attributes.epsilon)
    if (statistics === 'source') {
      return { output: device.batchNormFixed(x, param('weight'), param('bias'), param('mean'), param('variance'), epsilon) }
    }
    const { y, mean, variance, saved } = device.batchNorm(x, param('weight'), param('bias'), epsilon)
    onStatistics?.(node, mean, variance)
    mean.dispose()
    variance.dispose()
    return { output: y, extras: saved }
  },
  backward({ device, node, dy, input, extras, param, wantsParam, wantsInput, statistics }) {
    const epsilon = Number(node.attributes.epsilon)
    if (statistics === 'source') throw new Error('There is no gradient through batch norm with source statistics')
    const { dx, dScale, dOffset } = device.batchNormGradient(dy, input(0), param('weight'), extras, epsilon)
    if (!wantsInput(0)) dx.dispose()
    if (!wantsParam('weight')) dScale.dispose()
    if (!wantsParam('bias')) dOffset.dispose()
    return {
      inputs: [wantsInput(0) ? dx : null],
      params: { ...(wantsParam('weight') ? { weight: dScale } : {}), ...(wantsParam('bias') ? { bias: dOffset } : {}) },
    }
  },
}
