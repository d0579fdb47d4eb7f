// One op of an ONNX graph with attributes by chance, over the grid that exporters and people use and a little beyond: axes from both ends, attributes left out
// or at their defaults, sizes that do not divide, constants that stretch along other axes.
import type { Drawing } from './draw-graph.ts'

export interface DrawnOp {
  readonly name: string
  /** The batch included; what is not of rank 2 is flattened behind it. */
  readonly rank: number
}

type Draw = (draw: Drawing, x: string, shape: readonly number[]) => DrawnOp

const told = (draw: Drawing, op: string, attributes: object, more = '') =>
  void (draw.what = `${op} ${JSON.stringify(attributes)}${more}`)

/** An axis counted from either end. */
const either = (draw: Drawing, axis: number, rank: number) => (draw.random.chance(0.5) ? axis : axis - rank)

const pads = (draw: Drawing, most: number) => {
  const { random } = draw
  const way = random.below(6)
  if (way < 2) return {}
  if (way === 2) return { auto_pad: random.pick(['SAME_UPPER', 'SAME_LOWER', 'VALID', 'NOTSET']) }
  return {
    pads: way < 5 ? new Array<number>(4).fill(random.below(most + 1)) : [0, 0, 0, 0].map(() => random.below(most + 1)),
  }
}

const pool =
  (op: 'MaxPool' | 'AveragePool'): Draw =>
  (draw, x) => {
    const { random, opset } = draw
    const size = random.pick([1, 2, 3])
    const attributes = {
      kernel_shape: random.chance(0.92) ? [size, size] : [size, size + 1],
      ...(random.chance(0.85)
        ? { strides: random.chance(0.9) ? new Array<number>(2).fill(random.pick([1, 2, 3])) : [1, 2] }
        : {}),
      ...pads(draw, Math.max(0, size - 1)),
      ...(random.chance(0.35) && opset >= 10 ? { ceil_mode: random.below(2) } : {}),
      ...(op === 'AveragePool' && random.chance(0.5) ? { count_include_pad: random.below(2) } : {}),
      ...(random.chance(0.06) && opset >= (op === 'MaxPool' ? 10 : 19) ? { dilations: [2, 2] } : {}),
    }
    told(draw, op, attributes)
    return { name: draw.one(op, [x], attributes), rank: 4 }
  }

const conv: Draw = (draw, x, [channels = 1]) => {
  const { random } = draw
  const size = random.pick([1, 2, 3])
  const group = random.pick([1, 1, 2, channels])
  const out = group * random.pick([1, 2])
  const attributes = {
    ...(random.chance(0.5) ? { kernel_shape: [size, size] } : {}),
    ...(random.chance(0.7)
      ? { strides: random.chance(0.9) ? new Array<number>(2).fill(random.pick([1, 2, 3])) : [1, 2] }
      : {}),
    ...pads(draw, 2),
    ...(random.chance(0.25) ? { dilations: [2, 2] } : {}),
    ...(group === 1 && random.chance(0.5) ? {} : { group }),
  }
  const weight = draw.floats([out, channels / group, size, random.chance(0.95) ? size : size + 1])
  told(draw, 'Conv', attributes)
  return {
    name: draw.one('Conv', [x, weight, ...(random.chance(0.5) ? [draw.floats([out])] : [])], attributes),
    rank: 4,
  }
}

const batchNorm: Draw = (draw, x, shape) => {
  const { random, opset } = draw
  const [channels = 1] = shape
  const training = random.chance(0.15) && opset >= 14
  const attributes = {
    ...(random.chance(0.6) ? { epsilon: { float: random.pick([1e-5, 1e-3, 0.1]) } } : {}),
    ...(training ? { training_mode: 1 } : {}),
  }
  const row = (low: number, high: number) => draw.floats([channels], low, high)
  told(draw, 'BatchNormalization', attributes)
  const inputs = [x, row(0.5, 2), row(-1, 1), row(-1, 1), row(0.2, 2)]
  return {
    name: draw.node('BatchNormalization', inputs, attributes, training ? 3 : 1)[0] as string,
    rank: shape.length + 1,
  }
}

