// Adaptive average pooling to size x size cells (PyTorch's AdaptiveAvgPool2d): cell i covers floor(i L / size) to ceil((i + 1) L / size); one pixel may
// lie in several cells, and with fewer pixels than cells they repeat. Attribute: size.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { Op } from '#engine/compute/op.ts'

/** [size * size, H * W]: what each cell takes of each pixel. */
export function cellWeights(h: number, w: number, size: number): Float32Array {
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

export const adaptiveMean: Op = {
  saves: { inputs: [], output: false },
  forward({ device, node, inputs }) {
    const [n = 0, h = 0, w = 0, c = 0] = inputs[0]!.shape
    const size = Number(node.attributes.size)
    const matrix = weights(device, h, w, size)
    const output = weighted(device, inputs[0]!, matrix, false, [n, size, size, c])
    matrix.dispose()
    return { output }
  },
  backward({ device, node, dy, inputShapes }) {
    const [, h = 0, w = 0] = inputShapes[0]!
    const matrix = weights(device, h, w, Number(node.attributes.size))
    const dx = weighted(device, dy, matrix, true, inputShapes[0]!)
    matrix.dispose()
    return { inputs: [dx], params: {} }
  },
}
