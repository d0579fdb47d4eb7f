// Whole images: resampling and colours; and random numbers.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { elementCount } from '#engine/compute/shape.ts'
import type { WebGpuCaller } from '#engine/compute/webgpu/runtime/caller.ts'
import { eachElement, groupsFor, kernel } from '#engine/compute/webgpu/runtime/kernel.ts'
import { logarithm } from './maths.ts'

const affineKernel = kernel({
  name: 'affine',
  parameters: {
    count: 'u32',
    rows: 'i32',
    columns: 'i32',
    channels: 'i32',
    height: 'i32',
    width: 'i32',
    a0: 'f32',
    a1: 'f32',
    a2: 'f32',
    b0: 'f32',
    b1: 'f32',
    b2: 'f32',
  },
  reads: ['images: f32'],
  writes: ['y: f32'],
  body: `
fn pixel(n: i32, row: i32, column: i32, c: i32) -> f32 {
  let inside_row = clamp(row, 0, p.rows - 1);
  let inside_column = clamp(column, 0, p.columns - 1);
  return images[((n * p.rows + inside_row) * p.columns + inside_column) * p.channels + c];
}
${eachElement('p.count')}
  let c = i32(i) % p.channels;
  var rest = i32(i) / p.channels;
  let column = f32(rest % p.width);
  rest = rest / p.width;
  let row = f32(rest % p.height);
  let n = rest / p.height;
  let u = clamp(p.a0 * column + p.a1 * row + p.a2, 0.0, f32(p.columns - 1));
  let v = clamp(p.b0 * column + p.b1 * row + p.b2, 0.0, f32(p.rows - 1));
  let left = floor(u);
  let top = floor(v);
  let x = i32(left);
  let t = i32(top);
  let upper = (1.0 - (u - left)) * pixel(n, t, x, c) + (u - left) * pixel(n, t, x + 1, c);
  let lower = (1.0 - (u - left)) * pixel(n, t + 1, x, c) + (u - left) * pixel(n, t + 1, x + 1, c);
  y[i] = (1.0 - (v - top)) * upper + (v - top) * lower;
}`,
})

const colours = { parameters: { count: 'u32' }, reads: ['x: f32'], writes: ['y: f32'] } as const

const toHsv = kernel({
  ...colours,
  name: 'hue, saturation and value',
  body: `${eachElement('p.count')}
  let r = x[3u * i];
  let g = x[3u * i + 1u];
  let b = x[3u * i + 2u];
  let value = max(r, max(g, b));
  let range = value - min(r, min(g, b));
  var hue = 0.0;
  if (range > 0.0) {
    if (value == r) { hue = (g - b) / range / 6.0; }
    else if (value == g) { hue = ((b - r) / range + 2.0) / 6.0; }
    else { hue = ((r - g) / range + 4.0) / 6.0; }
    if (hue < 0.0) { hue = hue + 1.0; }
  }
  y[3u * i] = hue;
  y[3u * i + 1u] = select(0.0, range / value, value > 0.0);
  y[3u * i + 2u] = value;
}`,
})

const toRgb = kernel({
  ...colours,
  name: 'red, green and blue',
  body: `
fn part(value: f32, s: f32, v: f32) -> f32 { return ((clamp(value, 0.0, 1.0) - 1.0) * s + 1.0) * v; }
${eachElement('p.count')}
  let h = x[3u * i];
  let s = x[3u * i + 1u];
  let v = x[3u * i + 2u];
  y[3u * i] = part(abs(6.0 * h - 3.0) - 1.0, s, v);
  y[3u * i + 1u] = part(2.0 - abs(6.0 * h - 2.0), s, v);
  y[3u * i + 2u] = part(2.0 - abs(6.0 * h - 4.0), s, v);
}`,
})

/**
 * Philox 4x32-10 and Box and Muller's transform in the order and with the constants of TensorFlow's StatelessRandomNormal: the same numbers as its own but for the
 * last digits. Sine and cosine are polynomials, because WGSL allows its own an error of 2^-11.
 */
