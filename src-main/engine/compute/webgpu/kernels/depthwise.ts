// Depthwise convolutions with their gradients: too few products a number read for tiles, so a thread makes one number (or four channels' at once).
import type { ConvOptions, Device, DeviceTensor } from '#engine/compute/device.ts'
import { elementCount } from '#engine/compute/shape.ts'
import type { WebGpuCaller } from '#engine/compute/webgpu/runtime/caller.ts'
import { eachElement, groupsFor, kept, kernel } from '#engine/compute/webgpu/runtime/kernel.ts'
import { reduceColumns, type ColumnReduction } from './columns.ts'
import { convolvedShape } from './convolution.ts'
import { mustBeFloat } from './elementwise.ts'

/** `channels` counts in fours where the kernel does. */
const parameters = {
  count: 'u32',
  height: 'i32',
  width: 'i32',
  channels: 'i32',
  outHeight: 'i32',
  outWidth: 'i32',
  many: 'i32',
  tapsHigh: 'i32',
  tapsWide: 'i32',
  stride: 'i32',
  dilation: 'i32',
  top: 'i32',
  left: 'i32',
} as const
const { count: _count, ...shapes } = parameters

const type = (quads: boolean) => (quads ? 'vec4<f32>' : 'f32')

/** Made channel `made` is filter made % many of channel made / many; quads: four channels of one filter each. */
const forwardKernel = kept((quads: boolean) =>
  kernel({
    name: 'depthwise convolution',
    parameters,
    reads: [`x: ${type(quads)}`, `w: ${type(quads)}`],
    writes: [`y: ${type(quads)}`],
    body: `${eachElement('p.count')}
  let all = p.channels * p.many;
  let made = i32(i) % all;
  var rest = i32(i) / all;
  let column = rest % p.outWidth;
  rest = rest / p.outWidth;
  let row = rest % p.outHeight;
  let n = rest / p.outHeight;
  var sum = ${type(quads)}(0.0);
  for (var u = 0; u < p.tapsHigh; u++) {
    let a = row * p.stride - p.top + u * p.dilation;
    if (a < 0 || a >= p.height) { continue; }
    for (var v = 0; v < p.tapsWide; v++) {
      let b = column * p.stride - p.left + v * p.dilation;
      if (b < 0 || b >= p.width) { continue; }
      sum = sum + x[((n * p.height + a) * p.width + b) * p.channels + made / p.many] * w[(u * p.tapsWide + v) * all + made];
    }
  }
  y[i] = sum;
}`,
  }),
)

const inputKernel = kept((quads: boolean) =>
  kernel({
    name: 'gradient of a depthwise convolution’s input',
    parameters,
    reads: [`w: ${type(quads)}`, `dy: ${type(quads)}`],
    writes: [`dx: ${type(quads)}`],
    body: `${eachElement('p.count')}
  let all = p.channels * p.many;
  let c = i32(i) % p.channels;
  var rest = i32(i) / p.channels;
  let column = rest % p.width;
  rest = rest / p.width;
  let row = rest % p.height;
  let n = rest / p.height;
  var sum = ${type(quads)}(0.0);
  for (var u = 0; u < p.tapsHigh; u++) {
    let a = row + p.top - u * p.dilation;
    if (a < 0 || a % p.stride != 0 || a / p.stride >= p.outHeight) { continue; }
    for (var v = 0; v < p.tapsWide; v++) {
      let b = column + p.left - v * p.dilation;
      if (b < 0 || b % p.stride != 0 || b / p.stride >= p.outWidth) { continue; }
      let at = ((n * p.outHeight + a / p.stride) * p.outWidth + b / p.stride) * all + c * p.many;
      for (var m = 0; m < p.many; m++) {
        sum = sum + dy[at + m] * w[(u * p.tapsWide + v) * all + c * p.many + m];
      }
    }
  }
  dx[i] = sum;
}`,
  }),
)

/** For every tap (the outer axis) a sum over all pixels made. */
const weightSums: ColumnReduction = {
  name: 'gradient of a depthwise convolution’s weights',
  width: 1,
  reads: ['x: f32', 'dy: f32'],
  parameters: shapes,
  functions: 'fn merge(a: f32, b: f32) -> f32 { return a + b; }',
  nothing: '0.0',
  begin: `let u = i32(o) / p.tapsWide * p.dilation - p.top;
    let v = i32(o) % p.tapsWide * p.dilation - p.left;
    let channel = i32(c) / p.many;`,
  each: `let place = i32(r);
      let b = place % p.outWidth * p.stride + v;
      let a = place / p.outWidth % p.outHeight * p.stride + u;
      if (a >= 0 && a < p.height && b >= 0 && b < p.width) {
        let n = place / p.outWidth / p.outHeight;
        value = value + x[((n * p.height + a) * p.width + b) * p.channels + channel] * dy[r * p.columns + c];
      }`,
  finish: [{ name: 'dw', value: 'value' }],
}

const noPadding = { top: 0, bottom: 0, left: 0, right: 0 }

export function depthwiseKernels(call: WebGpuCaller) {
  function sizes(
    inputShape: readonly number[],
    weightShape: readonly number[],
    outShape: readonly number[],
    { stride, padding, dilation = 1 }: ConvOptions,
  ) {
    const [, height = 0, width = 0, channels = 0] = inputShape
    const [tapsHigh = 0, tapsWide = 0, , many = 0] = weightShape
    const [, outHeight = 0, outWidth = 0] = outShape
    const { top, left } = padding
    return { height, width, channels, outHeight, outWidth, many, tapsHigh, tapsWide, stride, dilation, top, left }
  }

  function depthwiseConv2d(
    x: DeviceTensor,
    weight: DeviceTensor,
    options: ConvOptions = { stride: 1, padding: noPadding },
  ): DeviceTensor {
    mustBeFloat('A depthwise convolution', x, weight)
    const [, , channels = 0, many = 0] = weight.shape
    const shape = convolvedShape(x.shape, weight.shape, channels * many, options)
    const values = sizes(x.shape, weight.shape, shape, options)
    const quads = many === 1 && channels % 4 === 0
    const count = elementCount(shape) / (quads ? 4 : 1)
    return call.make(
      forwardKernel(quads),
      [x, weight],
      shape,
      { ...values, count, channels: quads ? channels / 4 : channels },
      groupsFor(count),
    )
  }

  function depthwiseConv2dInputGradient(
    inputShape: readonly number[],
    weight: DeviceTensor,
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor {
    mustBeFloat('A depthwise convolution', weight, dy)
    const values = sizes(inputShape, weight.shape, dy.shape, options)
    const quads = values.many === 1 && values.channels % 4 === 0
    const count = elementCount(inputShape) / (quads ? 4 : 1)
    return call.make(
      inputKernel(quads),
      [weight, dy],
      inputShape,
      { ...values, count, channels: quads ? values.channels / 4 : values.channels },
      groupsFor(count),
    )
  }

  function depthwiseConv2dWeightGradient(
    x: DeviceTensor,
    weightShape: readonly number[],
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor {
    mustBeFloat('A depthwise convolution', x, dy)
    const values = sizes(x.shape, weightShape, dy.shape, options)
    const columns = values.channels * values.many
    const size = { outer: values.tapsHigh * values.tapsWide, rows: elementCount(dy.shape) / columns, columns }
    return reduceColumns(call, weightSums, [x, dy], size, weightShape, values)[0] as DeviceTensor
  }

  return { depthwiseConv2d, depthwiseConv2dInputGradient, depthwiseConv2dWeightGradient } satisfies Partial<Device>
}
