// The arithmetic that exporters write around a network (shapes, axes, settings, weights made of others), computed here while a file is read. No op of ours
// comes of it. Sizes that depend on the batch are counted with the batch that the file is read for (onnx.ts).
import type { OnnxConstant, OnnxValue, OnnxView } from '#engine/compute/ops/formats/onnx.ts'
import { fileDims, turned } from '#engine/compute/ops/formats/onnx-view.ts'
import type { FileTensor, Flow } from '#engine/compute/ops/formats/network.ts'
import { elementCount } from '#engine/compute/shape.ts'
import type { OnnxNodeView } from './onnx-node.ts'
import {
  axisOf,
  broadcastShape,
  concatenated,
  elementwise,
  gathered,
  reduced,
  reshapeTarget,
  sliced,
  sliceRange,
  squeezedShape,
  TensorFault,
  transposedBy,
  unsqueezedShape,
} from './onnx-tensors.ts'

/** Undefined: it works on features, and an op of ours must read it. Null: it has no value. */
type Evaluate = (node: OnnxNodeView) => OnnxValue | null | undefined

const isFlow = (value: OnnxValue | null): value is Flow | OnnxView => value?.kind === 'flow' || value?.kind === 'view'

/** Computes with constants only, and leaves everything else to the ops. */
const ofConstants =
  (compute: (node: OnnxNodeView, inputs: readonly OnnxConstant[]) => Partial<OnnxConstant> & FileTensor): Evaluate =>
  (node) => {
    const inputs = Array.from({ length: node.inputCount }, (_, index) => node.value(index))
    const constants = inputs.filter((input) => input?.kind === 'constant')
    if (constants.length === 0 || constants.length < inputs.filter(Boolean).length) return undefined
    const { shape, data, whole = constants[0]?.whole ?? false } = compute(node, constants)
    return node.computed({ shape, data }, whole)
  }

/** What is the same whether a value is a constant or flows: the axes alone change. */
const laidOut =
  (target: (node: OnnxNodeView, dims: readonly number[]) => readonly number[]): Evaluate =>
  (node) => {
    const value = node.value(0)
    if (value?.kind === 'constant')
      return { ...value, value: { shape: target(node, value.value.shape), data: value.value.data } }
    return isFlow(value) ? node.shaped(value, target(node, fileDims(value, node.batch))) : undefined
  }

function constant(node: OnnxNodeView): OnnxValue {
  const name = node.outputs[0] ?? node.name
  const found = node.constantAttribute()
  if (!found) throw node.refused('holds something that is no number')
  return { kind: 'constant', name, ...found }
}

/** Whole numbers of ONNX's types. */
const wholeTypes = new Set([2, 3, 4, 5, 6, 7, 9, 12, 13])

function cast(node: OnnxNodeView): OnnxValue | null {
  const value = node.value(0)
  const to = node.int('to', 1)
  if (value?.kind === 'constant') {
    if (!wholeTypes.has(to)) return { ...value, whole: false }
    const data = value.value.data.map((v) => (to === 9 ? Number(v !== 0) : Math.trunc(v)))
    return { ...value, whole: true, value: { shape: value.value.shape, data } }
  }
  if (wholeTypes.has(to)) throw node.refused('turns features into whole numbers')
  return value
}

function shape(node: OnnxNodeView): OnnxValue {
  const dims = node.dims(0)
  const within = (at: number) => Math.min(Math.max(at < 0 ? at + dims.length : at, 0), dims.length)
  const part = dims.slice(within(node.int('start', 0)), within(node.int('end', dims.length)))
  return node.computed({ shape: [part.length], data: Float32Array.from(part) }, true)
}

function reshape(node: OnnxNodeView, before: readonly number[]): readonly number[] {
  return reshapeTarget(before, node.sizes(1), node.int('allowzero', 0) === 1)
}

function flatten(node: OnnxNodeView, dims: readonly number[]): readonly number[] {
  const given = node.int('axis', 1)
  if (given < 0 && node.opset < 11) throw node.refused('counts its axis from the end, which opsets before 11 do not')
  const axis = given === dims.length ? given : axisOf(given, dims.length)
  return [elementCount(dims.slice(0, axis)), elementCount(dims.slice(axis))]
}

