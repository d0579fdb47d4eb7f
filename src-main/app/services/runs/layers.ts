// A stretch of a lane's layer reports as columns, read in slices: between them the program answers whatever else is asked, however long the run is.
import { PalmError } from '#contract/errors.ts'
import { LayerColumns, eachQuantity, type LayerValues } from '#contract/columns/layer-columns.ts'
import { fitsAnswer, type LayersAnswer, type LayersRequest } from '#contract/columns/layers.ts'
import type { RunPlan } from '#contract/tables/report.ts'
import { layerArrays, type LayerArrays } from '#store/codecs/layer-blob.ts'

export interface LayerRecords {
  readonly runs: {
    /** Throws `run-not-found`. */
    get(run: number): { readonly step: number }
    plan(run: number): RunPlan | null
  }
  readonly steps: {
    layerBlobs(
      run: number,
      lane: string,
      from: number,
      to: number,
    ): { readonly step: number; readonly layers: Uint8Array }[]
  }
}

/** Rows read at once: a few milliseconds. */
const slice = 128

/** @throws PalmError `run-not-found`, `bad-request` */
export async function readLayers(
  store: LayerRecords,
  { run, lane, from, to, columns, tensor }: LayersRequest,
): Promise<LayersAnswer> {
  const { step: until } = store.runs.get(run)
  const tensors = store.runs.plan(run)?.lanes.find(({ id }) => id === lane)?.tensors.length ?? 0
  if (tensor !== null && tensor >= tensors)
    throw new PalmError(
      'bad-request',
      `Lane ${lane} of run ${run} adapts ${tensors} tensors: there is no number ${tensor}.`,
    )
  const wanted = tensor === null ? tensors : 1
  if (!fitsAnswer(columns, wanted))
    throw new PalmError(
      'bad-request',
      `${columns} columns of ${wanted} tensors are more than one answer holds: ask for fewer columns.`,
    )
  const reduced = new LayerColumns({ from, to, columns, tensors: wanted })
  const end = Math.min(to, until)
  const unread: number[] = []
  for (let at = from; at < end; at += slice) {
    for (const { step, layers } of store.steps.layerBlobs(run, lane, at, Math.min(at + slice, end))) {
      const values = readable(layers)
      // A report of other tensors than the lane's is damaged as one that cannot be read.
      if (values?.states.length !== tensors) unread.push(step)
      else reduced.add(step, tensor === null ? values : only(values, tensor))
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  const [first] = unread
  const damaged = first === undefined ? null : { steps: unread.length, first }
  return { ...answerOf(reduced, until), damaged }
}

/** Null where it is damaged: one report keeps no other from being read. */
function readable(bytes: Uint8Array): LayerArrays | null {
  try {
    return layerArrays(bytes)
  } catch (thrown) {
    if (thrown instanceof PalmError && thrown.code === 'store-damaged') return null
    throw thrown
  }
}

function only(values: LayerValues, tensor: number): LayerValues {
  const one = <T>(array: ArrayLike<T>): ArrayLike<T> => [array[tensor] as T]
  return {
    states: one(values.states),
    scores: one(values.scores),
    importances: one(values.importances),
    learningRates: one(values.learningRates),
    changes: values.changes && one(values.changes),
  }
}

function answerOf(reduced: LayerColumns, until: number): Omit<LayersAnswer, 'damaged'> {
  const { from, to, columns, tensors, ranges } = reduced
  return {
    from,
    to,
    columns,
    tensors,
    until,
    steps: base64(reduced.steps),
    means: eachQuantity((quantity) => base64(reduced.means[quantity])),
    moved: base64(reduced.moved),
    states: base64(reduced.states),
    ranges: eachQuantity((quantity) => (ranges[quantity].least <= ranges[quantity].most ? ranges[quantity] : null)),
  }
}

const base64 = ({ buffer, byteOffset, byteLength }: Float32Array | Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')
