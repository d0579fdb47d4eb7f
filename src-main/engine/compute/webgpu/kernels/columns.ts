// Reductions over the middle axis of [outer, rows, columns], with no order left to chance: each thread takes a few rows, a work group merges its threads in a tree, and
// the groups' results are merged in the same way until there is one. Sums come out nearly as exact as if they were carried in double precision, and never differ.
import type { DeviceTensor } from '#engine/compute/device.ts'
import type { WebGpuCaller } from '#engine/compute/webgpu/runtime/caller.ts'
import { groupsOf, kept, kernel, threads, type Parameters } from '#engine/compute/webgpu/runtime/kernel.ts'
import type { WebGpuTensor } from '#engine/compute/webgpu/runtime/tensor.ts'
import { mergeTree } from './maths.ts'

/** What is reduced and how. WGSL throughout; `Value` is its type. */
export interface ColumnReduction {
  readonly name: string
  /** Numbers that a value is made of: f32, vec2 or vec3. */
  readonly width: 1 | 2 | 3
  readonly reads: readonly string[]
  readonly parameters?: Parameters
  /** Functions, among them `merge(a: Value, b: Value) -> Value`, which leaves the other where one is `nothing`. */
  readonly functions: string
  readonly nothing: string
  /** Before a thread's loop over its rows; `o`, `c` and its first row `lower` are known. */
  readonly begin?: string
  /** For row `r`: changes `value`. */
  readonly each: string
  /** After the loop: `value` of `count` rows is made what is merged. */
  readonly end?: string
  /** What is written of each column's `value`; `at` is its place. Parameters are known here too. */
  readonly finish: readonly { readonly name: string; readonly value: string }[]
}

const types = { 1: 'f32', 2: 'vec2<f32>', 3: 'vec3<f32>' } as const
const part = (width: number, k: number) => (width === 1 ? 'value' : `value.${'xyz'[k] ?? ''}`)
const wholeOf = (width: 1 | 2 | 3, place: string) =>
  width === 1
    ? `partial[${place}]`
    : `${types[width]}(${Array.from({ length: width }, (_, k) => `partial[(${place}) * ${width}u + ${k}u]`).join(', ')})`

const shapes = {
  total: 'u32',
  rows: 'u32',
  columns: 'u32',
  segments: 'u32',
  perSegment: 'u32',
  lanes: 'u32',
  tiles: 'u32',
} as const

/** The first reduction reads tensors, those after it the values of the one before; the last writes what is asked for. */
function stage(of: ColumnReduction, first: boolean, last: boolean) {
  const { width, functions, nothing, begin = '', each, end = '', finish } = of
  const write = last
    ? `let at = o * p.columns + c;
    ${finish.map(({ name, value }) => `${name}[at] = ${value};`).join('\n    ')}`
    : `let at = (o * p.segments + segment) * p.columns + c;
    ${Array.from({ length: width }, (_, k) => `result[at * ${width}u + ${k}u] = ${part(width, k)};`).join(' ')}`
  const loop = first
    ? `${begin}
    for (var r = lower; r < upper; r = r + step) { ${each} }
    ${end}`
    : `for (var r = lower; r < upper; r = r + step) {
      let next = ${wholeOf(width, '(o * p.rows + r) * p.columns + c')};
      value = merge(value, next);
    }`
  return kernel({
    name: `${of.name}${first ? '' : ', merged'}${last ? '' : ', in part'}`,
    parameters: { ...shapes, ...of.parameters },
    reads: first ? of.reads : ['partial: f32'],
    writes: last ? finish.map(({ name }) => `${name}: f32`) : ['result: f32'],
    body: `
alias Value = ${types[width]};
${functions}
var<workgroup> gathered: array<Value, ${threads}>;
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let work = group.y * groups.x + group.x;
  if (work >= p.total) { return; }
  let tile = work % p.tiles;
  let segment = (work / p.tiles) % p.segments;
  let o = work / (p.tiles * p.segments);
  let c = tile * p.lanes + local % p.lanes;
  let step = ${threads}u / p.lanes;
  let lower = segment * p.perSegment + local / p.lanes;
  let upper = min(p.rows, (segment + 1u) * p.perSegment);
  var value: Value = ${nothing};
  if (c < p.columns && lower < upper) {
    let count = (upper - lower + step - 1u) / step;
    ${loop}
  }
  gathered[local] = value;${mergeTree(threads, 'p.lanes')}
  if (local < p.lanes && c < p.columns) {
    value = gathered[local];
    ${write}
  }
}`,
  })
}

const kernels = new Map<ColumnReduction, ReturnType<typeof makeStages>>()
function makeStages(of: ColumnReduction) {
  return kept((first: boolean, last: boolean) => stage(of, first, last))
}

/** Rows that one thread takes: few keep sums exact, many keep the groups few. */
const [fewestRows, mostRows] = [16, 64]

/** `shape` is that of each result, [outer..., columns]. */
export function reduceColumns(
  call: WebGpuCaller,
  of: ColumnReduction,
  inputs: readonly DeviceTensor[],
  size: { readonly outer: number; readonly rows: number; readonly columns: number },
  shape: readonly number[],
  values: Readonly<Record<string, number>> = {},
): WebGpuTensor[] {
  let stages = kernels.get(of)
  if (!stages) kernels.set(of, (stages = makeStages(of)))
  const { outer, columns } = size
  const lanes = Math.min(64, 2 ** Math.ceil(Math.log2(Math.max(1, columns))))
  const tiles = Math.ceil(columns / lanes)
  const side = threads / lanes
  let { rows } = size
  let given = inputs
  for (let first = true; ; first = false) {
    const share = Math.min(Math.max(Math.ceil(rows / (side * side * fewestRows)), fewestRows), mostRows)
    const perSegment = side * share
    const segments = Math.max(1, Math.ceil(rows / perSegment))
    const last = segments === 1
    const total = outer * segments * tiles
    const outputs = last ? of.finish.map(() => call.empty(shape)) : [call.empty([outer, segments, columns, of.width])]
    call.into(
      stages(first, last),
      given,
      outputs,
      { ...values, total, rows, columns, segments, perSegment, lanes, tiles },
      groupsOf(total),
    )
    if (!first) for (const tensor of given) tensor.dispose()
    if (last) return outputs
    given = outputs
    rows = segments
  }
}