function transpose(node: OnnxNodeView): OnnxValue | undefined {
  const value = node.value(0)
  if (value?.kind === 'constant') {
    const order = node.ints('perm') ?? value.value.shape.map((_, axis) => axis).reverse()
    return node.computed(transposedBy(value.value, order), value.whole)
  }
  if (!isFlow(value)) return undefined
  const order =
    node.ints('perm') ??
    node
      .dims(0)
      .map((_, axis) => axis)
      .reverse()
  return turned(node.network, node.name, value, order, node.batch)
}

/** By an attribute, or since opset 13 by an input; null = all. */
const axesOf = (node: OnnxNodeView) => node.intsOf('axes', 1)

/** Of Squeeze and Unsqueeze, which count from the end since opset 11. */
function ownAxes(node: OnnxNodeView): readonly number[] | null {
  const axes = axesOf(node)
  if (node.opset < 11 && axes?.some((axis) => axis < 0))
    throw node.refused('counts its axes from the end, which opsets before 11 do not')
  return axes
}

const slice = ofConstants((node, [first]) => {
  const { shape: dims } = (first as OnnxConstant).value
  return sliced(
    (first as OnnxConstant).value,
    node
      .slices(dims)
      .map(({ axis, start, end, step }) => ({ axis, ...sliceRange(start, end, step, dims[axis] as number) })),
  )
})

/** Of a whole batch laid out in one row, each image's own numbers in their order: what exporters write for `as_strided`. */
function gather(node: OnnxNodeView): OnnxValue | undefined {
  const value = node.value(0)
  if (value?.kind === 'constant') {
    const indices = node.needed(1)
    return node.computed(gathered(value.value, indices.value, node.axis(0, value.value.shape.length)), value.whole)
  }
  if (!isFlow(value)) return undefined
  const { value: indices } = node.needed(1)
  const dims = node.dims(0)
  const axis = node.axis(0, dims.length)
  // The one place of an axis of one.
  if (indices.shape.length === 0 && dims[axis] === 1 && (indices.data[0] === 0 || indices.data[0] === -1))
    return node.shaped(
      value,
      dims.filter((_, at) => at !== axis),
    )
  if (value.kind !== 'view' || value.dims.length !== 1) return undefined
  const inOrder = indices.data.length === value.dims[0] && indices.data.every((at, i) => at === i)
  return inOrder ? node.shaped(value, indices.shape) : undefined
}

const expand = ofConstants((node, [first]) => {
  const value = (first as OnnxConstant).value
  const target = broadcastShape([value.shape, node.sizes(1)])
  node.afford(elementCount(target))
  return elementwise([value, { shape: target, data: new Float32Array(elementCount(target)) }], (a) => a)
})

function constantOfShape(node: OnnxNodeView): OnnxValue {
  const dims = node.sizes(0)
  const filling = node.constantAttribute()
  node.afford(elementCount(dims))
  const data = new Float32Array(elementCount(dims)).fill(filling?.value.data[0] ?? 0)
  return node.computed({ shape: dims, data }, filling?.whole ?? false)
}

const range = ofConstants((node, inputs) => {
  const [start = 0, end = 0, step = 1] = inputs.map(({ value }) => value.data[0])
  const count = Math.max(0, Math.ceil((end - start) / step))
  node.afford(count)
  return { shape: [count], data: Float32Array.from({ length: count }, (_, i) => start + i * step) }
})

const of = (compute: (...values: number[]) => number): Evaluate =>
  ofConstants((_, inputs) =>
    elementwise(
      inputs.map(({ value }) => value),
      compute,
    ),
  )

const truth = (compute: (...values: number[]) => boolean): Evaluate =>
  ofConstants((_, inputs) => ({
    ...elementwise(
      inputs.map(({ value }) => value),
      (...values) => Number(compute(...values)),
    ),
    whole: true,
  }))

