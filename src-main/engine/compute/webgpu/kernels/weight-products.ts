// The gradient of a convolution's weights as a product of matrices: rows are (tap, channel read), columns the channels made, and the inner axis all pixels of the batch.
// It is long and the result small, so several work groups share it, each a stretch of pixels, and their sums are added in a fixed order.
import { kept } from '#engine/compute/webgpu/runtime/kernel.ts'
import { depth, gemm, readFour, readType, tilesOf, writeFour, type TileName } from './gemm.ts'

export const weightParameters = {
  total: 'u32',
  tileRows: 'u32',
  tileColumns: 'u32',
  splits: 'u32',
  /** Pixels of a stretch. */
  stretch: 'u32',
  /** Pixels of what was made: n x outHeight x outWidth. */
  pixels: 'u32',
  outHeight: 'i32',
  outWidth: 'i32',
  outChannels: 'i32',
  height: 'i32',
  width: 'i32',
  channels: 'i32',
  stride: 'i32',
  dilation: 'i32',
  top: 'i32',
  left: 'i32',
  taps: 'i32',
  tapsWide: 'i32',
  perGroup: 'i32',
  padded: 'i32',
  /** Channels made by a group. */
  columns: 'u32',
} as const

const functions = (quadsIn: boolean, quadsOut: boolean) => `
var<private> group_number: i32;
var<private> split: u32;
${writeFour(quadsOut)}
${readFour('read_x', 'x', quadsIn)}
${readFour('read_dy', 'dy', quadsOut)}
// (rows down, columns across, channel) that row \`row\` of the result reads away from a window's corner; a channel too many for rows that are none.
fn tap(row: u32) -> vec3<i32> {
  let c = i32(row) % p.padded;
  let t = i32(row) / p.padded;
  if (t >= p.taps) { return vec3<i32>(0, 0, p.perGroup); }
  return vec3<i32>((t / p.tapsWide) * p.dilation - p.top, (t % p.tapsWide) * p.dilation - p.left, c);
}
fn pixel(reach: vec3<i32>, n: i32, i: i32, j: i32, valid: bool) -> vec4<f32> {
  let row = i * p.stride + reach.x;
  let column = j * p.stride + reach.y;
  if (!valid || row < 0 || row >= p.height || column < 0 || column >= p.width || reach.z >= p.perGroup) { return vec4<f32>(0.0); }
  return read_x(((n * p.height + row) * p.width + column) * p.channels + group_number * p.perGroup + reach.z, p.perGroup - reach.z);
}
fn behind(place: u32, end: u32, column: u32) -> vec4<f32> {
  if (place >= end || column >= p.columns) { return vec4<f32>(0.0); }
  return read_dy(i32(place) * p.outChannels + group_number * i32(p.columns) + i32(column), i32(p.columns - column));
}
fn store(row: u32, column: u32, v: vec4<f32>) {
  let c = i32(row) % p.padded;
  let t = i32(row) / p.padded;
  if (t >= p.taps || c >= p.perGroup || column >= p.columns) { return; }
  let line = (i32(split) * p.taps + t) * p.perGroup + c;
  write(u32(line * p.outChannels + group_number * i32(p.columns)) + column, i32(p.columns - column), v);
}`

export const weightProducts = kept((tile: TileName, quadsIn: boolean, quadsOut: boolean) => {
  const tiles = tilesOf(tile)
  return gemm({
    name: `gradient of a convolution's weights, ${tile}`,
    tiles,
    left: 'rows',
    reads: [`x: ${readType(quadsIn)}`, `dy: ${readType(quadsOut)}`],
    parameters: weightParameters,
    functions: functions(quadsIn, quadsOut),
    begin: `let first_column = (work % p.tileColumns) * ${tiles.bn}u;
  var rest = work / p.tileColumns;
  let first_row = (rest % p.tileRows) * ${tiles.bm}u;
  rest = rest / p.tileRows;
  let part = rest % p.splits;
  split = part;
  group_number = i32(rest / p.splits);
  let inner_from = part * p.stretch;
  let inner_to = min(inner_from + p.stretch, p.pixels);`,
    a: {
      setup: (slot, row, quad) => `let tap_${slot} = tap(first_row + ${quad} * 4u);
  var n_${slot} = i32(inner_from + ${row});
  var j_${slot} = n_${slot} % p.outWidth;
  n_${slot} = n_${slot} / p.outWidth;
  var i_${slot} = n_${slot} % p.outHeight;
  n_${slot} = n_${slot} / p.outHeight;`,
      load: (slot, row) => `pixel(tap_${slot}, n_${slot}, i_${slot}, j_${slot}, inner + ${row} < inner_to)`,
      advance: (slot) => `j_${slot} = j_${slot} + ${depth};
    while (j_${slot} >= p.outWidth) {
      j_${slot} = j_${slot} - p.outWidth;
      i_${slot} = i_${slot} + 1;
      if (i_${slot} == p.outHeight) { i_${slot} = 0; n_${slot} = n_${slot} + 1; }
    }`,
    },
    b: {
      setup: () => '',
      load: (_, row, quad) => `behind(inner + ${row}, inner_to, first_column + ${quad} * 4u)`,
      advance: () => '',
    },
  })
})