const activation: Draw = (draw, x, shape) => {
  const { random, opset } = draw
  const float = (name: string, values: readonly number[]) =>
    random.chance(0.6) ? { [name]: { float: random.pick(values) } } : {}
  const all: [string, object, boolean][] = [
    ['Relu', {}, true],
    ['Sigmoid', {}, true],
    ['LeakyRelu', float('alpha', [0.1, 0.3]), true],
    ['HardSigmoid', { ...float('alpha', [0.1, 1 / 6]), ...float('beta', [0.4, 0.5]) }, true],
    ['HardSwish', {}, opset >= 14],
    ['Gelu', random.chance(0.5) ? { approximate: random.pick(['none', 'tanh']) } : {}, opset >= 20],
    ['Elu', {}, true],
    ['Tanh', {}, true],
    ['Erf', {}, true],
    ['Softplus', {}, true],
    ['PRelu', {}, true],
    ['Swish', float('alpha', [1, 2]), opset >= 24],
    ['Abs', {}, true],
    ['Exp', {}, true],
    ['Neg', {}, opset >= 6],
    ['Sqrt', {}, true],
  ]
  const [op, attributes] = random.pick(all.filter(([, , there]) => there))
  told(draw, op, attributes)
  const more = op === 'PRelu' ? [draw.floats([1])] : []
  return { name: draw.one(op, [x, ...more], attributes as never), rank: shape.length + 1 }
}

const clip: Draw = (draw, x, shape) => {
  const { random, opset } = draw
  const [low, high] = [random.pick([null, 0, -0.2]), random.pick([null, 6, 0.3])]
  const value = (n: number) => {
    const name = draw.name()
    draw.initializers.push({ name, shape: [], data: Float32Array.of(n) })
    return name
  }
  const attributes =
    opset < 11
      ? { ...(low === null ? {} : { min: { float: low } }), ...(high === null ? {} : { max: { float: high } }) }
      : {}
  const inputs = opset < 11 ? [x] : [x, low === null ? '' : value(low), ...(high === null ? [] : [value(high)])]
  told(draw, 'Clip', { low, high })
  return { name: draw.one('Clip', inputs, attributes), rank: shape.length + 1 }
}

/** Sums and products with a constant of some shape, on either side, or with another value. */
const arithmetic: Draw = (draw, x, shape) => {
  const { random } = draw
  const op = random.pick(['Add', 'Sub', 'Mul', 'Div'])
  const rank = shape.length + 1
  if (random.chance(0.25)) {
    const other =
      shape.length === 3
        ? random.pick([draw.one('GlobalAveragePool', [x]), draw.one('Relu', [x])])
        : draw.one('Sigmoid', [x])
    told(draw, op, {}, ' of two values')
    return { name: draw.one(op, random.chance(0.5) ? [x, other] : [other, x]), rank }
  }
  const [c = 1, h = 1, w = 1] = shape
  const of = random.pick(
    shape.length === 3
      ? [[], [1], [c, 1, 1], [1, c, 1, 1], [w], [h, 1], [1, 1, 1, w], [c, h, w], [1, 1, 1], [c], [2, c, 1, 1]]
      : [[], [1], [c], [1, c], [2, 1], [1, 1], [1, 1, c]],
  )
  const constant = draw.floats(of, 0.5, 2)
  const first = random.chance(0.7)
  told(draw, op, { of }, first ? '' : ', the constant first')
  return { name: draw.one(op, first ? [x, constant] : [constant, x]), rank: Math.max(rank, of.length) }
}

const softmax: Draw = (draw, x, shape) => {
  const { random } = draw
  const rank = shape.length + 1
  const op = random.pick(['Softmax', 'LogSoftmax'])
  const attributes = random.chance(0.7) ? { axis: either(draw, random.chance(0.6) ? 1 : random.below(rank), rank) } : {}
  told(draw, op, attributes)
  const name = draw.one(op, [x], attributes)
  // Not at the end, where it is left out.
  return { name: draw.one('Mul', [name, x]), rank }
}

