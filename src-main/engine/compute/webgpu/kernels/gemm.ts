// The text of every kernel that multiplies: a work group makes a tile of BM x BN products, BK of the inner axis at a time through its own memory, and each thread
// TM x TN of them in registers. Where the factors come from and where the products go is the caller's: matrices, or images read as if they were unfolded.
import { kernel, type Parameters } from '#engine/compute/webgpu/runtime/kernel.ts'

export interface Tiles {
  readonly bm: number
  readonly bn: number
  /** Rows and columns of a thread, multiples of 4. */
  readonly tm: number
  readonly tn: number
}

/** Of the inner axis at a time. */
export const depth = 16

export const threadsOf = ({ bm, bn, tm, tn }: Tiles): number => (bm / tm) * (bn / tn)

const tileSizes = {
  small: { bm: 32, bn: 32, tm: 4, tn: 4 },
  narrow: { bm: 128, bn: 16, tm: 4, tn: 4 },
  half: { bm: 64, bn: 32, tm: 4, tn: 4 },
  square: { bm: 64, bn: 64, tm: 4, tn: 4 },
  large: { bm: 128, bn: 64, tm: 8, tn: 4 },
} as const satisfies Record<string, Tiles>

export type TileName = keyof typeof tileSizes
export const tilesOf = (name: TileName): Tiles => tileSizes[name]
export const tileNames = Object.keys(tileSizes) as readonly TileName[]

/** Work groups that keep a large card busy. */
export const busy = 512

/** The largest tiles that waste little of `columns` and leave enough of them for a whole card. */
export function chooseTiles(rows: number, columns: number, others: number): TileName {
  const count = ({ bm, bn }: Tiles) => Math.ceil(rows / bm) * Math.ceil(columns / bn) * others
  const fitting: readonly TileName[] =
    columns <= 16
      ? ['narrow']
      : columns <= 32
        ? ['half']
        : columns % 64 <= 32 && columns < 128
          ? ['square', 'half']
          : ['large', 'square']
  return fitting.find((name) => count(tileSizes[name]) >= busy / 2) ?? 'small'
}

interface GemmText<P extends Parameters> {
  readonly name: string
  readonly tiles: Tiles
  /**
   * How the left factor comes: four of the inner axis of one row (`inner`), or four rows of one place of the inner axis (`rows`). The right one comes as four columns
   * of one place.
   */
  readonly left: 'inner' | 'rows'
  readonly reads: readonly string[]
  readonly parameters: P
  /** `fn store(row: u32, column: u32, v: vec4<f32>)` among them. */
  readonly functions: string
  /** Of `work`: must set `first_row`, `first_column`, `inner_from` and `inner_to`, the same for a whole work group. */
  readonly begin: string
  /**
   * Left factor of slot s. `row` and `quad` (left: `inner`: row of the tile, and which four of the inner axis; left: `rows`: place of the inner axis, and which four
   * rows) are WGSL. `setup` goes before the loop, `load` is a vec4, `advance` goes on by `depth`.
   */
  readonly a: SlotText
  /** Right factor: `row` is the place of the inner axis, `quad` which four columns. */
  readonly b: SlotText
}

interface SlotText {
  readonly setup: (slot: number, row: string, quad: string) => string
  readonly load: (slot: number, row: string, quad: string) => string
  readonly advance: (slot: number) => string
}

/** How a tile of `rows` x `quads` vec4s is shared among the threads. */
function slotsOf(rows: number, quads: number, threads: number) {
  const count = Math.ceil((rows * quads) / threads)
  return Array.from({ length: count }, (_, slot) => ({
    slot,
    row: `(local / ${quads}u + ${slot * (threads / quads)}u)`,
    quad: `(local % ${quads}u)`,
    /** Whether some threads have none. */
    partial: (slot + 1) * threads > rows * quads ? `local + ${slot * threads}u < ${rows * quads}u` : '',
  }))
}

