// Batch normalisation: moments, the fixed form, and the gradient through the moments. x is [rows, C] in effect.
import type { BatchNormGradient, Device, DeviceTensor, Moments, Rectified } from '#engine/compute/device.ts'
import { elementCount } from '#engine/compute/shape.ts'
import type { WebGpuCaller } from '#engine/compute/webgpu/runtime/caller.ts'
import { eachElement, groupsFor, kept, kernel } from '#engine/compute/webgpu/runtime/kernel.ts'
import { reduceColumns, type ColumnReduction } from './columns.ts'

/**
 * In one pass, without the loss of digits of E[x^2] - E[x]^2: each thread sums differences from a number of its own, and means and sums of squares are merged
 * after Chan, Golub and LeVeque (1979). Value = (rows, mean, sum of squared differences from it).
 */
const momentsOf: ColumnReduction = {
  name: 'moments',
  width: 3,
  reads: ['x: f32'],
  functions: `fn merge(a: vec3<f32>, b: vec3<f32>) -> vec3<f32> {
  if (a.x == 0.0) { return b; }
  if (b.x == 0.0) { return a; }
  let n = a.x + b.x;
  let apart = b.y - a.y;
  let share = b.x / n;
  return vec3<f32>(n, a.y + apart * share, a.z + b.z + apart * apart * a.x * share);
}`,
  nothing: 'vec3<f32>(0.0)',
  begin: `let origin = x[(o * p.rows + lower) * p.columns + c];
    var sum = 0.0;
    var squares = 0.0;`,
  each: 'let d = x[(o * p.rows + r) * p.columns + c] - origin; sum = sum + d; squares = squares + d * d;',
  end: `let n = f32(count);
    value = vec3<f32>(n, origin + sum / n, max(squares - sum * (sum / n), 0.0));`,
  finish: [
    { name: 'mean', value: 'value.y' },
    { name: 'variance', value: 'value.z / value.x' },
  ],
}

/** What the forward pass made of x, in the same words, so that a rectifier is open here where it was open there. */
const behindRectifier = (dy: string, zero: string) =>
  `select(${zero}, ${dy}, (x[i] - mean[c]) * (scale[c] / sqrt(variance[c] + p.epsilon)) + offset[c] > ${zero})`

/** Value = (sum of dy, sum of dy times the normalised x). */
const gradientSums = (rectified: boolean): ColumnReduction => ({
  name: `sums of the gradient of batch norm${rectified ? ' with a rectifier' : ''}`,
  width: 2,
  reads: ['dy: f32', 'x: f32', 'mean: f32', 'variance: f32', ...(rectified ? ['scale: f32', 'offset: f32'] : [])],
  parameters: { epsilon: 'f32' },
  functions: 'fn merge(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> { return a + b; }',
  nothing: 'vec2<f32>(0.0)',
  begin: 'let center = mean[c]; let inverse = 1.0 / sqrt(variance[c] + p.epsilon);',
  each: `let i = (o * p.rows + r) * p.columns + c;
      let g = ${rectified ? behindRectifier('dy[i]', '0.0') : 'dy[i]'};
      value = value + vec2<f32>(g, g * ((x[i] - center) * inverse));`,
  finish: [
    { name: 'dOffset', value: 'value.x' },
    { name: 'dScale', value: 'value.y' },
  ],
})
const sums = { plain: gradientSums(false), rectified: gradientSums(true) }

/** Four channels at a time where they come in fours. */
const element = (quads: boolean) => (quads ? 'vec4<f32>' : 'f32')

const fixedKernel = kept((quads: boolean, relu: boolean) =>
  kernel({
    name: relu ? 'batch norm with a rectifier' : 'batch norm',
    parameters: { count: 'u32', columns: 'u32', epsilon: 'f32' },
    reads: ['x', 'scale', 'offset', 'mean', 'variance'].map((name) => `${name}: ${element(quads)}`),
    writes: [`y: ${element(quads)}`],
    body: `${eachElement('p.count')}
  let c = i % p.columns;
  let factor = scale[c] / sqrt(variance[c] + p.epsilon);
  let v = (x[i] - mean[c]) * factor + offset[c];
  y[i] = ${relu ? `select(v, ${element(quads)}(0.0), v < ${element(quads)}(0.0))` : 'v'};
}`,
  }),
)