const reduceMean: Draw = (draw, x, shape) => {
  const { random, opset } = draw
  const rank = shape.length + 1
  const choices = shape.length === 3 ? [[2, 3], [3, 2], [2], [3], [1], [1, 2, 3], []] : [[1], []]
  const axes = random
    .pick(random.chance(0.6) && shape.length === 3 ? [[2, 3]] : choices)
    .map((axis) => either(draw, axis, rank))
  const keep = random.pick([undefined, 0, 1])
  const attributes = {
    ...(keep === undefined ? {} : { keepdims: keep }),
    ...(opset < 18 && axes.length > 0 ? { axes } : {}),
    ...(opset >= 18 && random.chance(0.3) ? { noop_with_empty_axes: random.below(2) } : {}),
  }
  const op = random.pick(['ReduceMean', 'ReduceMean', 'ReduceMean', 'ReduceMax', 'ReduceSum'])
  const byInput = opset >= (op === 'ReduceSum' ? 13 : 18)
  const mine =
    op === 'ReduceSum'
      ? { ...(keep === undefined ? {} : { keepdims: keep }), ...(opset < 13 && axes.length > 0 ? { axes } : {}) }
      : attributes
  told(draw, op, { ...mine, over: axes })
  const name = draw.one(op, byInput && axes.length > 0 ? [x, draw.ints(axes)] : [x], mine)
  const kept = keep !== 0
  return { name, rank: kept || axes.length === 0 ? rank : rank - axes.length }
}

const gemm: Draw = (draw, x, shape) => {
  const { random } = draw
  const flat = shape.length === 1 || random.chance(0.1) ? x : draw.one('Flatten', [draw.one('GlobalAveragePool', [x])])
  const [channels = 1] = shape
  const out = random.pick([3, 5])
  const transB = random.pick([undefined, 0, 1])
  const attributes = {
    ...(transB === undefined ? {} : { transB }),
    ...(random.chance(0.2) ? { alpha: { float: random.pick([1, 0.5]) } } : {}),
    ...(random.chance(0.2) ? { beta: { float: random.pick([1, 2]) } } : {}),
    ...(random.chance(0.05) ? { transA: 1 } : {}),
  }
  const bias = random.pick([null, [out], [1, out], [1], [], [2, 1], [2, out]])
  const inputs = [flat, draw.floats(transB === 1 ? [out, channels] : [channels, out])]
  if (bias) inputs.push(draw.floats(bias))
  else if (draw.opset < 11) inputs.push(draw.floats([out]))
  told(draw, 'Gemm', { ...attributes, bias })
  return { name: draw.one('Gemm', inputs, attributes), rank: 2 }
}

const matMul: Draw = (draw, x, shape) => {
  const { random } = draw
  const last = shape.at(-1) ?? 1
  if (random.chance(0.2)) {
    told(draw, 'MatMul', { left: true })
    const size = shape.length === 3 ? (shape[1] ?? 1) : 2
    return { name: draw.one('MatMul', [draw.floats([size, size]), x]), rank: shape.length + 1 }
  }
  if (shape.length === 3 && random.chance(0.4)) {
    const [c = 1] = shape
    const turned = draw.one('Transpose', [x], { perm: [0, 2, 3, 1] })
    told(draw, 'MatMul', { channelsLast: true })
    const product = draw.one('Add', [draw.one('MatMul', [turned, draw.floats([c, 5])]), draw.floats([5])])
    return { name: draw.one('Transpose', [product], { perm: [0, 3, 1, 2] }), rank: 4 }
  }
  told(draw, 'MatMul', {})
  return { name: draw.one('MatMul', [x, draw.floats([last, 5])]), rank: shape.length + 1 }
}

const concat: Draw = (draw, x, shape) => {
  const { random } = draw
  const rank = shape.length + 1
  const axis = either(draw, random.chance(0.75) ? 1 : random.below(rank), rank)
  told(draw, 'Concat', { axis })
  const others = random.pick([[], [draw.one('Relu', [x])], [draw.one('Sigmoid', [x]), x]])
  return { name: draw.one('Concat', [x, ...others], { axis }), rank }
}

