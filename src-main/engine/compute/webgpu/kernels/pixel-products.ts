// A convolution as a product of matrices that are never written down: rows are pixels of what is made, the inner axis is (tap, channel), and each four of it are read where
// they lie in the image. The same kernel makes the forward pass (`scale` = stride) and, tap by tap in the other direction, the gradient of the input.
import { kept } from '#engine/compute/webgpu/runtime/kernel.ts'
import { depth, gemm, readFour, readType, tilesOf, writeFour, type TileName } from './gemm.ts'

export const pixelParameters = {
  total: 'u32',
  tileRows: 'u32',
  tileColumns: 'u32',
  /** Rows: n x rowsHigh x rowsWide. */
  rows: 'u32',
  rowsHigh: 'u32',
  rowsWide: 'u32',
  /** The image that is read: [n, height, width, channels]. */
  height: 'i32',
  width: 'i32',
  channels: 'i32',
  /** Row (i, j) and tap (u, v) read pixel (i scale + top + u tapStep, j scale + left + v tapStep). */
  scale: 'i32',
  top: 'i32',
  left: 'i32',
  tapStep: 'i32',
  tapsHigh: 'i32',
  tapsWide: 'i32',
  /** Channels of a group that are read, and the same rounded up to fours: the inner axis has that many a tap. */
  perGroup: 'i32',
  padded: 'i32',
  /** Tap (u, v) of the weights is number firstTap + u tapDown + v tapAcross, each with tapRows rows of `weightColumns`. */
  firstTap: 'i32',
  tapDown: 'i32',
  tapAcross: 'i32',
  tapRows: 'i32',
  weightColumns: 'i32',
  /** A group's weights begin so many rows and columns after those of the one before. */
  groupRows: 'i32',
  groupColumns: 'i32',
  /** Columns of a group, and of what is made: [n, outHeight, outWidth, outChannels]. */
  columns: 'u32',
  outHeight: 'u32',
  outWidth: 'u32',
  outChannels: 'u32',
  /** Row (i, j) makes pixel (i spread + spreadTop, j spread + spreadLeft). */
  spread: 'u32',
  spreadTop: 'u32',
  spreadLeft: 'u32',
} as const

/** Goes on along (tap row, tap column, channel) by `depth` places. */
const advanced = (name: string) => `${name}_c = ${name}_c + ${depth};
    while (${name}_c >= p.padded) {
      ${name}_c = ${name}_c - p.padded;
      ${name}_v = ${name}_v + 1;
      if (${name}_v == p.tapsWide) { ${name}_v = 0; ${name}_u = ${name}_u + 1; }
    }`

/** At place `start` of the inner axis. */
const beginning = (name: string, start: string) => `var ${name}_c = i32(${start});
  var ${name}_v = ${name}_c / p.padded;
  ${name}_c = ${name}_c % p.padded;
  var ${name}_u = ${name}_v / max(p.tapsWide, 1);
  ${name}_v = ${name}_v % max(p.tapsWide, 1);`

const functions = (quadsIn: boolean, quadsOut: boolean) => `
var<private> group_number: i32;
${writeFour(quadsOut)}
${readFour('read_x', 'x', quadsIn)}
${readFour('read_w', 'w', quadsOut)}
// Where the image of row \`row\` begins, and the pixel that its tap (0, 0) reads; far outside for rows that are none.
fn source(row: u32) -> vec3<i32> {
  if (row >= p.rows) { return vec3<i32>(0, -1000000000, 0); }
  let n = row / (p.rowsHigh * p.rowsWide);
  let rest = row % (p.rowsHigh * p.rowsWide);
  let i = i32(rest / p.rowsWide);
  let j = i32(rest % p.rowsWide);
  return vec3<i32>(i32(n) * p.height * p.width, i * p.scale + p.top, j * p.scale + p.left);
}
fn pixel(place: vec3<i32>, u: i32, v: i32, c: i32) -> vec4<f32> {
  let i = place.y + u * p.tapStep;
  let j = place.z + v * p.tapStep;
  if (u >= p.tapsHigh || i < 0 || i >= p.height || j < 0 || j >= p.width || c >= p.perGroup) { return vec4<f32>(0.0); }
  return read_x((place.x + i * p.width + j) * p.channels + group_number * p.perGroup + c, p.perGroup - c);
}
fn weight(u: i32, v: i32, c: i32, column: u32) -> vec4<f32> {
  if (u >= p.tapsHigh || c >= p.perGroup || column >= p.columns) { return vec4<f32>(0.0); }
  let row = (p.firstTap + u * p.tapDown + v * p.tapAcross) * p.tapRows + group_number * p.groupRows + c;
  return read_w(row * p.weightColumns + group_number * p.groupColumns + i32(column), i32(p.columns - column));
}
fn store(row: u32, column: u32, v: vec4<f32>) {
  if (row >= p.rows || column >= p.columns) { return; }
  let n = row / (p.rowsHigh * p.rowsWide);
  let rest = row % (p.rowsHigh * p.rowsWide);
  let i = (rest / p.rowsWide) * p.spread + p.spreadTop;
  let j = (rest % p.rowsWide) * p.spread + p.spreadLeft;
  let at = ((n * p.outHeight + i) * p.outWidth + j) * p.outChannels + u32(group_number) * p.columns + column;
  write(at, i32(p.columns - column), v);
}`

/** Quads: whether a group's channels that are read, and those that are made, lie in fours. */
export const pixelProducts = kept((tile: TileName, quadsIn: boolean, quadsOut: boolean) => {
  const tiles = tilesOf(tile)
  return gemm({
    name: `convolution, ${tile}`,
    tiles,
    left: 'inner',
    reads: [`x: ${readType(quadsIn)}`, `w: ${readType(quadsOut)}`],
    parameters: pixelParameters,
    functions: functions(quadsIn, quadsOut),
    begin: `let first_column = (work % p.tileColumns) * ${tiles.bn}u;
  let first_row = ((work / p.tileColumns) % p.tileRows) * ${tiles.bm}u;
  group_number = i32(work / (p.tileColumns * p.tileRows));
  let inner_from = 0u;
  let inner_to = u32(p.tapsHigh * p.tapsWide * p.padded);`,
    // All of a thread's rows are at the same place of the inner axis.
    a: {
      setup: (slot, row, quad) =>
        `let from_${slot} = source(first_row + ${row});${slot === 0 ? `\n  ${beginning('a', `${quad} * 4u`)}` : ''}`,
      load: (slot) => `pixel(from_${slot}, a_u, a_v, a_c)`,
      advance: (slot) => (slot === 0 ? advanced('a') : ''),
    },
    b: {
      setup: (slot, row) => beginning(`b${slot}`, row),
      load: (slot, _, quad) => `weight(b${slot}_u, b${slot}_v, b${slot}_c, first_column + ${quad} * 4u)`,
      advance: (slot) => advanced(`b${slot}`),
    },
  })
})
