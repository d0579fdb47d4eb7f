// Element by element, along an axis, and over whole tensors, against plain loops.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { drawn, image, meanOf, numbers, positive, row, total, wide, type OperationCase } from './operation-case.ts'
import { erf, filled, flatOf, joined, mapped, softened, type Numbers } from './plain-loops.ts'

function unary(run: (device: Device, x: DeviceTensor) => DeviceTensor, of: (value: number) => number, x = image) {
  return [{ run: (device, put) => run(device, put(x)), expected: [mapped(x, of)] }] satisfies OperationCase[]
}

function binary(
  run: (device: Device, a: DeviceTensor, b: DeviceTensor) => DeviceTensor,
  of: (a: number, b: number) => number,
  a = image,
  b = row,
) {
  return [
    { run: (device, put) => run(device, put(a), put(b)), expected: [joined(a, b, a.shape, of)] },
  ] satisfies OperationCase[]
}

/** Over axis 1 of [3, 2, 4]. */
const reduced = (of: (values: readonly number[]) => number, keepDims: boolean): Numbers =>
  filled(keepDims ? [3, 1, 4] : [3, 4], (index) => {
    const [i, k] = [index[0] as number, index.at(-1) as number]
    return of([0, 1].map((j) => wide.data[flatOf(wide.shape, [i, j, k])] as number))
  })
const reductions = (call: 'sum' | 'mean', of: (values: ArrayLike<number>) => number): OperationCase[] => [
  { what: 'all', run: (device, put) => device[call](put(wide)), expected: [numbers([], [of(wide.data)])] },
  { what: 'an axis', run: (device, put) => device[call](put(wide), [1]), expected: [reduced(of, false)] },
  {
    what: 'an axis that stays',
    run: (device, put) => device[call](put(wide), [1], true),
    expected: [reduced(of, true)],
  },
]
const many = (call: 'sumAbsMany' | 'meanMany' | 'normMany', of: (values: Float64Array) => number): OperationCase[] => [
  {
    run: async (device, put) => await device[call]([put(wide), put(image)]),
    expected: [numbers([2], [of(wide.data), of(image.data)])],
  },
]

export const elementCases = {
  relu: unary(
    (device, x) => device.relu(x),
    (x) => Math.max(0, x),
  ),
  reluGradient: binary(
    (device, dy, y) => device.reluGradient(dy, y),
    (dy, y) => (y > 0 ? dy : 0),
    image,
    drawn(image.shape),
  ),
  add: binary(
    (device, a, b) => device.add(a, b),
    (a, b) => a + b,
  ),
  addMany: [
    {
      run: (device, put) => device.addMany([put(image), put(positive), put(image)]),
      expected: [joined(image, positive, image.shape, (a, b) => 2 * a + b)],
    },
  ],
  sub: binary(
    (device, a, b) => device.sub(a, b),
    (a, b) => a - b,
  ),
  mul: binary(
    (device, a, b) => device.mul(a, b),
    (a, b) => a * b,
  ),
  div: binary(
    (device, a, b) => device.div(a, b),
    (a, b) => a / b,
    image,
    drawn([7, 1], 0.5, 2),
  ),
  maximum: binary((device, a, b) => device.maximum(a, b), Math.max),
  minimum: binary((device, a, b) => device.minimum(a, b), Math.min),
  pow: binary(
    (device, a, b) => device.pow(a, b),
    (a, b) => a ** b,
    positive,
  ),
  addScalar: unary(
    (device, x) => device.addScalar(x, 0.25),
    (x) => x + 0.25,
  ),
  scale: unary(
    (device, x) => device.scale(x, -1.5),
    (x) => -1.5 * x,
  ),
  clip: unary(
    (device, x) => device.clip(x, -0.5, 1),
    (x) => Math.min(Math.max(x, -0.5), 1),
  ),
  neg: unary(
    (device, x) => device.neg(x),
    (x) => -x,
  ),
  abs: unary((device, x) => device.abs(x), Math.abs),
  sign: unary((device, x) => device.sign(x), Math.sign),
  modulo: [
    {
      run: (device, put) => device.modulo(put(wide), put(numbers([4], [1, 2, 0.75, 1]))),
      expected: [
        joined(wide, numbers([4], [1, 2, 0.75, 1]), wide.shape, (value, by) => value - by * Math.floor(value / by)),
      ],
    },
  ],
  square: unary(
    (device, x) => device.square(x),
    (x) => x * x,
  ),
  sqrt: unary((device, x) => device.sqrt(x), Math.sqrt, positive),
  exp: unary((device, x) => device.exp(x), Math.exp),
  log: unary((device, x) => device.log(x), Math.log, positive),
  sigmoid: unary(
    (device, x) => device.sigmoid(x),
    (x) => 1 / (1 + Math.exp(-x)),
  ),
  erf: unary((device, x) => device.erf(x), erf),
  softmax: [{ run: (device, put) => device.softmax(put(wide)), expected: [softened(wide, false)] }],
  logSoftmax: [{ run: (device, put) => device.logSoftmax(put(wide)), expected: [softened(wide, true)] }],
  sum: reductions('sum', total),
  mean: reductions('mean', meanOf),
  sumAbsMany: many('sumAbsMany', (values) => total(values.map(Math.abs))),
  meanMany: many('meanMany', meanOf),
  normMany: many('normMany', (values) => Math.sqrt(total(values.map((value) => value * value)))),
  argMax: [
    {
      run: (device, put) => device.argMax(put(wide)),
      expected: [
        filled([3, 2], ([i = 0, j = 0]) => {
          const values = wide.data.subarray(flatOf(wide.shape, [i, j, 0]), flatOf(wide.shape, [i, j, 0]) + 4)
          return values.indexOf(Math.max(...values))
        }),
      ],
    },
  ],
} satisfies Record<string, readonly OperationCase[]>
