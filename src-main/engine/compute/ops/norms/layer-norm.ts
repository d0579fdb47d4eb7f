// Layer normalisation over the last axis (Ba et al., 2016), or group normalisation (Wu & He, ECCV 2018) over H, W and the channels of each group.
// Nothing of the batch is in it, so it knows no statistics. Attributes: epsilon, groups (absent = layer normalisation).
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { GraphNode, Op } from '#engine/compute/op.ts'

interface View {
  readonly shape: readonly number[]
  readonly axes: readonly number[]
}

/** How x is looked at so that `axes` are what is normalised over. */
function viewOf(node: GraphNode, shape: readonly number[]): View {
  const groups = node.attributes.groups
  if (groups === undefined) return { shape, axes: [shape.length - 1] }
  const [n = 0, h = 0, w = 0, c = 0] = shape
  return { shape: [n, h * w, Number(groups), c / Number(groups)], axes: [1, 3] }
}

interface Normalized {
  readonly z: DeviceTensor
  /** 1 / sqrt(variance + epsilon), in the view's shape with ones. */
  readonly inverse: DeviceTensor
}

/** z = (x - mean) / sqrt(variance + epsilon), in the shape of x. */
function normalized(device: Device, x: DeviceTensor, node: GraphNode): Normalized {
  const { shape, axes } = viewOf(node, x.shape)
  const seen = device.reshape(x, shape)
  const mean = device.mean(seen, axes, true)
  const centred = device.sub(seen, mean)
  const square = device.square(centred)
  const variance = device.mean(square, axes, true)
  const shifted = device.addScalar(variance, Number(node.attributes.epsilon))
  const deviation = device.sqrt(shifted)
  const one = device.fromArray(Float32Array.of(1), [])
  const inverse = device.div(one, deviation)
  const zSeen = device.mul(centred, inverse)
  const z = device.reshape(zSeen, x.shape)
  for (const tensor of [seen, mean, centred, square, variance, shifted, deviation, one, zSeen]) tensor.dispose()
  return { z, inverse }
}

export const layerNorm: Op = {
  saves: { inputs: [0], output: false },
  forward({ device, node, inputs, param }) {
    const { z, inverse } = normalized(device, inputs[0]!, node)
    const scaled = device.mul(z, param('weight'))
    const output = device.add(scaled, param('bias'))
    for (const tensor of [z, inverse, scaled]) tensor.dispose()
    return { output }
  },
  /** dx = inverse (g - mean(g) - z mean(g z)) with g = dy weight. */
  backward({ device, node, dy, input, inputShapes, param, wantsInput, wantsParam }) {
    const shape = inputShapes[0]!
    const { z, inverse } = normalized(device, input(0), node)
    const outer = shape.map((_, axis) => axis).slice(0, -1)
    const dyZ = device.mul(dy, z)
    const params: Record<string, DeviceTensor> = {}
    if (wantsParam('weight')) params.weight = device.sum(dyZ, outer)
    if (wantsParam('bias')) params.bias = device.sum(dy, outer)
    let dx: DeviceTensor | null = null
    if (wantsInput(0)) {
      const view = viewOf(node, shape)
      const scratch: DeviceTensor[] = []
      const keep = (tensor: DeviceTensor) => {
        scratch.push(tensor)
        return tensor
      }
      const g = keep(device.reshape(keep(device.mul(dy, param('weight'))), view.shape))
      const zSeen = keep(device.reshape(z, view.shape))
      const meanG = keep(device.mean(g, view.axes, true))
      const meanGz = keep(device.mean(keep(device.mul(g, zSeen)), view.axes, true))
      const inner = keep(device.sub(keep(device.sub(g, meanG)), keep(device.mul(zSeen, meanGz))))
      dx = device.reshape(keep(device.mul(inner, inverse)), shape)
      for (const tensor of scratch) tensor.dispose()
    }
    for (const tensor of [z, inverse, dyZ]) tensor.dispose()
    return { inputs: [dx], params }
  },
}
