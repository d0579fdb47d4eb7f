// Pooling with its gradients. A gradient is gathered: each pixel asks the windows that it lies in, so nothing is added in an order left to chance.
import type { Device, DeviceTensor, PoolOptions } from '#engine/compute/device.ts'
import { elementCount } from '#engine/compute/shape.ts'
import type { WebGpuCaller } from '#engine/compute/webgpu/runtime/caller.ts'
import { eachElement, groupsFor, kernel } from '#engine/compute/webgpu/runtime/kernel.ts'

const parameters = {
  count: 'u32',
  height: 'i32',
  width: 'i32',
  channels: 'i32',
  outHeight: 'i32',
  outWidth: 'i32',
  size: 'i32',
  stride: 'i32',
  top: 'i32',
  left: 'i32',
} as const

/** Element `i` of [N, height, width, channels]: the image `n`, `row`, `column` and channel `c`. */
const place = (height: string, width: string) => `
  let c = i32(i) % p.channels;
  var rest = i32(i) / p.channels;
  let column = rest % ${width};
  rest = rest / ${width};
  let row = rest % ${height};
  let n = rest / ${height};`
const inner = place('p.height', 'p.width')
const outer = place('p.outHeight', 'p.outWidth')

/** The window of output (row, column), as far as it lies within the image. */
const window = (row: string, column: string) => `
  let y0 = max(${row} * p.stride - p.top, 0);
  let y1 = min(${row} * p.stride - p.top + p.size, p.height);
  let x0 = max(${column} * p.stride - p.left, 0);
  let x1 = min(${column} * p.stride - p.left + p.size, p.width);`

/** The outputs whose windows hold pixel (row, column). */
const holders = `
  let first_row = max((row + p.top - p.size + p.stride) / p.stride, 0);
  let last_row = min((row + p.top) / p.stride, p.outHeight - 1);
  let first_column = max((column + p.left - p.size + p.stride) / p.stride, 0);
  let last_column = min((column + p.left) / p.stride, p.outWidth - 1);`

const maximumKernel = kernel({
  name: 'largest of each window',
  parameters,
  reads: ['x: f32'],
  writes: ['y: f32'],
  body: `${eachElement('p.count')}${outer}${window('row', 'column')}
  var most = -3.4e38;
  for (var a = y0; a < y1; a++) {
    for (var b = x0; b < x1; b++) {
      let v = x[((n * p.height + a) * p.width + b) * p.channels + c];
      if (v > most || v != v) { most = v; }
    }
  }
  y[i] = most;
}`,
})

const maximumGradient = kernel({
  name: 'gradient of the largest of each window',
  parameters,
  reads: ['x: f32', 'y: f32', 'dy: f32'],
  writes: ['dx: f32'],
  body: `
// Whether no pixel before this one in the window has the same value: the first of equals takes all.
fn is_first(n: i32, row: i32, column: i32, c: i32, a: i32, b: i32, most: f32) -> bool {${window('a', 'b')}
  for (var i = y0; i <= row; i++) {
    for (var k = x0; k < x1; k++) {
      if (i == row && k == column) { return true; }
      if (x[((n * p.height + i) * p.width + k) * p.channels + c] == most) { return false; }
    }
  }
  return true;
}
${eachElement('p.count')}${inner}${holders}
  let v = x[i];
  var sum = 0.0;
  for (var a = first_row; a <= last_row; a++) {
    for (var b = first_column; b <= last_column; b++) {
      let at = ((n * p.outHeight + a) * p.outWidth + b) * p.channels + c;
      if (y[at] == v && is_first(n, row, column, c, a, b, v)) { sum = sum + dy[at]; }
    }
  }
  dx[i] = sum;
}`,
})

const meanKernel = kernel({
  name: 'mean of each window',
  parameters,
  reads: ['x: f32'],
  writes: ['y: f32'],
  body: `${eachElement('p.count')}${outer}${window('row', 'column')}
  var sum = 0.0;
  for (var a = y0; a < y1; a++) {
    for (var b = x0; b < x1; b++) { sum = sum + x[((n * p.height + a) * p.width + b) * p.channels + c]; }
  }
  y[i] = sum / f32(p.size * p.size);
}`,
})

const meanGradient = kernel({
  name: 'gradient of the mean of each window',
  parameters,
  reads: ['dy: f32'],
  writes: ['dx: f32'],
  body: `${eachElement('p.count')}${inner}${holders}
  var sum = 0.0;
  for (var a = first_row; a <= last_row; a++) {
    for (var b = first_column; b <= last_column; b++) {
      sum = sum + dy[((n * p.outHeight + a) * p.outWidth + b) * p.channels + c];
    }
  }
  dx[i] = sum / f32(p.size * p.size);
}`,
})

export function poolingKernels(call: WebGpuCaller) {
  function sizes(shape: readonly number[], options: PoolOptions) {
    const [n = 0, height = 0, width = 0, channels = 0] = shape
    const { size, stride, padding } = options
    const outHeight = Math.floor((height + padding.top + padding.bottom - size) / stride) + 1
    const outWidth = Math.floor((width + padding.left + padding.right - size) / stride) + 1
    return {
      out: [n, outHeight, outWidth, channels],
      values: { height, width, channels, outHeight, outWidth, size, stride, top: padding.top, left: padding.left },
    }
  }

  function forward(kernel: typeof maximumKernel, x: DeviceTensor, options: PoolOptions): DeviceTensor {
    const { out, values } = sizes(x.shape, options)
    const count = elementCount(out)
    return call.make(kernel, [x], out, { ...values, count }, groupsFor(count))
  }

  function gradient(
    kernel: typeof maximumKernel,
    shape: readonly number[],
    inputs: readonly DeviceTensor[],
    options: PoolOptions,
  ): DeviceTensor {
    const count = elementCount(shape)
    return call.make(kernel, inputs, shape, { ...sizes(shape, options).values, count }, groupsFor(count))
  }

  /** Without padding: whoever wants some pads before, and says what counts. */
  const bare = (options: PoolOptions): PoolOptions => ({
    ...options,
    padding: { top: 0, bottom: 0, left: 0, right: 0 },
  })
  return {
    maxPool: (x, options) => forward(maximumKernel, x, options),
    maxPoolGradient: (x, y, dy, options) => gradient(maximumGradient, x.shape, [x, y, dy], options),
    avgPool: (x, options) => forward(meanKernel, x, bare(options)),
    avgPoolGradient: (inputShape, dy, options) => gradient(meanGradient, inputShape, [dy], bare(options)),
  } satisfies Partial<Device>
}
