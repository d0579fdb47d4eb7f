// Products of matrices, one or many.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { elementCount, showShape } from '#engine/compute/shape.ts'
import type { WebGpuCaller } from '#engine/compute/webgpu/runtime/caller.ts'
import { groupsOf, kept } from '#engine/compute/webgpu/runtime/kernel.ts'
import { mustBeFloat } from './elementwise.ts'
import { chooseTiles, gemm, readFour, readType, tilesOf, writeFour, type TileName } from './gemm.ts'

const parameters = {
  total: 'u32',
  rows: 'u32',
  columns: 'u32',
  inner: 'u32',
  tileRows: 'u32',
  tileColumns: 'u32',
  leftStride: 'u32',
  rightStride: 'u32',
} as const

/** `turned`: the left factor lies as [inner, rows]. Quads: whether a, b and y lie in fours. */
const productKernel = kept((tile: TileName, turned: boolean, quadsA: boolean, quadsB: boolean) => {
  const tiles = tilesOf(tile)
  return gemm({
    name: `product of matrices, ${tile}`,
    tiles,
    left: turned ? 'rows' : 'inner',
    reads: [`a: ${readType(quadsA)}`, `b: ${readType(quadsB)}`],
    parameters,
    functions: `
var<private> batch: u32;
${writeFour(quadsB)}
${readFour('read_a', 'a', quadsA)}
${readFour('read_b', 'b', quadsB)}
fn left_at(line: u32, place: u32, lines: u32, length: u32) -> vec4<f32> {
  if (line >= lines || place >= length) { return vec4<f32>(0.0); }
  return read_a(i32(batch * p.leftStride + line * length + place), i32(length) - i32(place));
}
fn right_at(line: u32, place: u32) -> vec4<f32> {
  if (line >= p.inner || place >= p.columns) { return vec4<f32>(0.0); }
  return read_b(i32(batch * p.rightStride + line * p.columns + place), i32(p.columns) - i32(place));
}
fn store(row: u32, column: u32, v: vec4<f32>) {
  if (row >= p.rows || column >= p.columns) { return; }
  write((batch * p.rows + row) * p.columns + column, i32(p.columns) - i32(column), v);
}`,
    begin: `let first_column = (work % p.tileColumns) * ${tiles.bn}u;
  let first_row = ((work / p.tileColumns) % p.tileRows) * ${tiles.bm}u;
  batch = work / (p.tileColumns * p.tileRows);
  let inner_from = 0u;
  let inner_to = p.inner;`,
    a: {
      setup: () => '',
      load: (_, row, quad) =>
        turned
          ? `left_at(inner + ${row}, first_row + ${quad} * 4u, p.inner, p.rows)`
          : `left_at(first_row + ${row}, inner + ${quad} * 4u, p.rows, p.inner)`,
      advance: () => '',
    },
    b: {
      setup: () => '',
      load: (_, row, quad) => `right_at(inner + ${row}, first_column + ${quad} * 4u)`,
      advance: () => '',
    },
  })
})

export function matrixKernels(call: WebGpuCaller, views: Pick<Device, 'transpose'>) {
  function product(a: DeviceTensor, b: DeviceTensor, turnA: boolean, turnB: boolean): DeviceTensor {
    mustBeFloat('A product of matrices', a, b)
    if (turnB) {
      const axes = b.shape.map((_, axis) => axis)
      const turned = views.transpose(b, [...axes.slice(0, -2), b.shape.length - 1, b.shape.length - 2])
      const result = product(a, turned, turnA, false)
      turned.dispose()
      return result
    }
    const [rows = 0, inner = 0] = turnA ? a.shape.slice(-2).reverse() : a.shape.slice(-2)
    const [length = 0, columns = 0] = b.shape.slice(-2)
    const before = a.shape.slice(0, -2)
    const batch = elementCount(before)
    const batchB = elementCount(b.shape.slice(0, -2))
    // One matrix on the left may be for all on the right, or the other way round.
    if (length !== inner || (batch !== batchB && batch !== 1 && batchB !== 1))
      throw new RangeError(`No product of ${showShape(a.shape)} and ${showShape(b.shape)}`)
    const count = Math.max(batch, batchB)
    const tile = chooseTiles(rows, columns, count)
    const { bm, bn } = tilesOf(tile)
    const [tileRows, tileColumns] = [Math.ceil(rows / bm), Math.ceil(columns / bn)]
    const total = tileRows * tileColumns * count
    return call.make(
      productKernel(tile, turnA, (turnA ? rows : inner) % 4 === 0, columns % 4 === 0),
      [a, b],
      [...(batch >= batchB ? before : b.shape.slice(0, -2)), rows, columns],
      {
        total,
        rows,
        columns,
        inner,
        tileRows,
        tileColumns,
        leftStride: batch === 1 ? 0 : rows * inner,
        rightStride: batchB === 1 ? 0 : inner * columns,
      },
      groupsOf(total),
    )
  }

  return {
    matMul: (a, b, transposeA = false, transposeB = false) => product(a, b, transposeA, transposeB),
    batchMatMul: (a, b, transposeA = false, transposeB = false) => product(a, b, transposeA, transposeB),
  } satisfies Partial<Device>
}
