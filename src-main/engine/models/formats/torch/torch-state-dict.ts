// Finds the state dict in what a PyTorch file holds: by itself, under a usual key of a checkpoint, or, where only one thing in the file can be one, under
// any other. What else has tensors is named, so that it can be said that it was left out.
import { PalmError } from '#contract/errors.ts'
import { isKind, type PickleDict, type PickleValue } from './pickle-values.ts'
import { foreignReason, viewOf } from './torch-objects.ts'

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
const neverWeights = /optim|sched|scaler|moment|buffer|rng|random|callback|metric|loop/i
/** Averages of the weights that were kept beside them. */
const averages = /(^|[_.])(ema|swa|avg|averaged?|shadow)([_.]|$)/i

export interface StateDictFound {
  readonly entries: PickleDict['entries']
  /** Keys beside it below which there are tensors. */
  readonly besides: readonly string[]
  /** What stands under a key in the dicts that it lies in, the nearest first. */
  readonly beside: (key: string) => PickleValue | undefined
}

type Path = readonly (string | number)[]

interface Candidate {
  readonly path: Path
  readonly dict: PickleDict
  /** The dicts that it lies in, the nearest first. */
  readonly within: readonly PickleDict[]
  /** Tensors that are more than one number: a checkpoint's best accuracy may be a tensor too. */
  readonly weights: number
}

/**
 * Null where there is none.
 * @throws PalmError `model-unsupported` where two things in the file can be the state dict, and nothing says which
 */
export function stateDictIn(value: PickleValue, fileName: string): StateDictFound | null {
  const search = new Search()
  search.visit(value, [])
  const found = chosen(search.candidates, fileName)
  if (!found) return null
  return {
    entries: found.dict.entries,
    besides: besides(search.places, found.path),
    beside: (key) => found.within.map(({ entries }) => entries.get(key)).find((entry) => entry !== undefined),
  }
}

class Search {
  /** A dict may hold itself, and be found by many ways. */
  private readonly seen = new Set<PickleValue>()
  readonly candidates: Candidate[] = []
  /** Of every tensor. */
  readonly places: Path[] = []

  visit(value: PickleValue, path: Path, within: readonly PickleDict[] = []): void {
    if (path.length > 5 || this.seen.has(value)) return
    const entries: Iterable<[string | number, PickleValue]> | null = isKind(value, 'dict')
      ? value.entries
      : isKind(value, 'list')
        ? value.items.entries()
        : null
    if (!entries) return
    this.seen.add(value)
    const inside = isKind(value, 'dict') ? [value, ...within] : within
    let tensors = 0
    let weights = 0
    for (const [key, entry] of entries) {
      const view = viewOf(entry)
      if (view || foreignReason(entry) !== null) {
        tensors += 1
        this.places.push([...path, key])
      } else if (isKind(entry, 'dict') || isKind(entry, 'list')) this.visit(entry, [...path, key], inside)
      if (view && view.shape.reduce((product, n) => product * n, 1) > 1) weights += 1
    }
    if (tensors > 0 && isKind(value, 'dict')) this.candidates.push({ path, dict: value, within, weights })
  }
}

function chosen(candidates: readonly Candidate[], fileName: string): Candidate | null {
  const whole = candidates.find(({ path }) => path.length === 0) ?? null
  const inner = candidates.filter(
    ({ path, weights }) => path.length > 0 && weights > 0 && !path.some((key) => neverWeights.test(String(key))),
  )
  const most = Math.max(0, ...inner.map(({ weights }) => weights))
  // Tensors that lie at a checkpoint's top beside a state dict are fewer than its own.
  if (whole && whole.weights > most) return whole
  // Half as many as the largest has may be a network as well; what has fewer belongs to training.
  const large = inner.filter(({ weights }) => 2 * weights >= most)
  const likely = large
    .filter(({ path }) => path.every((key) => likelyKeys.includes(String(key))))
    .sort((a, b) => byUsage(a.path, b.path))
  if (likely[0]) return likely[0]
  const own = large.filter(({ path }) => !path.some((key) => averages.test(String(key))))
  if (own.length > 1)
    throw new PalmError(
      'model-unsupported',
      `${fileName} holds more than one thing that can be the weights (${own.map(({ path }) => `“${path.join('.')}”`).join(', ')}), and nothing says which is meant. Save the right one by itself: torch.save(checkpoint${(own[0]?.path ?? []).map((key) => `[${JSON.stringify(key)}]`).join('')}, "model.pth").`,
    )
  return own[0] ?? large[0] ?? whole
}

/** In the order of the keys; of two ways the one that ends first. */
function byUsage(a: Path, b: Path): number {
  const places = (path: Path) => path.map((key) => likelyKeys.indexOf(String(key)))
  const [mine, theirs] = [places(a), places(b)]
  const first = mine.findIndex((place, i) => place !== theirs[i])
  return first < 0 ? mine.length - theirs.length : (mine[first] ?? 0) - (theirs[first] ?? -1)
}

/** The keys where the ways to other tensors leave the way to the one that was found. */
function besides(places: readonly Path[], found: Path): string[] {
  const keys = new Set<string>()
  for (const place of places) {
    const at = found.findIndex((key, i) => key !== place[i])
    if (at >= 0) keys.add(place.slice(0, at + 1).join('.'))
  }
  return [...keys]
}
