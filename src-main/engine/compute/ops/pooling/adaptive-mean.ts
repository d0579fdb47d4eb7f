// Adaptive average pooling to size x size cells (PyTorch's AdaptiveAvgPool2d): cell i covers floor(i L / size) to ceil((i + 1) L / size); one pixel may
// lie in several cells, and with fewer pixels than cells they repeat. Attribute: size.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { transposed } from '#engine/compute/ops/formats/layouts.ts'
import type { OnnxNodeWriter } from '#engine/compute/ops/formats/onnx.ts'
import { int32, type TfjsNodeWriter } from '#engine/compute/ops/formats/tfjs.ts'
import { notCounted, takesImages, type OpModule } from '#engine/compute/ops/op-module.ts'
import { tfjsWindow } from './pool.ts'

/** [size * size, H * W]: what each cell takes of each pixel. */
function cellWeights(h: number, w: number, size: number): Float32Array {
  const cells = (length: number) =>
    Array.from(
      { length: size },
      (_, i) => [Math.floor((i * length) / size), Math.ceil(((i + 1) * length) / size)] as const,
    )
  const data = new Float32Array(size * size * h * w)
  for (const [i, [top, bottom]] of cells(h).entries()) {
    for (const [j, [left, right]] of cells(w).entries()) {
      const share = 1 / ((bottom - top) * (right - left))
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) data[(i * size + j) * h * w + y * w + x] = share
    }
  }
  return data
}

const weights = (device: Device, h: number, w: number, size: number) =>
  device.fromArray(cellWeights(h, w, size), [1, size * size, h * w])

function weighted(
  device: Device,
  x: DeviceTensor,
  matrix: DeviceTensor,
  transposed: boolean,
  shape: readonly number[],
): DeviceTensor {
  const [n = 0, h = 0, w = 0, c = 0] = x.shape
  const rows = device.reshape(x, [n, h * w, c])
  const y = device.batchMatMul(matrix, rows, transposed)
  const shaped = device.reshape(y, shape)
  rows.dispose()
  y.dispose()
  return shaped
}

export const adaptiveMean: OpModule = {
  saves: { inputs: [], output: false },
  forward({ device, node, x }) {
    const [n = 0, h = 0, w = 0, c = 0] = x.shape
    const size = Number(node.attributes.size)
    const matrix = weights(device, h, w, size)
    const output = weighted(device, x, matrix, false, [n, size, size, c])
    matrix.dispose()
    return { output }
  },
  backward({ device, node, dy, xShape }) {
    const [, h = 0, w = 0] = xShape
    const matrix = weights(device, h, w, Number(node.attributes.size))
    const dx = weighted(device, dy, matrix, true, xShape)
    matrix.dispose()
    return { inputs: [dx], params: {} }
  },
  outputShape: ({ node, inputs: [first = []] }) => [
    Number(node.attributes.size),
    Number(node.attributes.size),
    first[2] ?? 0,
  ],
  flops: notCounted,
  checks: { inputs: takesImages },
  onnx: { reads: {}, write: writeOnnx },
  tfjs: { reads: {}, layers: {}, write: writeTfjs },
}

/** The weights as the right side of a product: [H * W, size * size]. */
const rightWeights = (h: number, w: number, size: number) =>
  transposed({ shape: [size * size, h * w], data: cellWeights(h, w, size) }).data

function writeOnnx({ emit, constant, number, inShape, x, out }: OnnxNodeWriter): void {
  const [h = 0, w = 0, c = 0] = inShape
  const size = number('size')
  if (h === size && w === size) emit('Identity', [x], out)
  else if (h % size === 0 && w % size === 0)
    emit('AveragePool', [x], out, { kernel_shape: [h / size, w / size], strides: [h / size, w / size] })
  else {
    const flat = emit('Reshape', [x, constant(`${out} flat`, [0, c, h * w], [3])], `${out} pixels`)
    const weighting = constant(`${out} weights`, rightWeights(h, w, size), [h * w, size * size])
    const cells = emit('MatMul', [flat, weighting], `${out} cells`)
    emit('Reshape', [cells, constant(`${out} shape`, [0, c, size, size], [4])], out)
  }
}

function writeTfjs({ emit, constant, ints, number, inShape, name, x }: TfjsNodeWriter): string {
  const [h = 0, w = 0, c = 0] = inShape
  const size = number('size')
  if (h === size && w === size) return x
  if (h % size === 0 && w % size === 0)
    return emit('AvgPool', name, [x], tfjsWindow(h / size, w / size, h / size, w / size))
  const order = (what: string, axes: readonly number[], from: string) =>
    emit('Transpose', `${name} ${what}`, [from, ints(`${name} ${what} order`, axes)], { Tperm: int32 })
  const shaped = (what: string, shape: readonly number[], from: string) =>
    emit('Reshape', `${name} ${what}`, [from, ints(`${name} ${what} shape`, shape)], { Tshape: int32 })
  const rows = shaped('rows', [-1, h * w], order('first', [0, 3, 1, 2], x))
  const weighting = constant(`${name} weights`, rightWeights(h, w, size), [h * w, size * size])
  const cells = emit('MatMul', `${name} cells`, [rows, weighting], {
    transpose_a: { b: false },
    transpose_b: { b: false },
  })
  return order('last', [0, 2, 3, 1], shaped('whole', [-1, c, size, size], cells))
}
