// The values of every tensor that a lane adapts, source against a state that is written down, as histograms over the same bins. Reads the model's file and the
// delta; needs no device. Takes a while for a large model: run-task.ts has it in a process of its own.
import { PalmError } from '#contract/errors.ts'
import {
  histogramBins,
  type TensorStatistics,
  type TensorValues,
  type TensorsAnswer,
  type TensorsRequest,
} from '#contract/columns/layers.ts'
import { describeModel, hashTensors } from '#engine/models/load.ts'
import type { Store } from '#store/store.ts'
import { loadOptions, readModelFile } from '#session/open-model.ts'
import { decodeState } from '#session/state-blob.ts'

/** @throws PalmError `checkpoint-not-found`, `run-not-found`, `model-unreadable`, `bad-request` */
export async function tensorValues(
  store: Store,
  resourcesFolder: string,
  { run, lane, checkpoint }: TensorsRequest,
): Promise<TensorsAnswer> {
  const options = store.runs.options(run)
  const plan = store.runs.plan(run)
  const tensors = plan?.lanes.find(({ id }) => id === lane)?.tensors
  if (!plan || !tensors) throw new PalmError('bad-request', `Run ${run} has no lane ${lane} yet.`)
  const found = stateOf(store, run, lane, checkpoint)
  if (!found) return { step: null, checkpoint: null, tensors: [] }
  const file = await readModelFile(options.model, resourcesFolder)
  const { values } = describeModel(file.contents, loadOptions(file.path, options.model))
  if (plan.model.hash !== hashTensors(values))
    throw new PalmError(
      'model-unreadable',
      `The weights in ${file.path} have changed since the run: there is nothing to compare its tensors with.`,
    )
  const { arrays } = decodeState(
    found.bytes,
    found.id === null ? `the state of lane ${lane} after step ${found.step}` : `checkpoint ${found.id}`,
  )
  return {
    step: found.step,
    checkpoint: found.id,
    tensors: tensors.map(({ name }) => {
      const source = values.get(name) ?? null
      const now = arrays.get(`param/${name}`) ?? source
      return compare(name, source?.shape ?? now?.shape ?? [], source?.data ?? null, now?.data ?? null)
    }),
  }
}

interface WrittenState {
  readonly step: number
  /** Null: the one that the run is resumed from. */
  readonly id: number | null
  readonly bytes: Uint8Array
}

function stateOf(
  store: Store,
  run: number,
  lane: string,
  checkpoint: TensorsRequest['checkpoint'],
): WrittenState | null {
  if (checkpoint !== 'now') {
    const { info, delta } = store.checkpoints.delta(run, checkpoint)
    if (info.lane !== lane) throw new PalmError('bad-request', `Checkpoint ${checkpoint} belongs to lane ${info.lane}.`)
    return { step: info.step, id: info.id, bytes: delta }
  }
  const last = store.checkpoints
    .list(run)
    .filter((info) => info.lane === lane)
    .at(-1)
  const resume = store.checkpoints.resumeStates(run).find((row) => row.lane === lane)
  if (resume && resume.step > (last?.step ?? -1)) return { step: resume.step, id: null, bytes: resume.state }
  return last ? { step: last.step, id: last.id, bytes: store.checkpoints.delta(run, last.id).delta } : null
}

/** Bins over both from the least to the most value that either has. */
export function compare(
  name: string,
  shape: readonly number[],
  source: Float32Array | null,
  now: Float32Array | null,
): TensorValues {
  const [a, b] = [source && extent(source), now && extent(now)]
  let low = Math.min(a?.min ?? Infinity, b?.min ?? Infinity)
  let high = Math.max(a?.max ?? -Infinity, b?.max ?? -Infinity)
  if (!(low <= high)) [low, high] = [0, 0]
  if (low === high) {
    const room = Math.max(Math.abs(low) * 0.01, 1e-6)
    low -= room
    high += room
  }
  return {
    name,
    shape: [...shape],
    low,
    high,
    source: source && a ? { ...a, bins: binned(source, low, high) } : null,
    now: now && b ? { ...b, bins: binned(now, low, high) } : null,
    change: source && now && a && b ? relativeChange(source, now) : null,
  }
}

/** Null when it holds a number that is none. */
function extent(data: Float32Array): Omit<TensorStatistics, 'bins'> | null {
  let sum = 0
  let min = Infinity
  let max = -Infinity
  for (const value of data) {
    sum += value
    if (value < min) min = value
    if (value > max) max = value
  }
  if (data.length === 0 || !Number.isFinite(sum)) return null
  const mean = sum / data.length
  let squares = 0
  for (const value of data) squares += (value - mean) ** 2
  return { mean, std: Math.sqrt(squares / data.length), min, max }
}

function binned(data: Float32Array, low: number, high: number): number[] {
  const bins = new Array<number>(histogramBins).fill(0)
  const scale = histogramBins / (high - low)
  for (const value of data) {
    const bin = Math.min(histogramBins - 1, Math.max(0, Math.floor((value - low) * scale)))
    bins[bin] = (bins[bin] as number) + 1
  }
  return bins
}

function relativeChange(source: Float32Array, now: Float32Array): number | null {
  let distance = 0
  let norm = 0
  for (let i = 0; i < source.length; i++) {
    distance += ((now[i] as number) - (source[i] as number)) ** 2
    norm += (source[i] as number) ** 2
  }
  const change = Math.sqrt(distance / norm)
  return distance === 0 ? 0 : Number.isFinite(change) ? change : null
}
