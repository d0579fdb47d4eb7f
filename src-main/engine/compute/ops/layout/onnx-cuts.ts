// What a Slice of an ONNX file takes out of features: axis by axis, in ONNX's and NumPy's rules, those left out that take everything.
import type { OnnxNodeReader } from '#engine/compute/ops/formats/onnx.ts'

export interface OnnxCut {
  /** Of the file's axes. */
  readonly axis: number
  readonly from: number
  readonly step: number
  readonly count: number
}

/** @throws PalmError when it reaches for axes that are not there, or cuts the batch */
export function onnxCuts(node: OnnxNodeReader): OnnxCut[] {
  const dims = node.dims()
  const [starts, ends] = [node.intsOf('starts', 1) ?? [], node.intsOf('ends', 2) ?? []]
  const [axes, steps] = [node.intsOf('axes', 3), node.intsOf('steps', 4)]
  const cuts = starts.map((start, i) => {
    const named = axes?.[i] ?? i
    const axis = named < 0 ? named + dims.length : named
    const size = dims[axis]
    const step = steps?.[i] ?? 1
    if (size === undefined || step < 1) throw node.refused('cuts backwards, or along an axis that is not there')
    const within = (at: number) => Math.min(Math.max(at < 0 ? at + size : at, 0), size)
    const from = within(start)
    return { axis, from, step, count: Math.max(0, Math.ceil((within(ends[i] ?? 0) - from) / step)), size }
  })
  const real = cuts.filter(({ count, size }) => count !== size)
  if (real.some(({ axis }) => axis === 0)) throw node.refused('takes some of a batch’s images')
  return real
}