const gradientKernel = kept((quads: boolean, rectified: boolean) =>
  kernel({
    name: rectified ? 'gradient of batch norm with a rectifier' : 'gradient of batch norm',
    parameters: { count: 'u32', columns: 'u32', share: 'f32', epsilon: 'f32' },
    reads: ['dy', 'x', 'scale', 'mean', 'variance', 'dScale', 'dOffset', ...(rectified ? ['offset'] : [])].map(
      (name) => `${name}: ${element(quads)}`,
    ),
    writes: [`dx: ${element(quads)}`],
    body: `${eachElement('p.count')}
  let c = i % p.columns;
  let inverse = 1.0 / sqrt(variance[c] + p.epsilon);
  let normalized = (x[i] - mean[c]) * inverse;
  let g = ${rectified ? behindRectifier('dy[i]', `${element(quads)}(0.0)`) : 'dy[i]'};
  dx[i] = scale[c] * inverse * (g - (dOffset[c] + normalized * dScale[c]) * p.share);
}`,
  }),
)
/** Storage buffers that it names with a rectifier: one more than every device must offer. */
const mostTensors = 9

const columnsOf = (x: DeviceTensor) => x.shape.at(-1) ?? 1
const rowsOf = (x: DeviceTensor) => elementCount(x.shape) / columnsOf(x)

export function normalizationKernels(call: WebGpuCaller, others: Pick<Device, 'reluGradient'>) {
  const over = (x: DeviceTensor) => {
    const quads = columnsOf(x) % 4 === 0
    const step = quads ? 4 : 1
    const count = elementCount(x.shape) / step
    return { quads, values: { count, columns: columnsOf(x) / step }, groups: groupsFor(count) }
  }
  const whole = (x: DeviceTensor) => ({ outer: 1, rows: rowsOf(x), columns: columnsOf(x) })

  function moments(x: DeviceTensor): Moments {
    const [mean, variance] = reduceColumns(call, momentsOf, [x], whole(x), [columnsOf(x)])
    return { mean: mean as DeviceTensor, variance: variance as DeviceTensor }
  }

  function batchNormGradient(
    dy: DeviceTensor,
    x: DeviceTensor,
    scale: DeviceTensor,
    mean: DeviceTensor,
    variance: DeviceTensor,
    epsilon: number,
    _saved: readonly DeviceTensor[] = [], // this device saves nothing
    rectified: Rectified | null = null,
  ): BatchNormGradient {
    if (rectified && call.mostBindings < mostTensors) {
      const behind = others.reluGradient(dy, rectified.output())
      const result = batchNormGradient(behind, x, scale, mean, variance, epsilon)
      behind.dispose()
      return result
    }
    const more = rectified ? [rectified.offset] : []
    const inputs = [dy, x, mean, variance, ...(rectified ? [scale, ...more] : [])]
    const of = rectified ? sums.rectified : sums.plain
    const [dOffset, dScale] = reduceColumns(call, of, inputs, whole(x), [columnsOf(x)], { epsilon })
    if (!dOffset || !dScale) throw new RangeError('Two sums were asked for')
    const { quads, values, groups } = over(x)
    const dx = call.make(
      gradientKernel(quads, rectified !== null),
      [dy, x, scale, mean, variance, dScale, dOffset, ...more],
      x.shape,
      { ...values, epsilon, share: 1 / rowsOf(x) },
      groups,
    )
    return { dx, dScale, dOffset }
  }

  function batchNormFixed(
    x: DeviceTensor,
    scale: DeviceTensor,
    offset: DeviceTensor,
    mean: DeviceTensor,
    variance: DeviceTensor,
    epsilon: number,
    relu = false,
  ): DeviceTensor {
    const { quads, values, groups } = over(x)
    const inputs = [x, scale, offset, mean, variance]
    return call.make(fixedKernel(quads, relu), inputs, x.shape, { ...values, epsilon }, groups)
  }

  function batchNormTraining(
    x: DeviceTensor,
    scale: DeviceTensor,
    offset: DeviceTensor,
    epsilon: number,
    relu = false,
  ) {
    const { mean, variance } = moments(x)
    return { y: batchNormFixed(x, scale, offset, mean, variance, epsilon, relu), mean, variance, saved: [] }
  }

  return { moments, batchNormTraining, batchNormGradient, batchNormFixed } satisfies Partial<Device>
}