export function gemm<const P extends Parameters>(of: GemmText<P>) {
  const { tiles, left, a, b } = of
  const { bm, bn, tm, tn } = tiles
  const threads = threadsOf(tiles)
  const [across, down] = [bn / tn, bm / tm]
  const quadsDeep = depth / 4
  // A row of the left tile is a quad longer than it needs to be, so that neighbours' rows lie in other banks.
  const leftRow = left === 'inner' ? quadsDeep + 1 : bm / 4
  const leftSlots = left === 'inner' ? slotsOf(bm, quadsDeep, threads) : slotsOf(depth, bm / 4, threads)
  const rightSlots = slotsOf(depth, bn / 4, threads)
  const rows = Array.from({ length: tm }, (_, i) => i)
  const quads = Array.from({ length: tn / 4 }, (_, j) => j)
  const guarded = (partial: string, work: string) => (partial ? `if (${partial}) { ${work} }` : work)
  const load = [
    ...leftSlots.map(({ slot, row, quad, partial }) =>
      guarded(partial, `left_tile[${row} * ${leftRow}u + ${quad}] = ${a.load(slot, row, quad)};`),
    ),
    ...rightSlots.map(({ slot, row, quad, partial }) =>
      guarded(partial, `right_tile[${row} * ${bn / 4}u + ${quad}] = ${b.load(slot, row, quad)};`),
    ),
  ]
  /** The row of the tile that a thread's row i is. */
  const rowOf = (i: number) =>
    left === 'inner' ? `(down + ${i * down}u)` : `((down + ${Math.floor(i / 4) * down}u) * 4u + ${i % 4}u)`
  const setup = [
    ...leftSlots.map(({ slot, row, quad }) => a.setup(slot, row, quad)),
    ...rightSlots.map(({ slot, row, quad }) => b.setup(slot, row, quad)),
  ]
  const advance = [...leftSlots.map(({ slot }) => a.advance(slot)), ...rightSlots.map(({ slot }) => b.advance(slot))]
  return kernel({
    name: of.name,
    parameters: of.parameters,
    reads: of.reads,
    writes: ['y: Written'],
    body: `
${of.functions}
var<workgroup> left_tile: array<vec4<f32>, ${left === 'inner' ? bm * leftRow : depth * leftRow}>;
var<workgroup> right_tile: array<vec4<f32>, ${(depth * bn) / 4}>;
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let work = group.y * groups.x + group.x;
  if (work >= p.total) { return; }
  let across = local % ${across}u;
  let down = local / ${across}u;
  ${of.begin}
  ${setup.join('\n  ')}
  ${rows.flatMap((i) => quads.map((j) => `var sum_${i}_${j} = vec4<f32>(0.0);`)).join(' ')}
  for (var inner = inner_from; inner < inner_to; inner = inner + ${depth}u) {
    ${load.join('\n    ')}
    workgroupBarrier();
    ${left === 'inner' ? byInner(rows, quads, { leftRow, bn, across, down }) : byRows(rows, quads, { leftRow, bn, across, down })}
    workgroupBarrier();
    ${advance.join('\n    ')}
  }
  ${rows.flatMap((i) => quads.map((j) => `store(first_row + ${rowOf(i)}, first_column + (across + ${j * across}u) * 4u, sum_${i}_${j});`)).join('\n  ')}
}`,
  })
}

interface Layout {
  readonly leftRow: number
  readonly bn: number
  readonly across: number
  readonly down: number
}

function byInner(rows: readonly number[], quads: readonly number[], { leftRow, bn, across, down }: Layout): string {
  const right = [0, 1, 2, 3].flatMap((e) =>
    quads.map((j) => `let b_${e}_${j} = right_tile[(k * 4u + ${e}u) * ${bn / 4}u + across + ${j * across}u];`),
  )
  const products = rows.map(
    (i) =>
      `let a_${i} = left_tile[(down + ${i * down}u) * ${leftRow}u + k]; ${quads
        .map((j) =>
          ['x', 'y', 'z', 'w']
            .map((part, e) => `sum_${i}_${j} = fma(vec4<f32>(a_${i}.${part}), b_${e}_${j}, sum_${i}_${j});`)
            .join(' '),
        )
        .join(' ')}`,
  )
  return `for (var k = 0u; k < ${depth / 4}u; k = k + 1u) {
      ${[...right, ...products].join('\n      ')}
    }`
}

function byRows(rows: readonly number[], quads: readonly number[], { leftRow, bn, across, down }: Layout): string {
  const right = quads.map((j) => `let b_${j} = right_tile[k * ${bn / 4}u + across + ${j * across}u];`)
  const left = rows
    .filter((i) => i % 4 === 0)
    .map((i) => `let a_${i / 4} = left_tile[k * ${leftRow}u + down + ${(i / 4) * down}u];`)
  const products = rows.flatMap((i) =>
    quads.map(
      (j) => `sum_${i}_${j} = fma(vec4<f32>(a_${Math.floor(i / 4)}.${'xyzw'[i % 4] ?? ''}), b_${j}, sum_${i}_${j});`,
    ),
  )
  return `for (var k = 0u; k < ${depth}u; k = k + 1u) {
      ${[...right, ...left, ...products].join('\n      ')}
    }`
}

/** Reads `array[at .. at + 3]`: at once where it lies in fours, else one by one as far as `left` goes. WGSL of `fn NAME(at: i32, left: i32) -> vec4<f32>`. */
export const readFour = (name: string, array: string, quads: boolean): string =>
  quads
    ? `fn ${name}(at: i32, left: i32) -> vec4<f32> { return ${array}[u32(at) >> 2u]; }`
    : `fn ${name}(at: i32, left: i32) -> vec4<f32> {
  var v = vec4<f32>(${array}[at], 0.0, 0.0, 0.0);
  if (left > 1) { v.y = ${array}[at + 1]; }
  if (left > 2) { v.z = ${array}[at + 2]; }
  if (left > 3) { v.w = ${array}[at + 3]; }
  return v;
}`

/** Writes `y[at .. at + 3]` likewise. */
export const writeFour = (quads: boolean): string =>
  quads
    ? 'alias Written = vec4<f32>;\nfn write(at: u32, left: i32, v: vec4<f32>) { y[at >> 2u] = v; }'
    : `alias Written = f32;
fn write(at: u32, left: i32, v: vec4<f32>) {
  y[at] = v.x;
  if (left > 1) { y[at + 1u] = v.y; }
  if (left > 2) { y[at + 2u] = v.z; }
  if (left > 3) { y[at + 3u] = v.w; }
}`

export const readType = (quads: boolean) => (quads ? 'vec4<f32>' : 'f32')
