// (x - mean) / std per channel: the first node of every model, on pixels in [0, 1]. Attributes: mean, std (three numbers each).
import type { Device } from '#engine/compute/device.ts'
import type { GraphNode, Op } from '#engine/compute/op.ts'

const triple = (node: GraphNode, name: 'mean' | 'std') => node.attributes[name] as readonly number[]

function row(device: Device, values: readonly number[]) {
  return device.fromArray(Float32Array.from(values), [values.length])
}

export const normalize: Op = {
  saves: { inputs: [], output: false },
  forward({ device, node, inputs }) {
    const scale = row(
      device,
      triple(node, 'std').map((s) => 1 / s),
    )
    const offset = row(
      device,
      triple(node, 'mean').map(() => 0),
    )
    const mean = row(device, triple(node, 'mean'))
    const variance = row(
      device,
      triple(node, 'mean').map(() => 1),
    )
    const output = device.batchNormFixed(inputs[0]!, scale, offset, mean, variance, 0)
    for (const tensor of [scale, offset, mean, variance]) tensor.dispose()
    return { output }
  },
  backward({ device, node, dy }) {
    const scale = row(
      device,
      triple(node, 'std').map((s) => 1 / s),
    )
    const dx = device.mul(dy, scale)
    scale.dispose()
    return { inputs: [dx], params: {} }
  },
}
