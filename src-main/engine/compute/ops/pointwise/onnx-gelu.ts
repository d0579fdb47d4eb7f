// GELU as exporters write it before opset 20: x / 2 (1 + erf(x / sqrt 2)), in five nodes and several orders. Each step is kept as pending until the last.
import type { Flow } from '#engine/compute/ops/formats/network.ts'
import type { OnnxNodeReader, OnnxRead, OnnxValue, PendingValue } from '#engine/compute/ops/formats/onnx.ts'
import { channelsLast, isChannelsLast } from '#engine/compute/ops/formats/onnx-view.ts'

/** erf(x / sqrt 2); 1 + that; that times x; that times a half. */
const steps = { erf: 1, plusOne: 2, timesX: 3, half: 4 } as const

const near = (a: number | undefined, b: number) => a !== undefined && Math.abs(a - b) < 1e-6

const isStep = (value: OnnxValue | null, ...which: number[]): value is PendingValue =>
  value?.kind === 'pending' && value.op === 'gelu' && which.includes(value.state.step ?? 0)

const numberOf = (value: OnnxValue | null) =>
  value?.kind === 'constant' && value.value.data.length === 1 ? value.value.data[0] : undefined

const flowOf = (node: OnnxNodeReader, value: OnnxValue | null): Flow | null => {
  if (value?.kind === 'flow') return value
  return isChannelsLast(value, node.batch) ? value.flow : null
}

/** The value at one of two inputs that is such a step, and the other. */
function sides(node: OnnxNodeReader, ...which: number[]): { pending: PendingValue; other: OnnxValue | null } | null {
  const [a, b] = [node.value(0), node.value(1)]
  if (isStep(a, ...which)) return { pending: a, other: b }
  return isStep(b, ...which) ? { pending: b, other: a } : null
}

const next = (pending: PendingValue, step: number): PendingValue => ({ ...pending, state: { ...pending.state, step } })

function done(node: OnnxNodeReader, { flow, state }: PendingValue): OnnxValue {
  const result = node.network.add('gelu', node.name, [flow])
  return state.last === 1 ? channelsLast(result, node.batch) : result
}

export const geluReads: Readonly<Record<string, OnnxRead>> = {
  Erf(node) {
    const value = node.value(0)
    const flow = flowOf(node, value)
    const scaled = flow && node.network.scaledFrom(flow)
    if (!scaled || !near(scaled.factor, Math.SQRT1_2)) return undefined
    const state = { step: steps.erf, last: value?.kind === 'view' ? 1 : 0 }
    return { kind: 'pending', op: 'gelu', flow: { ...flow, node: scaled.node }, state }
  },
  Add(node) {
    const found = sides(node, steps.erf)
    return found && near(numberOf(found.other), 1) ? next(found.pending, steps.plusOne) : undefined
  },
  Mul(node) {
    const found = sides(node, steps.plusOne, steps.timesX, steps.half)
    if (!found) return undefined
    const { pending, other } = found
    const { step } = pending.state
    if (step !== steps.half && near(numberOf(other), 0.5))
      return step === steps.timesX ? done(node, pending) : next(pending, steps.half)
    const flow = flowOf(node, other)
    if (!flow) return undefined
    if (flow.node === pending.flow.node && step !== steps.timesX)
      return step === steps.half ? done(node, pending) : next(pending, steps.timesX)
    const scaled = node.network.scaledFrom(flow)
    return step === steps.plusOne && scaled?.node === pending.flow.node && near(scaled.factor, 0.5)
      ? done(node, pending)
      : undefined
  },
}
