// What a vision transformer (Dosovitskiy et al., ICLR 2021) needs besides linear layers: image to tokens, self-attention, and one token out.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { GraphNode, Op } from '#engine/compute/op.ts'
import { softmaxGradient } from '#engine/compute/ops/pointwise/pointwise.ts'

/** [N, H, W, D] -> [N, 1 + H W, D]: the class token (parameter `token` [1, 1, D]) before the patches, rows first. */
export const toTokens: Op = {
  saves: { inputs: [], output: false },
  forward({ device, inputs, param }) {
    const [n = 0, h = 0, w = 0, d = 0] = inputs[0]!.shape
    const patches = device.reshape(inputs[0]!, [n, h * w, d])
    const ones = device.fill([n, 1, 1], 1)
    const tokens = device.mul(ones, param('token'))
    const output = device.concat([tokens, patches], 1)
    for (const tensor of [patches, ones, tokens]) tensor.dispose()
    return { output }
  },
  backward({ device, dy, inputShapes, param, wantsInput, wantsParam }) {
    const [n = 0, h = 0, w = 0, d = 0] = inputShapes[0]!
    const part = (begin: number, size: number, shape: readonly number[], over: readonly number[] = []) => {
      const sliced = device.slice(dy, [0, begin, 0], [n, size, d])
      const summed = over.length > 0 ? device.sum(sliced, over) : sliced
      const shaped = device.reshape(summed, shape)
      if (summed !== sliced) summed.dispose()
      sliced.dispose()
      return shaped
    }
    return {
      inputs: [wantsInput(0) ? part(1, h * w, [n, h, w, d]) : null],
      params: wantsParam('token') ? { token: part(0, 1, param('token').shape, [0]) } : {},
    }
  },
}

/** [N, T, D] -> [N, D]: the token at `index` (0). */
export const takeToken: Op = {
  saves: { inputs: [], output: false },
  forward({ device, node, inputs }) {
    const [n = 0, , d = 0] = inputs[0]!.shape
    const one = device.slice(inputs[0]!, [0, Number(node.attributes.index ?? 0), 0], [n, 1, d])
    const output = device.reshape(one, [n, d])
    one.dispose()
    return { output }
  },
  backward({ device, node, dy, inputShapes }) {
    const [n = 0, t = 0, d = 0] = inputShapes[0]!
    const index = Number(node.attributes.index ?? 0)
    const one = device.reshape(dy, [n, 1, d])
    const dx = device.pad(one, [
      [0, 0],
      [index, t - index - 1],
      [0, 0],
    ])
    one.dispose()
    return { inputs: [dx], params: {} }
  },
}

interface Heads {
  readonly q: DeviceTensor
  readonly k: DeviceTensor
  readonly v: DeviceTensor
  /** softmax(q k' / sqrt(d)), [N, heads, T, T] */
  readonly share: DeviceTensor
  readonly scale: number
}

/** q, k, v [N, heads, T, d] out of [N, T, 3 D], and who looks at whom. */
function headsOf(device: Device, qkv: DeviceTensor, node: GraphNode): Heads {
  const heads = Number(node.attributes.heads)
  const [n = 0, t = 0, width = 0] = qkv.shape
  const d = width / 3 / heads
  const split = device.reshape(qkv, [n, t, 3, heads, d])
  const turned = device.transpose(split, [2, 0, 3, 1, 4])
  split.dispose()
  const [q, k, v] = [0, 1, 2].map((index) => {
    const part = device.slice(turned, [index, 0, 0, 0, 0], [1, n, heads, t, d])
    const shaped = device.reshape(part, [n, heads, t, d])
    part.dispose()
    return shaped
  }) as [DeviceTensor, DeviceTensor, DeviceTensor]
  turned.dispose()
  const scale = 1 / Math.sqrt(d)
  const products = device.batchMatMul(q, k, false, true)
  const scaled = device.scale(products, scale)
  const share = device.softmax(scaled)
  products.dispose()
  scaled.dispose()
  return { q, k, v, share, scale }
}

/** [N, heads, T, d] -> [N, T, D] */
function joined(device: Device, x: DeviceTensor): DeviceTensor {
  const [n = 0, heads = 0, t = 0, d = 0] = x.shape
  const turned = device.transpose(x, [0, 2, 1, 3])
  const result = device.reshape(turned, [n, t, heads * d])
  turned.dispose()
  return result
}

/** Self-attention over queries, keys and values side by side: [N, T, 3 D] -> [N, T, D]. Attribute: heads. The shares are computed again for the gradient. */
export const attention: Op = {
  saves: { inputs: [0], output: false },
  forward({ device, node, inputs }) {
    const { q, k, v, share } = headsOf(device, inputs[0]!, node)
    const mixed = device.batchMatMul(share, v)
    const output = joined(device, mixed)
    for (const tensor of [q, k, v, share, mixed]) tensor.dispose()
    return { output }
  },
  backward({ device, node, dy, input }) {
    const { q, k, v, share, scale } = headsOf(device, input(0), node)
    const [n = 0, heads = 0, t = 0, d = 0] = q.shape
    const scratch = [q, k, v, share]
    const keep = (tensor: DeviceTensor) => {
      scratch.push(tensor)
      return tensor
    }
    const dMixed = keep(device.transpose(keep(device.reshape(dy, [n, t, heads, d])), [0, 2, 1, 3]))
    const dv = keep(device.batchMatMul(share, dMixed, true))
    const dShare = keep(device.batchMatMul(dMixed, v, false, true))
    const dProducts = keep(device.scale(keep(softmaxGradient(device, share, dShare)), scale))
    const dq = keep(device.batchMatMul(dProducts, k))
    const dk = keep(device.batchMatMul(dProducts, q, true))
    const dx = device.concat(
      [dq, dk, dv].map((part) => keep(joined(device, part))),
      2,
    )
    for (const tensor of scratch) tensor.dispose()
    return { inputs: [dx], params: {} }
  },
}
