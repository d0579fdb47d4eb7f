// Which of a file's outputs are the scores. Networks also give their features, probabilities, classes or a second head; the first output is as often one of
// these as not. By shape (a row of scores an image), by what is computed from what, and by name where both are of no help; never by order.
import { PalmError } from '#contract/errors.ts'
import type { Flow } from '#engine/compute/ops/formats/network.ts'
import { viewed } from '#engine/compute/ops/formats/onnx-view.ts'
import type { ImportedNetwork } from '#engine/models/imported-network.ts'
import type { OnnxValues } from './onnx-graph-values.ts'
import type { OnnxModel, OnnxValueInfo } from './onnx-proto.ts'

interface Candidate {
  readonly name: string
  /** Null where it cannot be read; `failure` says why. */
  readonly flow: Flow | null
  readonly failure: PalmError | null
}

/** @throws PalmError `model-unsupported` where none is, or two may be */
export function chooseOutput(
  model: OnnxModel,
  values: OnnxValues,
  network: ImportedNetwork,
  wanted: string | null,
): Flow {
  const names = model.outputs.map(({ name }) => name)
  const quoted = (list: readonly string[]) => list.map((name) => `“${name}”`).join(', ')
  if (wanted !== null) {
    const info = model.outputs.find(({ name }) => name === wanted)
    if (!info) throw network.refused(`it has no output “${wanted}”; there are ${quoted(names)}`)
    return scoresOf(candidateOf(info, values, network, true), network)
  }
  const [only, ...others] = model.outputs
  if (only && others.length === 0) return scoresOf(candidateOf(only, values, network, true), network)
  const candidates = model.outputs
    .map((info) => candidateOf(info, values, network, false))
    .filter(({ flow, failure }) => flow || failure)
  const left = byName(withoutDerived(model, candidates, network))
  const [one] = left
  if (!one) throw network.refused(`none of its outputs (${quoted(names)}) is a row of scores for each image`)
  if (left.length === 1) return scoresOf(one, network)
  const told = left.map(({ name, flow }) => `“${name}”${flow ? ` [${flow.channels}]` : ''}`).join(', ')
  throw network.refused(
    `${left.length} of its outputs may be the scores: ${told}; say which with --output NAME, or under the model in the form`,
  )
}

/** One number for each class and image; `sole`: there is no other, and whatever it is is said. */
function candidateOf(info: OnnxValueInfo, values: OnnxValues, network: ImportedNetwork, sole: boolean): Candidate {
  const { name } = info
  const value = values.outcome(name)
  const ranked = values.ranked.get(name)
  if (ranked) return candidateOf({ ...info, name: ranked }, values, network, sole)
  if (value instanceof PalmError) {
    // Of another type or shape than scores it needs not be readable.
    const float = info.elementType === 0 || info.elementType === 1
    const rows = info.dims.length === 0 || info.dims.length === 2
    return { name, flow: null, failure: sole || (float && rows) ? value : null }
  }
  if (value?.kind !== 'flow') return { name, flow: null, failure: null }
  const { shape } = value
  const flat =
    shape?.length === 3 && shape[0] === 1 && shape[1] === 1
      ? viewed(network, 'output', value, [values.batch, shape[2] ?? 0], values.batch)
      : value
  return { name, flow: flat.kind === 'flow' && flat.rank === 2 ? flat : null, failure: null }
}

function scoresOf({ flow, failure }: Candidate, network: ImportedNetwork): Flow {
  if (failure) throw failure
  if (!flow || (flow.channels ?? 0) < 2)
    throw network.refused('its output is no row of scores, one for each of two classes or more')
  return flow
}

const weighted = new Set(['Gemm', 'MatMul', 'Conv'])

/** Without features that others are computed from by a layer, and without what is computed from others by none (a softmax, the largest ones). */
function withoutDerived(model: OnnxModel, candidates: readonly Candidate[], network: ImportedNetwork): Candidate[] {
  const producers = new Map(model.nodes.flatMap((node) => node.output.map((name) => [name, node] as const)))
  /** How `to` is computed from `from`; null = it is not. */
  const path = (from: string, to: string): 'layer' | 'plain' | null => {
    let found: 'layer' | 'plain' | null = null
    const seen = new Set<string>()
    const open = [{ name: to, layer: false }]
    for (let place = open.pop(); place; place = open.pop()) {
      const { name, layer } = place
      if (name === from && name !== to) {
        if (layer) return 'layer'
        found = 'plain'
        continue
      }
      const key = `${layer} ${name}`
      if (seen.has(key)) continue
      seen.add(key)
      const node = producers.get(name)
      if (!node) continue
      for (const input of node.input) open.push({ name: input, layer: layer || weighted.has(node.opType) })
    }
    return found
  }
  const ends = new Map<string, string>()
  return candidates.filter((candidate) => {
    const others = candidates.filter((other) => other !== candidate)
    // Also of an output that is no row of scores: whatever it is, this is its features.
    if (model.outputs.some(({ name }) => path(candidate.name, name) === 'layer')) return false
    if (others.some((other) => path(other.name, candidate.name) === 'plain')) return false
    if (!candidate.flow) return true
    const end = network.beforeSoftmax(candidate.flow.node).name
    if (ends.has(end)) return false
    ends.set(end, candidate.name)
    return true
  })
}

const likeScores = /logit|score|class|cls|pred|prob|softmax/i
const unlikeScores = /aux|feat|embed|hidden|pool|domain|rot|proj|contrast|dense_?\d*$/i

/** Those that are called like scores, where some are and others not. */
function byName(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length < 2) return candidates
  const like = candidates.filter(({ name }) => likeScores.test(name) && !unlikeScores.test(name))
  return like.length === 1 ? like : candidates
}
