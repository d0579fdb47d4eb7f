// Ops that only rearrange channels (the last axis): concatenation, a slice, and ShuffleNet's shuffle.
import type { Op } from '#engine/compute/op.ts'

export const concat: Op = {
  saves: { inputs: [], output: false },
  forward: ({ device, inputs }) => ({ output: device.concat(inputs, inputs[0]!.shape.length - 1) }),
  backward({ device, dy, inputShapes, wantsInput }) {
    let begin = 0
    const inputs = inputShapes.map((shape, index) => {
      const from = begin
      begin += shape.at(-1) ?? 0
      return wantsInput(index) ? device.slice(dy, [...shape.slice(0, -1).map(() => 0), from], shape) : null
    })
    return { inputs, params: {} }
  },
}

/** Attributes: begin, size. */
export const sliceChannels: Op = {
  saves: { inputs: [], output: false },
  forward({ device, node, inputs }) {
    const { shape } = inputs[0]!
    return {
      output: device.slice(
        inputs[0]!,
        [...shape.slice(0, -1).map(() => 0), Number(node.attributes.begin)],
        [...shape.slice(0, -1), Number(node.attributes.size)],
      ),
    }
  },
  backward({ device, node, dy, inputShapes }) {
    const shape = inputShapes[0]!
    const begin = Number(node.attributes.begin)
    const pads = shape.map((size, axis) =>
      axis === shape.length - 1 ? ([begin, size - begin - Number(node.attributes.size)] as const) : ([0, 0] as const),
    )
    return { inputs: [device.pad(dy, pads)], params: {} }
  },
}

/** Channels as [groups, C / groups], transposed (Zhang et al., CVPR 2018). Attribute: groups. */
export const channelShuffle: Op = {
  saves: { inputs: [], output: false },
  forward: ({ device, node, inputs }) => ({ output: shuffled(device, inputs[0]!, Number(node.attributes.groups)) }),
  backward: ({ device, node, dy }) => ({
    inputs: [shuffled(device, dy, (dy.shape[3] ?? 0) / Number(node.attributes.groups))],
    params: {},
  }),
}

function shuffled(
  device: Parameters<Op['forward']>[0]['device'],
  x: Parameters<Op['forward']>[0]['inputs'][number],
  groups: number,
) {
  const [n = 0, h = 0, w = 0, c = 0] = x.shape
  const split = device.reshape(x, [n, h, w, groups, c / groups])
  const turned = device.transpose(split, [0, 1, 2, 4, 3])
  const y = device.reshape(turned, x.shape)
  split.dispose()
  turned.dispose()
  return y
}
