// Correlation of an image with a sparse kernel, the inner loop of every blur, on a WebAssembly SIMD kernel (weighted-sum.wat). Values are
// doubles, as in the original code: what is cut to whole grey levels afterwards would otherwise fall to the wrong side in flat regions.
import code from './weighted-sum.wasm.ts'

/** One term: `weight` times the value `dy` rows down and `dx` values to the right. */
export interface Tap {
  readonly dx: number
  readonly dy: number
  readonly weight: number
}

/** A two-dimensional array of doubles inside the kernel's memory. */
interface Region {
  readonly start: number // index of the first double
  readonly stride: number // doubles from row to row
}

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  weightedSum(
    source: number,
    target: number,
    rows: number,
    width: number,
    sourceStride: number,
    targetStride: number,
    taps: number,
    tapsEnd: number,
  ): void
}

/** The part of the language's own WebAssembly that is used here: TypeScript describes it only together with a browser's DOM. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: unknown }
}

const lanes = 8
const pageBytes = 65_536
const inLanes = (length: number) => Math.ceil(length / lanes) * lanes

let kernel: Kernel | null = null
function loadKernel(): Kernel {
  kernel ??= new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(code, 'base64'))).exports as Kernel
  return kernel
}

/** Room for `doubles` values; what the memory held before is lost to the caller. */
function reserve(doubles: number): Float64Array {
  const { memory } = loadKernel()
  const missing = doubles * 8 - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes))
  return new Float64Array(memory.buffer)
}

function run(
  view: Float64Array,
  taps: readonly Tap[],
  source: Region,
  target: Region,
  rows: number,
  length: number,
  tapsAt: number,
): void {
  const offsets = new Int32Array(view.buffer)
  for (const [k, { dx, dy, weight }] of taps.entries()) {
    offsets[2 * (tapsAt + 2 * k)] = 8 * (dy * source.stride + dx)
    view[tapsAt + 2 * k + 1] = weight
  }
  loadKernel().weightedSum(
    8 * source.start,
    8 * target.start,
    rows,
    8 * inLanes(length),
    8 * source.stride,
    8 * target.stride,
    8 * tapsAt,
    8 * (tapsAt + 2 * taps.length),
  )
}

/** Which element a padded axis repeats at `index`, which may lie outside 0 .. length - 1. */
export type Border = (index: number, length: number) => number

export interface Picture {
  readonly values: ArrayLike<number>
  readonly height: number
  readonly width: number
  readonly channels: number
}

/**
 * The picture, extended by its border as far as the taps reach, correlated with them. `tap.dx` counts pixels. Returns [height, width, channels].
 * The result is a new array.
 */
export function correlate(
  { values, height, width, channels }: Picture,
  taps: readonly Tap[],
  border: Border,
): Float64Array {
  const reach = (offsets: readonly number[]) => offsets.reduce((most, offset) => Math.max(most, offset), 0)
  const left = reach(taps.map(({ dx }) => -dx))
  const right = reach(taps.map(({ dx }) => dx))
  const top = reach(taps.map(({ dy }) => -dy))
  const bottom = reach(taps.map(({ dy }) => dy))
  const length = width * channels
  const source: Region = { start: 0, stride: (left + right) * channels + inLanes(length) }
  const sourceRows = height + top + bottom
  const target: Region = { start: sourceRows * source.stride + lanes, stride: inLanes(length) }
  const tapsAt = target.start + height * target.stride
  const view = reserve(tapsAt + 2 * taps.length)
  for (let y = 0; y < height; y++) {
    const at = (y + top) * source.stride
    const from = y * length
    for (let i = 0; i < length; i++) view[at + left * channels + i] = values[from + i] as number
    for (let x = 0; x < left; x++)
      for (let c = 0; c < channels; c++)
        view[at + x * channels + c] = values[from + border(x - left, width) * channels + c] as number
    const end = at + left * channels + length
    for (let x = 0; x < right; x++)
      for (let c = 0; c < channels; c++)
        view[end + x * channels + c] = values[from + border(width + x, width) * channels + c] as number
  }
  for (let y = 0; y < sourceRows; y++) {
    if (y >= top && y < top + height) continue
    const from = (border(y - top, height) + top) * source.stride
    view.copyWithin(y * source.stride, from, from + source.stride)
  }
  run(
    view,
    taps.map((tap) => ({ ...tap, dx: tap.dx * channels })),
    { start: top * source.stride + left * channels, stride: source.stride },
    target,
    height,
    length,
    tapsAt,
  )
  const out = new Float64Array(height * length)
  for (let y = 0; y < height; y++)
    out.set(view.subarray(target.start + y * target.stride, target.start + y * target.stride + length), y * length)
  return out
}
