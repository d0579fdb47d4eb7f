// Arithmetic with shapes, and values laid out anew.

export type Shape = readonly number[]

export const elementCount = (shape: Shape): number => shape.reduce((product, size) => product * size, 1)

/** As messages show it: `[3, 32, 32]`. */
export const showShape = (shape: Shape): string => `[${shape.join(', ')}]`

/** Values of `shape` in row order with their axes in another `order`, as NumPy's `transpose`. */
export function permute(data: Float32Array, shape: Shape, order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)))
  const outShape = order.map((axis) => shape[axis] as number)
  const outStrides = order.map((axis) => strides[axis] as number)
  const out = new Float32Array(data.length)
  const index = new Array<number>(shape.length).fill(0)
  // The last axis in a loop of its own: most of a model's values lie along it.
  const inner = outShape.at(-1) ?? 1
  const innerStride = outStrides.at(-1) ?? 0
  let offset = 0
  for (let i = 0; i < out.length;) {
    for (let end = i + inner, from = offset; i < end; i++, from += innerStride) out[i] = data[from] as number
    for (let axis = shape.length - 2; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1
      offset += outStrides[axis] as number
      if ((index[axis] as number) < (outShape[axis] as number)) break
      offset -= (outStrides[axis] as number) * (outShape[axis] as number)
      index[axis] = 0
    }
  }
  return out
}
