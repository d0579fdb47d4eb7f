// Multi-head self-attention (Vaswani et al., NeurIPS 2017), as vision transformers have it.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import type { OnnxNodeWriter } from '#engine/compute/ops/formats/onnx.ts'
import { cannotWrite } from '#engine/compute/ops/formats/tfjs.ts'
import { notCounted, type OpModule } from '#engine/compute/ops/op-module.ts'
import { softmaxGradient } from '#engine/compute/ops/pointwise/softmax.ts'

interface Heads {
  readonly q: DeviceTensor
  readonly k: DeviceTensor
  readonly v: DeviceTensor
  /** softmax(q k' / sqrt(d)), [N, heads, T, T] */
  readonly share: DeviceTensor
  readonly scale: number
}

/** q, k, v [N, heads, T, d] out of [N, T, 3 D], and which token attends to which. */
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
export const attention: OpModule = {
  saves: { inputs: [0], output: false },
  forward({ device, node, x }) {
    const { q, k, v, share } = headsOf(device, x, node)
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
  outputShape: ({ inputs: [[t = 0, width = 0] = []] }) => [t, width / 3],
  flops: notCounted,
  checks: {},
  onnx: { reads: {}, write: writeOnnx },
  tfjs: { reads: {}, layers: {}, write: cannotWrite('attention') },
}

function writeOnnx({ emit, constant, number, inShape, x, out }: OnnxNodeWriter): void {
  const heads = number('heads')
  const [t = 0, width = 0] = inShape
  const d = width / 3 / heads
  const split = emit('Reshape', [x, constant(`${out} split`, [0, t, 3, heads, d], [5])], `${out} parts`)
  const turned = emit('Transpose', [split], `${out} turned`, { perm: [2, 0, 3, 1, 4] })
  const part = (name: string, index: number) =>
    emit('Gather', [turned, constant(`${out} ${name} index`, [index], [])], `${out} ${name}`, { axis: 0 })
  const [q, k, v] = [part('q', 0), part('k', 1), part('v', 2)]
  const kTurned = emit('Transpose', [k], `${out} k turned`, { perm: [0, 1, 3, 2] })
  const products = emit('MatMul', [q, kTurned], `${out} products`)
  const scale = constant(`${out} scale`, Float32Array.of(1 / Math.sqrt(d)), [])
  const scaled = emit('Mul', [products, scale], `${out} scaled`)
  const share = emit('Softmax', [scaled], `${out} share`, { axis: -1 })
  const mixed = emit('MatMul', [share, v], `${out} mixed`)
  const rows = emit('Transpose', [mixed], `${out} rows`, { perm: [0, 2, 1, 3] })
  emit('Reshape', [rows, constant(`${out} joined`, [0, t, heads * d], [3])], out)
}
