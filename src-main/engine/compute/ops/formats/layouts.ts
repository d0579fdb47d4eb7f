// Weights in the layouts of files: PyTorch's and ONNX's [out, in, kh, kw] and [out, in], TensorFlow's [kh, kw, in, out] and [in, out].
import { permute } from '#engine/compute/shape.ts'
import type { FileTensor } from './network.ts'

/** [kh, kw, in, out] -> [out, in, kh, kw] */
export function hwioToOihw({ shape, data }: FileTensor): FileTensor {
  const [kh = 0, kw = 0, cin = 0, cout = 0] = shape
  return { shape: [cout, cin, kh, kw], data: permute(data, shape, [3, 2, 0, 1]) }
}

/** Depthwise: [kh, kw, C, M] -> [C M, 1, kh, kw] */
export function depthwiseToOihw({ shape, data }: FileTensor): FileTensor {
  const [kh = 0, kw = 0, c = 0, m = 0] = shape
  return { shape: [c * m, 1, kh, kw], data: permute(data, shape, [2, 3, 0, 1]) }
}

/** [rows, columns] -> [columns, rows] */
export function transposed({ shape, data }: FileTensor): FileTensor & { readonly data: Float32Array<ArrayBuffer> } {
  const [rows = 0, columns = 0] = shape
  const out = new Float32Array(data.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j] as number
  return { shape: [columns, rows], data: out }
}

/** The same without a second matrix: follows each value to where it goes, and marks what was moved. The given values are spent. */
export function transposedInPlace({ shape, data }: FileTensor): FileTensor {
  const [rows = 0, columns = 0] = shape
  const moved = new Uint8Array(Math.ceil(data.length / 8))
  for (let start = 0; start < data.length; start++) {
    let at = start
    let carried = data[start] as number
    while (((moved[at >> 3] as number) & (1 << (at & 7))) === 0) {
      moved[at >> 3] = (moved[at >> 3] as number) | (1 << (at & 7))
      const to = (at % columns) * rows + Math.floor(at / columns)
      const next = data[to] as number
      data[to] = carried
      carried = next
      at = to
    }
  }
  return { shape: [columns, rows], data }
}
