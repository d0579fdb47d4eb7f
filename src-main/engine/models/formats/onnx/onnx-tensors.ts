// What NumPy would do with the constants of a file: broadcasting, slicing, gathering. Small and slow on purpose; nothing of a network's own numbers comes by
// here but what exporters compute before it (shapes, transposed weights, settings).
import { elementCount, permute, type Shape } from '#engine/compute/shape.ts'
import type { FileTensor } from '#engine/compute/ops/formats/network.ts'

/** Why it cannot be done: the end of a sentence that begins with the node. */
export class TensorFault extends Error {}

const stridesOf = (shape: Shape): number[] => shape.map((_, axis) => elementCount(shape.slice(axis + 1)))

export function axisOf(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(at) || at < 0 || at >= rank) throw new TensorFault(`names the axis ${axis} of ${rank}`)
  return at
}

/** The shape that all stretch to. */
export function broadcastShape(shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length))
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1).filter((n) => n !== 1)
    if (sizes.some((n) => n !== sizes[0])) throw new TensorFault('joins constants that do not fit together')
    return sizes[0] ?? 1
  })
}

/** Each index of `shape` in row order, as offsets into tensors that stretch to it. */
function eachIndex(
  shape: Shape,
  tensors: readonly Shape[],
  work: (at: number, offsets: readonly number[]) => void,
): void {
  const steps = tensors.map((own) => {
    const strides = stridesOf(own)
    return shape.map((_, axis) => {
      const mine = axis - shape.length + own.length
      return mine < 0 || own[mine] === 1 ? 0 : (strides[mine] as number)
    })
  })
  const index = shape.map(() => 0)
  const offsets = tensors.map(() => 0)
  const all = elementCount(shape)
  for (let at = 0; at < all; at++) {
    work(at, offsets)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] as number) + 1
      const over = next === shape[axis]
      index[axis] = over ? 0 : next
      for (const [t, step] of steps.entries())
        offsets[t] = (offsets[t] as number) + (step[axis] as number) * (over ? 1 - next : 1)
      if (!over) break
    }
  }
}

/** Element by element, stretched over each other. */
export function elementwise(tensors: readonly FileTensor[], compute: (...values: number[]) => number): FileTensor {
  const shape = broadcastShape(tensors.map((tensor) => tensor.shape))
  const data = new Float32Array(elementCount(shape))
  eachIndex(
    shape,
    tensors.map((tensor) => tensor.shape),
    (at, offsets) => {
      data[at] = compute(...tensors.map((tensor, t) => tensor.data[offsets[t] as number] as number))
    },
  )
  return { shape, data }
}

export function transposedBy({ shape, data }: FileTensor, order: readonly number[]): FileTensor {
  const axes = order.map((axis) => axisOf(axis, shape.length))
  if (axes.length !== shape.length || new Set(axes).size !== axes.length)
    throw new TensorFault('turns axes that are not there')
  return { shape: axes.map((axis) => shape[axis] as number), data: permute(data, shape, axes) }
}

/** [before, axis, after] of a tensor around one of its axes. */
function around(shape: Shape, axis: number): [number, number, number] {
  return [elementCount(shape.slice(0, axis)), shape[axis] as number, elementCount(shape.slice(axis + 1))]
}

export function gathered({ shape, data }: FileTensor, indices: FileTensor, axis: number): FileTensor {
  const [before, size, after] = around(shape, axis)
  const count = indices.data.length
  const out = new Float32Array(before * count * after)
  for (let b = 0; b < before; b++) {
    for (let i = 0; i < count; i++) {
      const wanted = indices.data[i] as number
      const at = wanted < 0 ? wanted + size : wanted
      if (!(at >= 0 && at < size)) throw new TensorFault(`picks the place ${wanted} of ${size}`)
      out.set(data.subarray((b * size + at) * after, (b * size + at + 1) * after), (b * count + i) * after)
    }
  }
  return { shape: [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)], data: out }
}

