// How long a sweep or a run will take: from what earlier runs with the same model took, else from the model's size and this machine's speed. Rough by nature.
import { descriptorOf, type LaneOptions } from '#contract/methods/methods.ts'
import type { RunSnapshot, RunSummary } from '#contract/tables/report.ts'

/** Runs that an estimate looks back at. */
export const lookBack = 60

/** Passes of a step in units of one forward pass, as `npm run bench` finds them (docs/benchmarks.md). */
export const relativeCost = (options: LaneOptions): number => descriptorOf(options.method).cost.passes(options)

export interface Measured {
  readonly model: string
  readonly options: LaneOptions
  readonly msPerImage: number
  /** How it was measured: side of the images, batch, the most that tensors took, and how much longer the run took than its steps, waiting for images. */
  readonly side: number
  readonly batch: number
  readonly peakBytes: number
  readonly waiting: number
  readonly run: number
}

/** What is asked of the store for it. */
export interface CostRecords {
  readonly steps: {
    costs(
      run: number,
    ): { readonly lane: string; readonly totalMs: number; readonly images: number; readonly peakBytes: number }[]
  }
  snapshotWithoutSteps(run: number): RunSnapshot
}

/** Every lane of the newest finished runs. */
export function measuredIn(store: CostRecords, runs: readonly RunSummary[]): Measured[] {
  return runs
    .filter(({ status }) => status === 'done')
    .slice(0, lookBack)
    .flatMap(({ id }) => measuredOf(store, store.snapshotWithoutSteps(id)))
}

/** Every lane of a finished run, from its snapshot. */
export function measuredOf(store: CostRecords, { run: { id, options }, plan, progress }: RunSnapshot): Measured[] {
  if (!plan) return []
  const waiting = 1 / (1 - Math.min(0.9, progress?.waitShare ?? 0))
  return store.steps.costs(id).flatMap(({ lane, totalMs, images, peakBytes }) => {
    const own = options.lanes.find((one) => one.id === lane)
    if (!own || images === 0) return []
    return [
      {
        model: plan.model.hash,
        options: own.options,
        msPerImage: totalMs / images,
        side: plan.model.inputSize.width,
        batch: options.batchSize,
        peakBytes,
        waiting,
        run: id,
      },
    ]
  })
}

/** Milliseconds for one image, from the nearest thing that was measured; null when nothing was on this model. */
export function msPerImage(options: LaneOptions, model: string, measured: readonly Measured[]): number | null {
  const same = measured.filter((one) => one.model === model && one.msPerImage > 0)
  const exact = same.find((one) => JSON.stringify(one.options) === JSON.stringify(options))
  if (exact) return exact.msPerImage
  const units = same.map((one) => one.msPerImage / relativeCost(one.options)).sort((a, b) => a - b)
  const unit = units[Math.floor(units.length / 2)]
  return unit === undefined ? null : unit * relativeCost(options)
}
