// Sums and means over axes, the largest of a row, and numbers of whole tensors.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { elementCount } from '#engine/compute/shape.ts'
import type { WebGpuCaller } from '#engine/compute/webgpu/runtime/caller.ts'
import { eachElement, groupsFor, kept, kernel } from '#engine/compute/webgpu/runtime/kernel.ts'
import { reduceColumns, type ColumnReduction } from './columns.ts'
import { mustBeFloat } from './elementwise.ts'

const summand = { plain: 'v', absolute: 'abs(v)', squared: 'v * v' } as const
type Summand = keyof typeof summand

const sumOf = kept((of: Summand, root: boolean): ColumnReduction => ({
  name: `sum, ${of}`,
  width: 1,
  reads: ['x: f32'],
  parameters: { factor: 'f32' },
  functions: 'fn merge(a: f32, b: f32) -> f32 { return a + b; }',
  nothing: '0.0',
  each: `let v = x[(o * p.rows + r) * p.columns + c]; value = value + ${summand[of]};`,
  finish: [{ name: 'y', value: root ? 'sqrt(value * p.factor)' : 'value * p.factor' }],
}))

/** Few rows: one thread a column, no tree. */
const fewRows = 32
const shortSum = kernel({
  name: 'sum of few',
  parameters: { count: 'u32', rows: 'u32', columns: 'u32', factor: 'f32' },
  reads: ['x: f32'],
  writes: ['y: f32'],
  body: `${eachElement('p.count')}
  let first = (i / p.columns) * p.rows * p.columns + i % p.columns;
  var value = 0.0;
  for (var r = 0u; r < p.rows; r = r + 1u) { value = value + x[first + r * p.columns]; }
  y[i] = value * p.factor;
}`,
})

const largestKernel = kernel({
  name: 'place of the largest',
  parameters: { count: 'u32', columns: 'u32' },
  reads: ['x: f32'],
  writes: ['y: i32'],
  body: `${eachElement('p.count')}
  var place = 0u;
  var most = x[i * p.columns];
  for (var c = 1u; c < p.columns; c = c + 1u) {
    let v = x[i * p.columns + c];
    if (v > most) { most = v; place = c; }
  }
  y[i] = i32(place);
}`,
})

export function reductionKernels(call: WebGpuCaller, views: Pick<Device, 'transpose' | 'reshape' | 'concat'>) {
  function reduce(x: DeviceTensor, given: readonly number[] | undefined, keepDims: boolean, mean: boolean) {
    mustBeFloat('A sum', x)
    const axes = given ?? x.shape.map((_, axis) => axis)
    const kept = (axis: number) => !axes.includes(axis)
    const shape = keepDims
      ? x.shape.map((size, axis) => (kept(axis) ? size : 1))
      : x.shape.filter((_, axis) => kept(axis))
    const rows = axes.reduce((product, axis) => product * (x.shape[axis] as number), 1)
    const factor = mean ? 1 / rows : 1
    const real = axes.filter((axis) => x.shape[axis] !== 1).toSorted((a, b) => a - b)
    const [first = 0, last = first] = [real[0], real.at(-1)]
    if (x.shape.slice(first, last).every((size, i) => size === 1 || real.includes(first + i))) {
      const outer = elementCount(x.shape.slice(0, first))
      return summed(x, { outer, rows, columns: elementCount(shape) / outer }, shape, factor)
    }
    // Others lie between them: those come first, then what is reduced.
    const ahead = x.shape.map((_, axis) => axis).filter(kept)
    const turned = views.transpose(x, [...ahead, ...axes])
    const result = summed(turned, { outer: elementCount(shape), rows, columns: 1 }, shape, factor)
    turned.dispose()
    return result
  }

  function summed(
    x: DeviceTensor,
    size: { outer: number; rows: number; columns: number },
    shape: readonly number[],
    factor: number,
  ): DeviceTensor {
    const { rows, columns } = size
    const count = elementCount(shape)
    if (rows <= fewRows) return call.make(shortSum, [x], shape, { count, rows, columns, factor }, groupsFor(count))
    return reduceColumns(call, sumOf('plain', false), [x], size, shape, { factor })[0] as DeviceTensor
  }

  /** A number of each tensor, read once. */
  async function numbersOf(tensors: readonly DeviceTensor[], of: Summand, root: boolean, mean: boolean) {
    if (tensors.length === 0) return new Float32Array(0)
    const numbers = tensors.map((x) => {
      const rows = elementCount(x.shape)
      const size = { outer: 1, rows, columns: 1 }
      return reduceColumns(call, sumOf(of, root), [x], size, [1], { factor: mean ? 1 / rows : 1 })[0] as DeviceTensor
    })
    const all = views.concat(numbers, 0)
    for (const number of numbers) number.dispose()
    try {
      const [values = new ArrayBuffer(0)] = await call.read([all])
      return new Float32Array(values)
    } finally {
      all.dispose()
    }
  }

  return {
    sum: (x, axes, keepDims = false) => reduce(x, axes, keepDims, false),
    mean: (x, axes, keepDims = false) => reduce(x, axes, keepDims, true),
    sumAbsMany: (tensors) => numbersOf(tensors, 'absolute', false, false),
    meanMany: (tensors) => numbersOf(tensors, 'plain', false, true),
    normMany: (tensors) => numbersOf(tensors, 'squared', true, false),
    argMax(x) {
      mustBeFloat('argMax', x)
      const columns = x.shape.at(-1) ?? 1
      const shape = x.shape.slice(0, -1)
      const count = elementCount(shape)
      return call.make(largestKernel, [x], shape, { count, columns }, groupsFor(count), 'int32')
    },
  } satisfies Partial<Device>
}