export function concatenated(tensors: readonly FileTensor[], axis: number): FileTensor {
  const [first] = tensors
  if (!first) throw new TensorFault('joins nothing')
  const fits = tensors.every(
    ({ shape }) => shape.length === first.shape.length && shape.every((n, a) => a === axis || n === first.shape[a]),
  )
  if (!fits) throw new TensorFault('joins constants that do not fit together')
  const total = tensors.reduce((sum, { shape }) => sum + (shape[axis] as number), 0)
  const [before, , after] = around(first.shape, axis)
  const out = new Float32Array(before * total * after)
  let to = 0
  for (let b = 0; b < before; b++) {
    for (const { shape, data } of tensors) {
      const part = (shape[axis] as number) * after
      out.set(data.subarray(b * part, (b + 1) * part), to)
      to += part
    }
  }
  return { shape: first.shape.map((n, a) => (a === axis ? total : n)), data: out }
}

/** Where a slice along an axis of `size` begins, in which steps, and how many it takes: ONNX's and NumPy's rules. */
export function sliceRange(start: number, end: number, step: number, size: number) {
  if (!Number.isInteger(step) || step === 0) throw new TensorFault(`goes in steps of ${step}`)
  const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high)
  const from = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1)
  const to = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1)
  return { from, step, count: Math.max(0, Math.ceil((to - from) / step)) }
}

export interface SliceOf {
  readonly axis: number
  readonly from: number
  readonly step: number
  readonly count: number
}

export function sliced(tensor: FileTensor, slices: readonly SliceOf[]): FileTensor {
  return slices.reduce<FileTensor>(
    (value, { axis, from, step, count }) =>
      gathered(value, { shape: [count], data: Float32Array.from({ length: count }, (_, i) => from + i * step) }, axis),
    tensor,
  )
}

/** ONNX's target of a Reshape as sizes: 0 as it was, -1 what is left over. */
export function reshapeTarget(before: Shape, dims: readonly number[], zeroIsZero: boolean): number[] {
  const wanted = dims.map((n, axis) => (n === 0 && !zeroIsZero ? (before[axis] ?? Number.NaN) : n))
  const known = elementCount(wanted.filter((n) => n !== -1))
  const whole = wanted.map((n) => (n === -1 ? elementCount(before) / known : n))
  const fits =
    whole.length <= 8 &&
    wanted.filter((n) => n === -1).length <= 1 &&
    whole.every((n) => Number.isSafeInteger(n) && n >= 0) &&
    elementCount(whole) === elementCount(before)
  if (!fits) throw new TensorFault(`gives ${elementCount(before)} values the shape [${dims.join(', ')}]`)
  return whole
}

/** Axes of size 1 taken out; all of them where none is named. */
export function squeezedShape(shape: Shape, axes: readonly number[] | null): number[] {
  const out = new Set(
    axes ? axes.map((axis) => axisOf(axis, shape.length)) : shape.flatMap((n, axis) => (n === 1 ? [axis] : [])),
  )
  for (const axis of out) if (shape[axis] !== 1) throw new TensorFault(`takes out an axis of ${shape[axis]}`)
  return shape.filter((_, axis) => !out.has(axis))
}

export function unsqueezedShape(shape: Shape, axes: readonly number[]): number[] {
  const rank = shape.length + axes.length
  const added = new Set(axes.map((axis) => axisOf(axis, rank)))
  if (added.size !== axes.length || rank > 8) throw new TensorFault('adds the same axis twice, or too many')
  const rest = [...shape]
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (rest.shift() ?? 1)))
}

/** Sums, products, … over axes. */
export function reduced(
  { shape, data }: FileTensor,
  axes: readonly number[],
  keep: boolean,
  start: number,
  join: (a: number, b: number) => number,
): FileTensor {
  const over = new Set(axes.map((axis) => axisOf(axis, shape.length)))
  const kept = shape.map((n, axis) => (over.has(axis) ? 1 : n))
  const out = new Float32Array(elementCount(kept)).fill(start)
  eachIndex(shape, [kept], (at, [to = 0]) => {
    out[to] = join(out[to] as number, data[at] as number)
  })
  return { shape: keep ? kept : kept.filter((_, axis) => !over.has(axis)), data: out }
}
