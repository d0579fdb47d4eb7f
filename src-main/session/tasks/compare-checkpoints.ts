// Two states of a run's weights tensor by tensor, on the host: no device, no TensorFlow. A checkpoint leaves out what equals the source model's tensor, which
// is taken from the model's file.
import type { CompareRequest, CompareResult, TensorDifference } from '#contract/compare/compare-checkpoints.ts'
import { PalmError } from '#contract/errors.ts'
import type { NamedArray } from '#engine/methods/method.ts'
import { describeModel, hashTensors } from '#engine/models/load.ts'
import { elementCount } from '#engine/models/model.ts'
import type { Store } from '#store/store.ts'
import { loadOptions, readModelFile } from '#session/open-model.ts'
import { decodeState } from '#session/state-blob.ts'

export type Difference = Pick<TensorDifference, 'relative' | 'largest' | 'cosine' | 'changedShare'>

/** Arrays of equal length. Sums are in double precision. */
export function differenceOf(a: Float32Array, b: Float32Array): Difference {
  let aa = 0
  let bb = 0
  let ab = 0
  let dd = 0
  let largest = 0
  let changed = 0
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number
    const y = b[i] as number
    const d = y - x
    aa += x * x
    bb += y * y
    ab += x * y
    dd += d * d
    if (d !== 0) changed += 1
    if (Math.abs(d) > largest) largest = Math.abs(d)
  }
  const finite = Number.isFinite(dd)
  return {
    relative: !finite ? null : dd === 0 ? 0 : aa > 0 ? Math.sqrt(dd / aa) : null,
    largest: finite ? largest : null,
    cosine: !finite || aa === 0 || bb === 0 ? null : dd === 0 ? 1 : ab / Math.sqrt(aa * bb),
    changedShare: a.length > 0 ? changed / a.length : 0,
  }
}

/** @throws PalmError `checkpoint-not-found`, `run-not-found`, `model-unreadable` */
export async function compareCheckpoints(
  store: Store,
  resourcesFolder: string,
  { run, a, b }: CompareRequest,
): Promise<CompareResult> {
  const options = store.runs.options(run)
  const deltaOf = (id: number | null) =>
    id === null ? new Map<string, NamedArray>() : weightsOf(store.checkpoints.delta(run, id).delta, `checkpoint ${id}`)
  const [first, second] = [deltaOf(a), deltaOf(b)]
  const file = await readModelFile(options.model, resourcesFolder)
  const description = describeModel(file.contents, loadOptions(file.path, options.model))
  const plan = store.runs.plan(run)
  if (plan && plan.model.hash !== hashTensors(description.values))
    throw new PalmError(
      'model-unreadable',
      `The weights in ${file.path} have changed since the run: its checkpoints do not fit them any more.`,
    )
  const source = description.values
  const added = (plan?.lanes ?? []).flatMap(({ tensors }) => tensors).filter(({ name }) => !source.has(name))
  const tensors = [
    ...description.tensors.map(({ name, kind, block, shape }) => ({
      name,
      kind,
      block,
      elements: elementCount(shape),
    })),
    ...new Map(added.map((tensor) => [tensor.name, tensor])).values(),
  ]
  const rows: TensorDifference[] = []
  const unmatched: string[] = []
  for (const { name, kind, block, elements } of tensors) {
    const [x, y] = [first.get(name) ?? source.get(name), second.get(name) ?? source.get(name)]
    if (!x || !y || x.data.length !== y.data.length) {
      if (x || y) unmatched.push(name)
      continue
    }
    // Neither is the lane's own: both are the source's very array.
    const same: Difference = { relative: 0, largest: 0, cosine: 1, changedShare: 0 }
    rows.push({ name, kind, block, elements, ...(x === y ? same : differenceOf(x.data, y.data)) })
  }
  return { rows, unmatched }
}

function weightsOf(delta: Uint8Array, what: string): Map<string, NamedArray> {
  const prefix = 'param/'
  return new Map(
    [...decodeState(delta, what).arrays].flatMap(([key, array]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), array] as const] : [],
    ),
  )
}