const split: Draw = (draw, x, shape) => {
  const { random, opset } = draw
  const [channels = 1] = shape
  const rank = shape.length + 1
  const axis = either(draw, random.chance(0.85) ? 1 : random.below(rank), rank)
  const sizes = random.pick([null, null, [1, channels - 1], [2, channels - 2]])
  const outputs = sizes ? 2 : random.pick([2, 3])
  const attributes = {
    axis,
    ...(sizes && opset < 13 ? { split: sizes } : {}),
    ...(!sizes && opset >= 18 ? { num_outputs: outputs } : {}),
  }
  told(draw, 'Split', { ...attributes, sizes, outputs })
  const names = draw.node('Split', sizes && opset >= 13 ? [x, draw.ints(sizes)] : [x], attributes, outputs)
  return { name: draw.one('Relu', [random.pick(names)]), rank }
}

const slice: Draw = (draw, x, shape) => {
  const { random, opset } = draw
  const rank = shape.length + 1
  const whole = random.pick([2 ** 31 - 1, 1000, -1])
  const way = random.below(5)
  const parts =
    way === 0
      ? [{ axis: 1, start: random.pick([0, 1, -3]), end: random.pick([3, -1, 1000, 2]), step: 1 }]
      : way === 1 && rank === 4
        ? [2, 3].map((axis) => ({ axis, start: 0, end: whole, step: 2 }))
        : way === 2 && rank === 4
          ? [
              {
                axis: random.pick([2, 3]),
                start: random.pick([0, 1]),
                end: random.pick([4, 1000]),
                step: random.pick([1, 2]),
              },
            ]
          : way === 3
            ? [{ axis: 0, start: 0, end: random.pick([1, 1000]), step: 1 }]
            : [{ axis: 1, start: 0, end: 1000, step: random.pick([1, 2, -1]) }]
  const [starts, ends, steps] = [parts.map((p) => p.start), parts.map((p) => p.end), parts.map((p) => p.step)]
  const axes = parts.map((p) => either(draw, p.axis, rank))
  told(draw, 'Slice', { starts, ends, axes, steps })
  if (opset < 10) return { name: draw.one('Slice', [x], { starts, ends, axes }), rank }
  const inputs = [x, draw.ints(starts), draw.ints(ends), draw.ints(axes)]
  return {
    name: draw.one(
      'Slice',
      steps.every((step) => step === 1) && random.chance(0.5) ? inputs : [...inputs, draw.ints(steps)],
    ),
    rank,
  }
}

const pad: Draw = (draw, x, shape) => {
  const { random, opset } = draw
  const rank = shape.length + 1
  const side = () => (random.chance(0.5) ? 0 : random.below(3))
  const all = random.chance(0.6)
    ? Array.from({ length: 2 * rank }, (_, i) => (i % rank >= 2 ? side() : 0))
    : Array.from({ length: 2 * rank }, (_, i) => (i % rank === 1 ? side() : random.chance(0.05) ? 1 : 0))
  const mode = random.pick([undefined, undefined, 'constant', 'edge', 'reflect'])
  const value = random.pick([0, 0, 0.5])
  const attributes = { ...(mode ? { mode } : {}), ...(opset < 11 ? { pads: all, value: { float: value } } : {}) }
  told(draw, 'Pad', { pads: all, mode, value })
  if (opset < 11) return { name: draw.one('Pad', [x], attributes), rank }
  const filling = draw.floats([], value, value)
  if (opset >= 18 && random.chance(0.3) && rank === 4)
    return { name: draw.one('Pad', [x, draw.ints([1, 2, 1, 0]), filling, draw.ints([2, -1])], attributes), rank }
  return {
    name: draw.one(
      'Pad',
      random.chance(0.5) && value === 0 ? [x, draw.ints(all)] : [x, draw.ints(all), filling],
      attributes,
    ),
    rank,
  }
}

