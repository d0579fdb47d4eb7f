// An image as tokens, as a vision transformer (Dosovitskiy et al., ICLR 2021) takes it.
import { cannotWrite } from '#engine/compute/ops/formats/tfjs.ts'
import { notCounted, type OpModule } from '#engine/compute/ops/op-module.ts'

/** [N, H, W, D] -> [N, 1 + H W, D]: the class token (parameter `token` [1, 1, D]) before the patches, rows first. */
export const toTokens: OpModule = {
  saves: { inputs: [], output: false },
  forward({ device, x, param }) {
    const [n = 0, h = 0, w = 0, d = 0] = x.shape
    const patches = device.reshape(x, [n, h * w, d])
    const ones = device.fill([n, 1, 1], 1)
    const tokens = device.mul(ones, param('token'))
    const output = device.concat([tokens, patches], 1)
    for (const tensor of [patches, ones, tokens]) tensor.dispose()
    return { output }
  },
  backward({ device, dy, xShape, param, wantsInput, wantsParam }) {
    const [n = 0, h = 0, w = 0, d = 0] = xShape
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
  outputShape: ({ inputs: [[h = 0, w = 0, c = 0] = []] }) => [h * w + 1, c],
  flops: notCounted,
  checks: {},
  onnx: {
    reads: {},
    write({ emit, constant, param, inShape, x, out }) {
      const [h = 0, w = 0, d = 0] = inShape
      const columns = emit('Reshape', [x, constant(`${out} rows`, [0, d, h * w], [3])], `${out} columns`)
      const patches = emit('Transpose', [columns], `${out} patches`, { perm: [0, 2, 1] })
      // The token once per image: a patch times zero has the batch's size.
      const from = constant(`${out} from`, [0], [1])
      const to = constant(`${out} to`, [1], [1])
      const first = emit('Slice', [patches, from, to, constant(`${out} axis`, [1], [1])], `${out} first`)
      const nothing = emit('Mul', [first, constant(`${out} zero`, Float32Array.of(0), [])], `${out} nothing`)
      const token = emit('Add', [nothing, param('token')], `${out} token`)
      emit('Concat', [token, patches], out, { axis: 1 })
    },
  },
  tfjs: { reads: {}, layers: {}, write: cannotWrite('attention') },
}
