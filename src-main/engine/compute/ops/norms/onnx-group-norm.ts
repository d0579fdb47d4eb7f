// Group normalisation in ONNX: an op of its own since opset 21; before, an instance norm over groups, put back into its shape, times a weight and plus a bias
// for each channel. Each step is kept as pending until the last.
import { asRow, type Flow, type NamedTensor } from '#engine/compute/ops/formats/network.ts'
import type { OnnxNodeReader, OnnxRead, OnnxValue, PendingValue } from '#engine/compute/ops/formats/onnx.ts'
import { fileDims } from '#engine/compute/ops/formats/onnx-view.ts'

/** Normed, under the groups' axes; put back; times its weight. */
const steps = { normed: 1, back: 2, weighted: 3 } as const

const isStep = (value: OnnxValue | null, step: number): value is PendingValue =>
  value?.kind === 'pending' && value.op === 'layer-norm' && value.state.step === step

function addGroupNorm(
  node: OnnxNodeReader,
  flow: Flow,
  attributes: { readonly groups: number; readonly epsilon: number },
  weight: NamedTensor,
  bias: NamedTensor,
): Flow {
  const params = {
    weight: node.network.tensor(weight.name, 'norm-weight', asRow(weight.value)),
    bias: node.network.tensor(bias.name, 'norm-bias', asRow(bias.value)),
  }
  return node.network.add('layer-norm', node.name, [flow], attributes, params)
}

/** A constant with one value for each channel of an image, [C, 1, 1]. */
function perChannel(value: OnnxValue | null, channels: number | null): NamedTensor | null {
  if (value?.kind !== 'constant' || value.value.data.length !== channels) return null
  const { shape } = value.value
  return shape.length >= 3 && shape.at(-1) === 1 && shape.at(-2) === 1 && shape.at(-3) === channels ? value : null
}

/** The value at one of two inputs that is at such a step, and the other. */
function sides(node: OnnxNodeReader, step: number): { pending: PendingValue; other: OnnxValue | null } | null {
  const [a, b] = [node.value(0), node.value(1)]
  if (isStep(a, step)) return { pending: a, other: b }
  return isStep(b, step) ? { pending: b, other: a } : null
}

export const groupNormReads: Readonly<Record<string, OnnxRead>> = {
  GroupNormalization(node) {
    const flow = node.flow()
    const [weight, bias, groups] = [node.needed(1), node.needed(2), node.int('num_groups', 0)]
    const { channels } = flow
    if (node.opset < 21 || flow.rank !== 4 || channels === null || groups < 1 || channels % groups !== 0)
      throw node.refused('normalises in a way that is not supported')
    if (weight.value.data.length !== channels || bias.value.data.length !== channels)
      throw node.refused(`has other than ${channels} weights`)
    return addGroupNorm(node, flow, { groups, epsilon: node.float('epsilon', 1e-5) }, weight, bias)
  },
  InstanceNormalization(node) {
    const value = node.value(0)
    const [weight, bias] = [node.needed(1).value.data, node.needed(2).value.data]
    if (value?.kind !== 'view' || value.order !== 'first' || value.flow.rank !== 4) return undefined
    const [images, groups = 0] = value.dims
    const { channels } = value.flow
    const plain = weight.every((v) => v === 1) && bias.every((v) => v === 0)
    if (!plain || images !== node.batch || value.dims.length !== 3 || channels === null || channels % groups !== 0)
      return undefined
    const state = { step: steps.normed, groups, epsilon: node.float('epsilon', 1e-5) }
    return { kind: 'pending', op: 'layer-norm', flow: value.flow, state }
  },
  Reshape(node) {
    const value = node.value(0)
    if (!isStep(value, steps.normed)) return undefined
    const dims = fileDims(value.flow, node.batch)
    const same =
      node.sizes(1).length === 4 && node.sizes(1).every((n, axis) => n === dims[axis] || (axis === 0 && n === 0))
    return same ? { ...value, state: { ...value.state, step: steps.back } } : undefined
  },
  Mul(node) {
    const found = sides(node, steps.back)
    const weight = perChannel(found?.other ?? null, found?.pending.flow.channels ?? null)
    if (!found || !weight) return undefined
    const { pending } = found
    return { ...pending, constant: weight, state: { ...pending.state, step: steps.weighted } }
  },
  Add(node) {
    const found = sides(node, steps.weighted)
    const bias = perChannel(found?.other ?? null, found?.pending.flow.channels ?? null)
    if (!found?.pending.constant || !bias) return undefined
    const { flow, state, constant } = found.pending
    return addGroupNorm(node, flow, { groups: state.groups ?? 1, epsilon: state.epsilon ?? 0 }, constant, bias)
  },
}