const layout: Draw = (draw, x, shape) => {
  const { random, opset } = draw
  const [c = 1, h = 1, w = 1] = shape
  if (shape.length === 1) {
    const target = random.pick([
      [0, -1],
      [-1, c],
      [0, c, 1, 1],
      [-1, c / 2],
      [2, c],
      [c, -1],
      [0, 2, c / 2],
    ])
    told(draw, 'Reshape', { target })
    return { name: draw.one('Reshape', [x, draw.ints(target)]), rank: target.length }
  }
  const way = random.below(7)
  if (way === 0) {
    const axis = random.pick([0, 1, 1, 2, 3, -1, -3])
    told(draw, 'Flatten', { axis })
    return { name: draw.one('Flatten', [x], { axis }), rank: 2 }
  }
  if (way === 1) {
    const mean = draw.one('GlobalAveragePool', [x])
    const axes = random.pick([[2, 3], [-1, -2], [3], [1], null])
    told(draw, 'Squeeze', { axes })
    const byInput = opset >= 13
    const name = draw.one(
      'Squeeze',
      byInput && axes ? [mean, draw.ints(axes)] : [mean],
      !byInput && axes ? { axes } : {},
    )
    return { name, rank: axes ? 4 - axes.length : 2 }
  }
  if (way === 2) {
    const groups = 2
    const perm = random.pick([
      [0, 2, 1, 3, 4],
      [0, 2, 1, 3, 4],
      [0, 1, 2, 4, 3],
    ])
    const back = random.pick([
      [0, c, h, w],
      [-1, c, h, w],
      [0, -1, h, w],
      [-1, c, w, h],
    ])
    told(draw, 'shuffle', { perm, back })
    const split = draw.one('Reshape', [
      x,
      draw.ints(
        random.pick([
          [0, groups, c / groups, h, w],
          [-1, groups, c / groups, h, w],
        ]),
      ),
    ])
    return { name: draw.one('Reshape', [draw.one('Transpose', [split], { perm }), draw.ints(back)]), rank: 4 }
  }
  if (way === 3) {
    const perm = random.pick([
      [0, 2, 3, 1],
      [0, 3, 2, 1],
      [0, 1, 3, 2],
      [0, 1, 2, 3],
      [1, 0, 2, 3],
    ])
    told(draw, 'Transpose', { perm })
    return { name: draw.one('Transpose', [x], { perm }), rank: 4 }
  }
  const target = random.pick([
    [0, -1],
    [-1, c * h * w],
    [2, -1],
    [0, c, h, w],
    [0, c, w, h],
    [0, c, -1],
    [0, -1, h, w],
    [-1, c, h * w, 1],
    [0, 0, -1],
    [c, -1],
  ])
  const shaped = draw.one('Reshape', [x, draw.ints(target)], opset >= 14 && random.chance(0.3) ? { allowzero: 0 } : {})
  if (target.length === 3 && random.chance(0.6)) {
    told(draw, 'Reshape and ReduceMean', { target })
    return {
      name: draw.one('ReduceMean', opset >= 18 ? [shaped, draw.ints([-1])] : [shaped], {
        keepdims: 0,
        ...(opset < 18 ? { axes: [-1] } : {}),
      }),
      rank: 2,
    }
  }
  told(draw, 'Reshape', { target })
  return { name: shaped, rank: target.length }
}

/** A shape computed at run time, as exporters write it. */
const computedShape: Draw = (draw, x, shape) => {
  const { random, opset } = draw
  const sizes = draw.one('Shape', [x], opset >= 15 && random.chance(0.4) ? { start: 0, end: 1 } : {})
  const cut =
    opset >= 15
      ? draw.one('Slice', [sizes, draw.ints([0]), draw.ints([1])])
      : draw.one('Gather', [sizes, draw.ints([0])], { axis: 0 })
  const rest = random.pick([-1, shape.reduce((a, b) => a * b, 1)])
  const target = draw.one('Concat', [cut, draw.ints([rest])], { axis: 0 })
  told(draw, 'Shape', { rest })
  return { name: draw.one('Reshape', [x, target]), rank: 2 }
}

const gather: Draw = (draw, x, shape) => {
  const { random } = draw
  const rank = shape.length + 1
  const axis = either(draw, random.chance(0.8) ? 1 : random.below(rank), rank)
  const indices = random.pick([[2, 1, 0], [0], [-1, 0], [1, 1]])
  const single = random.chance(0.2)
  told(draw, 'Gather', { axis, indices: single ? 1 : indices })
  const name = draw.one('Gather', [x, single ? draw.ints([1], []) : draw.ints(indices)], { axis })
  return { name, rank: single ? rank - 1 : rank }
}

