// Finds the state dict in what a PyTorch file holds: by itself, or under a usual key of a checkpoint.
import { isKind, type PickleDict, type PickleValue } from './pickle-values.ts'
import { viewOf } from './torch-objects.ts'

const likelyKeys = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'net',
  'network',
  'state_dict_ema',
  'model_ema',
  'ema_state_dict',
  'ema',
  'params',
  'params_ema',
  'weights',
  'classifier',
  'module',
]
/** Moments of an optimizer are tensors too. */
const neverWeights = /optim|sched|scaler|moment|buffer|rng|random/i

/** The dict that holds tensors: this one, or one under a usual key. */
export function stateDictIn(value: PickleValue, depth: number, seen: Set<PickleDict>): PickleDict | null {
  // A dict may hold itself, and be found by many ways.
  if (!isKind(value, 'dict') || depth > 4 || seen.has(value)) return null
  seen.add(value)
  const tensors = [...value.entries.values()].filter((entry) => viewOf(entry)).length
  if (tensors >= 2) return value
  for (const key of likelyKeys) {
    const inner = value.entries.get(key)
    const found = inner === undefined ? null : stateDictIn(inner, depth + 1, seen)
    if (found) return found
  }
  if (tensors > 0) return value
  for (const [key, inner] of value.entries) {
    const found =
      typeof key === 'string' && !likelyKeys.includes(key) && !neverWeights.test(key)
        ? stateDictIn(inner, depth + 1, seen)
        : null
    if (found) return found
  }
  return null
}