const normalKernel = kernel({
  name: 'random normal',
  parameters: { count: 'u32', seed0: 'u32', seed1: 'u32' },
  reads: [],
  writes: ['y: vec4<f32>'],
  body: `${logarithm}
fn high_product(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let middle = a1 * b0 + ((a0 * b0) >> 16u);
  let other = a0 * b1 + (middle & 0xffffu);
  return a1 * b1 + (middle >> 16u) + (other >> 16u);
}
fn philox(start: vec4<u32>, first: vec2<u32>) -> vec4<u32> {
  var counter = start;
  var key = first;
  for (var n = 0u; n < 10u; n = n + 1u) {
    let low = 0xD2511F53u * counter.x;
    let low2 = 0xCD9E8D57u * counter.z;
    let high = high_product(0xD2511F53u, counter.x);
    let high2 = high_product(0xCD9E8D57u, counter.z);
    counter = vec4<u32>(high2 ^ counter.y ^ key.x, low2, high ^ counter.w ^ key.y, low);
    key = key + vec2<u32>(0x9E3779B9u, 0xBB67AE85u);
  }
  return counter;
}
// In [0, 1), from 23 bits.
fn unit(bits: u32) -> f32 { return bitcast<f32>((bits & 0x7fffffu) | 0x3f800000u) - 1.0; }
// Sine and cosine of \`turns\` in [0, 1).
fn on_circle(turns: f32) -> vec2<f32> {
  let quarter = floor(turns * 4.0 + 0.5);
  let r = (turns - quarter * 0.25) * 6.283185307179586;
  let z = r * r;
  let s = r + r * z * (-1.6666654611e-1 + z * (8.3321608736e-3 - z * 1.9515295891e-4));
  let c = 1.0 - 0.5 * z + z * z * (4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5));
  switch (u32(quarter) & 3u) {
    case 1u: { return vec2<f32>(c, -s); }
    case 2u: { return vec2<f32>(-s, -c); }
    case 3u: { return vec2<f32>(-c, s); }
    default: { return vec2<f32>(s, c); }
  }
}
fn normals(a: u32, b: u32) -> vec2<f32> {
  let radius = sqrt(-2.0 * natural_logarithm(max(unit(a), 1.0e-7)));
  return on_circle(unit(b)) * radius;
}
${eachElement('p.count')}
  // The seeds are scrambled first, as 64-bit numbers with their sign.
  let high0 = select(0u, 0xffffffffu, (p.seed0 & 0x80000000u) != 0u);
  let high1 = select(0u, 0xffffffffu, (p.seed1 & 0x80000000u) != 0u);
  let mix = philox(vec4<u32>(p.seed0, high0, p.seed1, high1), vec2<u32>(0x3ec8f720u, 0x02461e29u));
  let bits = philox(vec4<u32>(i, 0u, mix.z, mix.w), mix.xy);
  y[i] = vec4<f32>(normals(bits.x, bits.y), normals(bits.z, bits.w));
}`,
})

export function imageKernels(call: WebGpuCaller) {
  function coloured(kernel: typeof toHsv, images: DeviceTensor): DeviceTensor {
    const count = elementCount(images.shape) / 3
    return call.make(kernel, [images], images.shape, { count }, groupsFor(count))
  }
  return {
    affine(images, transform, height, width) {
      const [n = 0, rows = 0, columns = 0, channels = 0] = images.shape
      const [a0 = 0, a1 = 0, a2 = 0, b0 = 0, b1 = 0, b2 = 0] = transform
      const shape = [n, height, width, channels]
      const count = elementCount(shape)
      const values = { count, rows, columns, channels, height, width, a0, a1, a2, b0, b1, b2 }
      return call.make(affineKernel, [images], shape, values, groupsFor(count))
    },
    rgbToHsv: (images) => coloured(toHsv, images),
    hsvToRgb: (images) => coloured(toRgb, images),
    randomNormal(shape, [seed0, seed1]) {
      const count = Math.ceil(elementCount(shape) / 4)
      return call.make(normalKernel, [], shape, { count, seed0: seed0 | 0, seed1: seed1 | 0 }, groupsFor(count))
    },
  } satisfies Partial<Device>
}