/** Channels in another order, as exporters write flips and index lists. */
const reorder: Draw = (draw, x, shape) => {
  const { random, opset } = draw
  const rank = shape.length + 1
  if (rank === 4 && opset >= 12 && random.chance(0.5)) {
    const turned = draw.one('Transpose', [x], { perm: [1, 0, 2, 3] })
    const batched = random.chance(0.8)
    told(draw, 'GatherND', { batched })
    const picked = draw.one('GatherND', [turned, draw.ints([2, 1, 0], [3, 1])])
    return { name: batched ? draw.one('Transpose', [picked], { perm: [1, 0, 2, 3] }) : picked, rank: 4 }
  }
  if (opset < 10) return gather(draw, x, shape)
  const parts = {
    start: random.pick([-1, 100, -2]),
    end: random.pick([-(2 ** 31), -100, 0, -1]),
    axis: either(draw, 1, rank),
  }
  told(draw, 'Slice backwards', parts)
  const inputs = [x, draw.ints([parts.start]), draw.ints([parts.end]), draw.ints([parts.axis]), draw.ints([-1])]
  return { name: draw.one('Slice', inputs), rank }
}

/** GELU in its five nodes, over an image's channels first or last, with a layer norm before it or none. */
const gelu: Draw = (draw, x, shape) => {
  const { random, opset } = draw
  const last = shape.length === 3 && random.chance(0.6)
  let value = last ? draw.one('Transpose', [x], { perm: [0, 2, 3, 1] }) : x
  const [channels = 1] = shape
  const normed = opset >= 17 && (last || shape.length === 1) && random.chance(0.7)
  if (normed)
    value = draw.one('LayerNormalization', [value, draw.floats([channels]), draw.floats([channels])], { axis: -1 })
  const number = (n: number) => {
    const name = draw.name()
    draw.initializers.push({ name, shape: [], data: Float32Array.of(n) })
    return name
  }
  const wrong = random.chance(0.1)
  const z = random.chance(0.5)
    ? draw.one('Div', [value, number(wrong ? 2 : Math.SQRT2)])
    : draw.one('Mul', [value, number(Math.SQRT1_2)])
  const share = draw.one('Add', [draw.one('Erf', [z]), number(1)])
  const way = random.below(3)
  told(draw, 'Erf', { last, normed, way, wrong })
  const result =
    way === 0
      ? draw.one('Mul', [draw.one('Mul', [value, share]), number(0.5)])
      : way === 1
        ? draw.one('Mul', [value, draw.one('Mul', [number(0.5), share])])
        : draw.one('Mul', [draw.one('Mul', [value, number(0.5)]), share])
  return { name: last ? draw.one('Transpose', [result], { perm: [0, 3, 1, 2] }) : result, rank: shape.length + 1 }
}

/** Squeeze and excitation with its gate stretched over the image, as `expand_as` writes it, or over something else. */
const expand: Draw = (draw, x, shape) => {
  const { random } = draw
  const [c = 1, h = 1, w = 1] = shape
  if (shape.length === 1) return arithmetic(draw, x, shape)
  const target = random.pick([
    [1, 1, h, w],
    [1, c, h, w],
    [1, c, 1, 1],
    [1, c, h, 1],
    [c, h, w],
    [2, c, h, w],
  ])
  told(draw, 'Expand', { target })
  const gate = draw.one('Sigmoid', [draw.one('GlobalAveragePool', [x])])
  const stretched = draw.one('Expand', [gate, draw.ints(target)])
  const ends = random.below(4)
  if (ends === 0) return { name: stretched, rank: 4 }
  return {
    name: draw.one(random.pick(['Mul', 'Add', 'Sub', 'Div']), ends === 1 ? [stretched, x] : [x, stretched]),
    rank: 4,
  }
}