const over = (start: number, join: (a: number, b: number) => number): Evaluate =>
  ofConstants((node, [first]) => {
    const value = (first as OnnxConstant).value
    const axes = axesOf(node)
    const all = value.shape.map((_, axis) => axis)
    const which = axes && axes.length > 0 ? axes : node.int('noop_with_empty_axes', 0) === 1 ? [] : all
    return reduced(value, which, node.int('keepdims', 1) === 1, start, join)
  })

const divide = ofConstants((_, inputs) => {
  const whole = inputs.every((input) => input.whole)
  return elementwise(
    inputs.map(({ value }) => value),
    (a, b) => (whole ? Math.trunc(a / b) : a / b),
  )
})

const pass: Evaluate = (node) => node.value(0)

/** Where it drops nothing: always but in training. */
function dropout(node: OnnxNodeView): OnnxValue | null {
  const training = node.constant(2)?.value.data[0] ?? 0
  if (training !== 0)
    throw node.refused(
      'drops values by chance (training_mode), and a classifier must not: export it in evaluation mode',
    )
  return node.value(0)
}

const evaluators = new Map<string, Evaluate>(
  Object.entries({
    Constant: constant,
    ConstantOfShape: constantOfShape,
    Identity: pass,
    Dropout: dropout,
    Cast: cast,
    CastLike: pass,
    Shape: shape,
    Size: (node) => node.computed({ shape: [], data: Float32Array.of(elementCount(node.dims(0))) }, true),
    Gather: gather,
    Concat: ofConstants((node, inputs) =>
      concatenated(
        inputs.map(({ value }) => value),
        node.axis(0, inputs[0]?.value.shape.length ?? 0),
      ),
    ),
    Slice: slice,
    Reshape: laidOut(reshape),
    Flatten: laidOut(flatten),
    Squeeze: laidOut((node, dims) => squeezedShape(dims, ownAxes(node))),
    Unsqueeze: laidOut((node, dims) => unsqueezedShape(dims, ownAxes(node) ?? [])),
    Transpose: transpose,
    Expand: expand,
    Range: range,
    Add: of((a, b) => a + b),
    Sub: of((a, b) => a - b),
    Mul: of((a, b) => a * b),
    Div: divide,
    Pow: of((a, b) => a ** b),
    Mod: of((a, b) => a - b * Math.floor(a / b)),
    Min: of(Math.min),
    Max: of(Math.max),
    Neg: of((a) => -a),
    Abs: of(Math.abs),
    Floor: of(Math.floor),
    Ceil: of(Math.ceil),
    Sqrt: of(Math.sqrt),
    Exp: of(Math.exp),
    Reciprocal: of((a) => 1 / a),
    Equal: truth((a, b) => a === b),
    Less: truth((a, b) => a < b),
    LessOrEqual: truth((a, b) => a <= b),
    Greater: truth((a, b) => a > b),
    GreaterOrEqual: truth((a, b) => a >= b),
    And: truth((a, b) => a !== 0 && b !== 0),
    Or: truth((a, b) => a !== 0 || b !== 0),
    Not: truth((a) => a === 0),
    Where: ofConstants((_, inputs) => ({
      ...elementwise(
        inputs.map(({ value }) => value),
        (which = 0, a = 0, b = 0) => (which === 0 ? b : a),
      ),
      whole: inputs[1]?.whole ?? false,
    })),
    ReduceSum: over(0, (a, b) => a + b),
    ReduceProd: over(1, (a, b) => a * b),
    ReduceMin: over(Number.POSITIVE_INFINITY, Math.min),
    ReduceMax: over(Number.NEGATIVE_INFINITY, Math.max),
  } satisfies Record<string, Evaluate>),
)

/** The value of a node that needs no op of ours; undefined = it needs one. @throws PalmError naming file and node */
export function evaluate(node: OnnxNodeView): OnnxValue | null | undefined {
  try {
    return evaluators.get(node.opType)?.(node)
  } catch (thrown) {
    throw thrown instanceof TensorFault ? node.refused(thrown.message) : thrown
  }
}
