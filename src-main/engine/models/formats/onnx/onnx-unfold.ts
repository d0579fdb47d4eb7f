// Batch normalisation brought back. Exporters fold it into the convolution before it: W' = W gamma / sqrt(var + eps), b' = beta + (b - mean) gamma / sqrt(var + eps)
// for each output. A state dict of the same network, given beside the file, still has the parts; which of them made which convolution is found by the
// numbers, so that names may be lost, and nothing is taken that does not give the file's own values again.
import { PalmError } from '#contract/errors.ts'
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'
import type { ImportedNetwork } from '#engine/models/imported-network.ts'

export interface StateDict {
  /** For messages. */
  readonly fileName: string
  readonly tensors: ReadonlyMap<string, FileTensor>
}

/** PyTorch's usual one first, then those of MobileNetV3 and TensorFlow, and of others. */
const epsilons = [1e-5, 1e-3, 1e-4, 1e-6, 2e-5, 1e-2] as const
/** Of float32 that went through a product, a root and a file: relative to the largest of the values that are compared. */
const tolerance = 2e-4

interface NormParts {
  readonly prefix: string
  readonly weight: FileTensor
  readonly bias: FileTensor
  readonly mean: FileTensor
  readonly variance: FileTensor
}

/** A convolution of the state dict, and where it stands among its tensors. */
interface Original {
  readonly name: string
  readonly weight: FileTensor
  readonly bias: FileTensor | null
  readonly place: number
}

/** @throws PalmError `model-unsupported` when the file was not made of these weights, or has nothing to bring back */
export function unfoldBatchNorms(network: ImportedNetwork, dict: StateDict): void {
  const refused = (what: string) =>
    new PalmError('model-unsupported', `${network.fileName} and ${dict.fileName} do not go together: ${what}.`)
  const names = [...dict.tensors.keys()]
  const norms = new Map(names.flatMap((name, place) => normAt(dict, name, place)))
  const originals = originalsOf(dict, names)
  const used = new Set<string>()
  let restored = 0
  for (const folded of network.convolutions()) {
    const same = originals.filter(
      ({ name, weight }) => !used.has(name) && weight.shape.join() === folded.weight.shape.join(),
    )
    let found = false
    for (const original of same) {
      const scales = scalesOf(folded.weight, original.weight)
      if (!scales) continue
      const plain = scales.every((scale) => Math.abs(scale - 1) <= tolerance)
      const norm = normOf(folded.bias, scales, original, norms, used)
      if (!norm && !plain) continue
      found = true
      used.add(original.name)
      if (!norm) break
      used.add(norm.parts.prefix)
      network.unfold(folded.node, { original, norm: norm.parts, epsilon: norm.epsilon })
      restored += 1
      break
    }
    if (!found)
      throw refused(
        `no convolution and batch normalisation of the weights give the convolution ${folded.node} of the network (${originals.length} convolutions and ${norms.size} batch normalisations were tried)`,
      )
  }
  if (restored === 0)
    throw refused('no batch normalisation was folded into a convolution, so there is none to bring back')
  network.sortTensors()
}

/** By the place of its weight. */
function normAt(dict: StateDict, name: string, place: number): [number, NormParts][] {
  if (!name.endsWith('.running_mean')) return []
  const prefix = name.slice(0, -'.running_mean'.length)
  const [mean, variance] = [dict.tensors.get(name), dict.tensors.get(`${prefix}.running_var`)]
  const [weight, bias] = [dict.tensors.get(`${prefix}.weight`), dict.tensors.get(`${prefix}.bias`)]
  return mean && variance && weight && bias ? [[place, { prefix, weight, bias, mean, variance }]] : []
}

function originalsOf({ tensors }: StateDict, names: readonly string[]): Original[] {
  return names.flatMap((name, place) => {
    const weight = tensors.get(name)
    if (!name.endsWith('.weight') || weight?.shape.length !== 4) return []
    return [{ name, weight, bias: tensors.get(name.replace(/weight$/, 'bias')) ?? null, place }]
  })
}

/** What each output of `original` was multiplied by to give `folded`; null when no such numbers do. */
function scalesOf(folded: FileTensor, original: FileTensor): Float64Array | null {
  const outputs = folded.shape[0] ?? 0
  const each = folded.data.length / outputs
  const scales = new Float64Array(outputs)
  for (let o = 0; o < outputs; o++) {
    let [product, square, largest] = [0, 0, 0]
    for (let i = o * each; i < (o + 1) * each; i++) {
      const [f, w] = [folded.data[i] as number, original.data[i] as number]
      product += f * w
      square += w * w
      largest = Math.max(largest, Math.abs(f))
    }
    const scale = square > 0 ? product / square : 0
    for (let i = o * each; i < (o + 1) * each; i++)
      if (Math.abs((folded.data[i] as number) - scale * (original.data[i] as number)) > tolerance * largest) return null
    scales[o] = scale
  }
  return scales
}

/** The batch normalisation that gives these scales and biases; the nearest behind the convolution in the state dict first. */
function normOf(
  bias: FileTensor | null,
  scales: Float64Array,
  { place, bias: before }: Original,
  norms: ReadonlyMap<number, NormParts>,
  used: ReadonlySet<string>,
): { parts: NormParts; epsilon: number } | null {
  const distance = (at: number) => (at > place ? at - place : 1e6 + place - at)
  const candidates = [...norms]
    .filter(([, parts]) => !used.has(parts.prefix) && parts.mean.data.length === scales.length)
    .toSorted(([a], [b]) => distance(a) - distance(b))
  for (const [, parts] of candidates) {
    for (const epsilon of epsilons) if (gives(bias, scales, before, parts, epsilon)) return { parts, epsilon }
  }
  return null
}

function gives(
  bias: FileTensor | null,
  scales: Float64Array,
  before: FileTensor | null,
  { weight, bias: beta, mean, variance }: NormParts,
  epsilon: number,
): boolean {
  const expected = scales.map((_, o) => (weight.data[o] as number) / Math.sqrt((variance.data[o] as number) + epsilon))
  const shifts = expected.map(
    (scale, o) => (beta.data[o] as number) + ((before?.data[o] ?? 0) - (mean.data[o] as number)) * scale,
  )
  const close = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    let largest = 0
    for (let o = 0; o < a.length; o++) largest = Math.max(largest, Math.abs(a[o] as number))
    for (let o = 0; o < a.length; o++)
      if (Math.abs((a[o] as number) - (b[o] as number)) > tolerance * Math.max(largest, 1e-6)) return false
    return true
  }
  return close(expected, scales) && close(shifts, bias?.data ?? new Float32Array(shifts.length))
}