/** Group normalisation before opset 21: an instance norm over groups. */
const groupNorm: Draw = (draw, x, [c = 1, h = 1, w = 1]) => {
  const { random } = draw
  const groups = random.pick([1, 2, c])
  const filled = (n: number) => draw.floats([groups], n, n)
  const wrong = random.chance(0.15)
  const odd = random.pick([[c, 1, 1], [c, 1, 1], [1, c, 1, 1], [1]])
  told(draw, 'InstanceNormalization', { groups, wrong, odd })
  const rows = draw.one('Reshape', [x, draw.ints([0, groups, -1])])
  const normed = draw.one('InstanceNormalization', [rows, filled(wrong ? 2 : 1), filled(0)], {
    epsilon: { float: 1e-3 },
  })
  const back = draw.one('Reshape', [normed, random.chance(0.5) ? draw.one('Shape', [x]) : draw.ints([0, c, h, w])])
  const weighted = draw.one('Mul', [back, draw.floats(odd, 0.5, 1.5)])
  return { name: draw.one('Add', [weighted, draw.floats([c, 1, 1])]), rank: 4 }
}

/** One pixel by its place, and group normalisation. */
const pixel: Draw = (draw, x, shape) => {
  const { random, opset } = draw
  const [c = 1] = shape
  if (shape.length === 3 && opset >= 21 && random.chance(0.5)) {
    const groups = random.pick([1, 2, c])
    told(draw, 'GroupNormalization', { groups })
    const inputs = [x, draw.floats([c], 0.5, 1.5), draw.floats([c])]
    return {
      name: draw.one('GroupNormalization', inputs, {
        num_groups: groups,
        ...(random.chance(0.5) ? { epsilon: { float: 0.01 } } : {}),
      }),
      rank: 4,
    }
  }
  if (shape.length === 1) return gather(draw, x, shape)
  if (random.chance(0.4)) return groupNorm(draw, x, shape)
  const source = random.chance(0.7) ? draw.one('GlobalAveragePool', [x]) : x
  const at = random.pick([0, -1])
  told(draw, 'Gather a pixel', { at })
  const row = draw.one('Gather', [source, draw.ints([at], [])], { axis: either(draw, 3, 4) })
  return { name: draw.one('Gather', [row, draw.ints([0], [])], { axis: either(draw, 2, 3) }), rank: 2 }
}

const others: Draw = (draw, x, shape) => {
  const { random, opset } = draw
  const rank = shape.length + 1
  const [c = 1] = shape
  const row = () => draw.floats([c], 0.5, 1.5)
  const way = random.below(6)
  if (way === 0) {
    told(draw, 'Dropout', {})
    return { name: draw.one('Dropout', [x]), rank }
  }
  if (way === 1) {
    told(draw, 'Cast', { to: 1 })
    return { name: draw.one('Cast', [x], { to: 1 }), rank }
  }
  if (way === 2 && shape.length === 3) {
    told(draw, 'InstanceNormalization', {})
    return { name: draw.one('InstanceNormalization', [x, row(), row()]), rank }
  }
  if (way === 3 && opset >= 17) {
    told(draw, 'LayerNormalization', {})
    const last = shape.at(-1) ?? 1
    return { name: draw.one('LayerNormalization', [x, draw.floats([last]), draw.floats([last])]), rank }
  }
  if (way === 4 && shape.length === 3) {
    told(draw, 'GlobalMaxPool', {})
    return { name: draw.one('GlobalMaxPool', [x]), rank }
  }
  told(draw, 'Sum', {})
  return { name: draw.one('Sum', [x, draw.one('Relu', [x])]), rank }
}

const images: readonly Draw[] = [
  pool('MaxPool'),
  pool('AveragePool'),
  pool('AveragePool'),
  conv,
  conv,
  batchNorm,
  activation,
  clip,
  arithmetic,
  arithmetic,
  softmax,
  reduceMean,
  gemm,
  matMul,
  concat,
  split,
  slice,
  pad,
  layout,
  layout,
  computedShape,
  gather,
  reorder,
  gelu,
  expand,
  pixel,
  others,
]
const features: readonly Draw[] = [
  batchNorm,
  activation,
  clip,
  arithmetic,
  softmax,
  reduceMean,
  gemm,
  matMul,
  concat,
  split,
  slice,
  layout,
  computedShape,
  gather,
  reorder,
  gelu,
  expand,
  pixel,
  others,
]

export const drawOp: Draw = (draw, x, shape) => draw.random.pick(shape.length === 3 ? images : features)(draw, x, shape)
