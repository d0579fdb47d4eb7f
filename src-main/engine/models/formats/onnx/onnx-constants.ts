// The arithmetic that exporters write around shapes (Shape, Gather, Concat, Slice, …), computed here as far as it is known while a file is read. No op of
// ours comes of it. A size that depends on the batch or the image is NaN, and stays NaN through what is computed with it.
import { transposed } from '#engine/compute/ops/formats/layouts.ts'
import type { OnnxValue } from '#engine/compute/ops/formats/onnx.ts'
import { elementCount, showShape } from '#engine/compute/shape.ts'
import type { OnnxNodeView } from './onnx-node.ts'

/** Undefined: it works on features, and an op of ours must read it. Null: it has no value. */
type Evaluate = (node: OnnxNodeView) => OnnxValue | null | undefined

const isFlow = (value: OnnxValue | null) => value?.kind === 'flow'
const unlessFlow: Evaluate = (node) => {
  const value = node.value(0)
  return isFlow(value) ? undefined : value
}

/** The numbers of a shape or of a short constant; null = something else. */
function numbersOf(node: OnnxNodeView, index: number): readonly number[] | null {
  const value = node.value(index)
  if (value?.kind === 'shape') return value.dims
  return value?.kind === 'constant' ? node.few(value.value.data) : null
}

function constant(node: OnnxNodeView): OnnxValue {
  const name = node.outputs[0] ?? node.name
  const tensor = node.tensorAttribute()
  if (tensor) return { kind: 'constant', name, value: tensor }
  const numbers = node.numbersAttribute()
  if (!numbers) throw node.refused('holds something that is no number')
  const { list, single } = numbers
  return { kind: 'constant', name, value: { shape: single ? [] : [list.length], data: Float32Array.from(list) } }
}

function cast(node: OnnxNodeView): OnnxValue | null {
  const value = node.value(0)
  if (isFlow(value) && node.int('to', 1) !== 1)
    throw node.refused('turns features into whole numbers or other precision')
  return value
}

/** What runs through the network has a known number of channels and axes only. */
function shape(node: OnnxNodeView): OnnxValue {
  const value = node.value(0)
  if (value?.kind === 'constant') return { kind: 'shape', dims: value.value.shape }
  const { rank, channels } = node.flow()
  const known = channels ?? Number.NaN
  return { kind: 'shape', dims: rank === 4 ? [Number.NaN, known, Number.NaN, Number.NaN] : [Number.NaN, known] }
}

function gather(node: OnnxNodeView): OnnxValue {
  const index = node.needed(1).value
  const from = numbersOf(node, 0)
  if (!from) throw node.refused('picks parts of an image or feature')
  return { kind: 'shape', dims: node.few(index.data).map((at) => from.at(at) ?? Number.NaN) }
}

function concat(node: OnnxNodeView): OnnxValue | undefined {
  const values = Array.from({ length: node.inputCount }, (_, index) => node.value(index))
  if (values.every(isFlow)) return undefined
  return { kind: 'shape', dims: values.flatMap((_, index) => numbersOf(node, index) ?? [Number.NaN]) }
}

function slice(node: OnnxNodeView): OnnxValue | undefined {
  const value = node.value(0)
  if (value?.kind !== 'shape' && !(value?.kind === 'constant' && value.value.shape.length === 1)) return undefined
  const [starts, ends] = [node.intsOf('starts', 1), node.intsOf('ends', 2)]
  const steps = node.intsOf('steps', 4)
  if ((steps?.[0] ?? 1) !== 1) throw node.refused('takes sizes in steps')
  const [from = 0, to = 0] = [starts?.[0], ends?.[0]]
  return { kind: 'shape', dims: (numbersOf(node, 0) ?? []).slice(from, to > 1e9 ? undefined : to) }
}

/** -1: what is left over; 0: as it was. */
function reshape(node: OnnxNodeView): OnnxValue | undefined {
  const value = node.value(0)
  if (value?.kind === 'shape') return value
  if (value?.kind !== 'constant') return undefined
  const dims = node.sizes(1)
  const { shape: before, data } = value.value
  const wanted = dims.map((n, axis) => (n === 0 ? (before[axis] ?? 1) : n))
  const known = elementCount(wanted.filter((n) => n > 0))
  const whole = wanted.map((n) => (n === -1 ? data.length / known : n))
  if (whole.length > 8 || !whole.every((n) => Number.isSafeInteger(n) && n >= 0) || elementCount(whole) !== data.length)
    throw node.refused(`gives ${data.length} values the shape ${showShape(dims)}`)
  return { kind: 'constant', name: value.name, value: { shape: whole, data } }
}

function transpose(node: OnnxNodeView): OnnxValue | undefined {
  const value = node.value(0)
  return value?.kind === 'constant' && node.ints('perm')?.join() === '1,0' && value.value.shape.length === 2
    ? { kind: 'constant', name: `${value.name} transposed`, value: transposed(value.value) }
    : undefined
}

function unsqueeze(node: OnnxNodeView): OnnxValue | null {
  const value = node.value(0)
  if (isFlow(value)) throw node.refused('gives features another axis')
  return value
}

/** Of sizes: lists of one length, or a list and one number. Weights are left to the ops that they belong to. */
const arithmetic =
  (compute: (a: number, b: number) => number): Evaluate =>
  (node) => {
    const [a, b] = [node.value(0), node.value(1)]
    if (!a || !b || (a.kind !== 'shape' && b.kind !== 'shape')) return undefined
    const [left, right] = [numbersOf(node, 0), numbersOf(node, 1)]
    if (!left || !right) return undefined
    const length = Math.max(left.length, right.length)
    if (![left, right].every((list) => list.length === 1 || list.length === length)) return undefined
    const at = (list: readonly number[], i: number) => list[list.length === 1 ? 0 : i] ?? Number.NaN
    return { kind: 'shape', dims: Array.from({ length }, (_, i) => compute(at(left, i), at(right, i))) }
  }

const evaluators = new Map<string, Evaluate>(
  Object.entries({
    Constant: constant,
    Identity: (node) => node.value(0),
    Dropout: (node) => node.value(0),
    Cast: cast,
    Shape: shape,
    Gather: gather,
    Concat: concat,
    Slice: slice,
    Reshape: reshape,
    Transpose: transpose,
    Squeeze: unlessFlow,
    Unsqueeze: unsqueeze,
    Add: arithmetic((a, b) => a + b),
    Sub: arithmetic((a, b) => a - b),
    Mul: arithmetic((a, b) => a * b),
    Div: arithmetic((a, b) => Math.trunc(a / b)),
  } satisfies Record<string, Evaluate>),
)

/** The value of a node that needs no op of ours; undefined = it needs one. @throws PalmError naming file and node */
export const evaluate: Evaluate = (node) => evaluators.get(node.opType)?.(node)
