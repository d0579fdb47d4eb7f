// What a run will take: time from measured speeds of earlier runs (the same that a sweep's plan rests on), memory and disk from what those took, else from
// the model's size. Rules of thumb are named where they stand; they come from `npm run bench` and from runs of every method on the sample.
import { statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import type { Estimate, EstimateBasis, EstimateRequest } from '#contract/runs/run-estimate.ts'
import { descriptorOf, type LaneOptions } from '#contract/methods/methods.ts'
import {
  lookBack,
  measuredOf,
  msPerImage,
  relativeCost,
  type CostRecords,
  type Measured,
} from '#app/services/sweeps/sweep-estimate.ts'

export interface EstimateAbilities {
  /** The bundled model, which the first launch measures. */
  sampleModel(): Promise<{ readonly hash: string; readonly flops: number }>
  /** This machine's speed at a convolution; null when it cannot be measured. Seconds, hence asked once. */
  gigaflops(): Promise<number | null>
}

export interface EstimateParts {
  readonly store: CostRecords & { readonly runs: { latestDone(limit: number): number[] } }
  readonly runs: { readonly activeRuns: readonly number[] }
  readonly abilities: EstimateAbilities
  readonly dataFolder: string
}

/** From starting the process to the first step. */
const startMs = { low: 2000, high: 8000 } as const
/** How far the truth may lie from what was found, by where it was found. */
const spread: Readonly<Record<Exclude<EstimateBasis, 'none'>, { readonly low: number; readonly high: number }>> = {
  same: { low: 0.8, high: 1.3 },
  like: { low: 0.6, high: 1.7 },
  'other-model': { low: 0.5, high: 2.2 },
  machine: { low: 0.4, high: 2.5 },
}
/** Node, the native library and its threads. */
const processBytes = 450 * 2 ** 20
/** Decoded images that the workers keep, and batches ahead of the device (stream/image-maker.ts, stream/planned-stream.ts). */
const mostCacheBytes = 256 * 2 ** 20
/** What allocators and convolutions take beside the tensors. */
const overhead = 1.25
/** Of a step report and a layer report. */
const stepRowBytes = 1500

const costOf = (options: LaneOptions) => descriptorOf(options.method).cost

/** What a lane keeps between steps, and a checkpoint of it holds at most, bytes. */
function stateBytes(options: LaneOptions, model: EstimateRequest['model']): number {
  const { state } = costOf(options)
  return state === null ? 0 : state.times(options) * (state.of === 'norm' ? model.normBytes : model.adaptableBytes)
}

export class RunEstimates {
  private readonly parts: EstimateParts
  private speed: Promise<number | null> | null = null
  private sample: Promise<{ readonly hash: string; readonly flops: number }> | null = null
  /** A finished run does not change: each is read once. */
  private readonly told = new Map<number, Told>()

  constructor(parts: EstimateParts) {
    this.parts = parts
  }

  async estimate(request: EstimateRequest): Promise<Estimate> {
    const known = this.known()
    const measured = known.flatMap((told) => told.measured)
    const [time, disk] = await Promise.all([this.time(request, measured), this.disk(request, known)])
    return { ...time, memory: memoryOf(request, measured), disk }
  }

  private known(): Told[] {
    const { store } = this.parts
    return store.runs.latestDone(lookBack).map((run) => {
      const told = this.told.get(run) ?? tell(store, run)
      this.told.set(run, told)
      return told
    })
  }

  private async time(
    request: EstimateRequest,
    measured: readonly Measured[],
  ): Promise<Pick<Estimate, 'ms' | 'basis' | 'runs'>> {
    const own = nearest(
      measured.filter(({ model, msPerImage: ms }) => model === request.model.hash && ms > 0),
      request,
    )
    const total = (perImage: readonly (number | null)[]): number | null =>
      perImage.reduce<number | null>((sum, ms) => (sum === null || ms === null ? null : sum + ms * request.images), 0)
    // Other sizes of images cost by their pixels.
    const scaled = own.map((one) => ({
      ...one,
      msPerImage: one.side > 0 && request.side > 0 ? one.msPerImage * (request.side / one.side) ** 2 : one.msPerImage,
    }))
    const found = total(request.lanes.map((options) => msPerImage(options, request.model.hash, scaled)))
    if (found !== null) {
      const exact = request.lanes.every((options) =>
        own.some((one) => JSON.stringify(one.options) === JSON.stringify(options) && one.side === request.side),
      )
      return answer(
        found * middle(own.map(({ waiting }) => waiting)),
        exact ? 'same' : 'like',
        new Set(own.map(({ run }) => run)).size,
      )
    }
    const sample = await (this.sample ??= this.parts.abilities.sampleModel()).catch(() => null)
    const others = measured.filter(({ model, msPerImage: ms }) => model === sample?.hash && ms > 0)
    if (sample && sample.flops > 0 && others.length > 0) {
      const perFlop = total(request.lanes.map((options) => msPerImage(options, sample.hash, others)))
      if (perFlop !== null)
        return answer(
          (perFlop * request.model.flops) / sample.flops,
          'other-model',
          new Set(others.map(({ run }) => run)).size,
        )
    }
    const speed = this.parts.runs.activeRuns.length === 0 ? await this.measureSpeed() : null
    if (speed === null) return { ms: null, basis: 'none', runs: 0 }
    // Half of a lone convolution's speed is what whole steps reach.
    return answer(
      request.lanes.reduce(
        (sum, options) => sum + (relativeCost(options) * request.model.flops * request.images) / (speed * 0.5e6),
        0,
      ),
      'machine',
      0,
    )
  }

  /** Once; a failure is tried again at the next question. */
  private measureSpeed(): Promise<number | null> {
    this.speed ??= this.parts.abilities.gigaflops().then((speed) => {
      if (speed === null) this.speed = null
      return speed
    })
    return this.speed
  }

  private async disk(request: EstimateRequest, known: readonly Told[]): Promise<Estimate['disk']> {
    const sizes = new Map<string, number>()
    for (const { model, checkpoints } of known)
      if (model === request.model.hash)
        for (const [method, bytes] of checkpoints) sizes.set(method, Math.max(sizes.get(method) ?? 0, bytes))
    const adapting = request.lanes.filter((options) => costOf(options).state !== null)
    const checkpoint = (options: LaneOptions) => sizes.get(options.method) ?? stateBytes(options, request.model)
    const steps = Math.ceil(request.images / request.batchSize) + request.domains
    return {
      bytes: Math.round(
        adapting.reduce((sum, options) => sum + (request.domains + 1) * checkpoint(options), 0) +
          steps * request.lanes.length * stepRowBytes,
      ),
      measured: adapting.every(({ method }) => sizes.has(method)),
      freeBytes: await statfs(this.parts.dataFolder).then(
        ({ bavail, bsize }) => bavail * bsize,
        () => null,
      ),
    }
  }
}

/** What a finished run tells. */
interface Told {
  readonly model: string | null
  readonly measured: readonly Measured[]
  /** The largest of each method. */
  readonly checkpoints: ReadonlyMap<string, number>
}

function tell(store: CostRecords, run: number): Told {
  const snapshot = store.snapshotWithoutSteps(run)
  const checkpoints = new Map<string, number>()
  for (const { lane, sizeBytes } of snapshot.checkpoints) {
    const method = snapshot.run.options.lanes.find(({ id }) => id === lane)?.options.method
    if (method !== undefined) checkpoints.set(method, Math.max(checkpoints.get(method) ?? 0, sizeBytes))
  }
  return { model: snapshot.plan?.model.hash ?? null, measured: measuredOf(store, snapshot), checkpoints }
}

/** Those measured at the size and batch that come nearest, so that a small batch's slowness is not taken for a large one's. */
function nearest(own: readonly Measured[], { side, batchSize }: EstimateRequest): Measured[] {
  const sameSide = own.filter((one) => one.side === side)
  const pool = sameSide.length > 0 ? sameSide : own
  const far = ({ batch }: Measured) => Math.abs(Math.log(batch / batchSize))
  const least = Math.min(...pool.map(far))
  return pool.filter((one) => far(one) <= least + Math.log(2))
}

/** The most that is alive at once: every lane's state, and the largest step of one; lanes take turns. */
export function memoryOf(request: EstimateRequest, measured: readonly Measured[]): Estimate['memory'] {
  const { model, side, batchSize, window } = request
  const rows = Math.max(batchSize, window ?? 0) / batchSize
  const step = Math.max(0, model.stepBytes - 4 * model.weightBytes) * rows
  const state = (options: LaneOptions) =>
    costOf(options).state === null ? 0 : stateBytes(options, model) + model.weightBytes
  const ruled = (options: LaneOptions) => costOf(options).stepMemory * step
  // What earlier steps of this model took beside what the rule says for them, at the same size.
  const ratios = measured
    .filter((one) => one.model === model.hash && one.side === side && one.peakBytes > 0 && ruled(one.options) > 0)
    .map((one) => one.peakBytes / (ruled(one.options) * (one.batch / (batchSize * rows)) + model.weightBytes))
  const factor =
    ratios.length > 0
      ? Math.min(4, Math.max(0.25, ratios.toSorted((a, b) => a - b)[Math.floor(0.8 * ratios.length)] ?? 1))
      : 1
  const tensors =
    model.weightBytes +
    request.lanes.reduce((sum, options) => sum + state(options), 0) +
    factor * Math.max(...request.lanes.map(ruled))
  const imageBytes = side * side * 3
  const images = Math.min(mostCacheBytes, request.distinctImages * imageBytes) + 4 * batchSize * imageBytes
  return {
    bytes: Math.round(processBytes + overhead * tensors + images),
    measured: ratios.length > 0,
    freeBytes: process.availableMemory(),
    totalBytes: Math.min(totalmem(), process.constrainedMemory() || Infinity),
  }
}

const answer = (
  ms: number,
  basis: Exclude<EstimateBasis, 'none'>,
  runs: number,
): Pick<Estimate, 'ms' | 'basis' | 'runs'> => ({
  ms: { low: startMs.low + spread[basis].low * ms, high: startMs.high + spread[basis].high * ms },
  basis,
  runs,
})

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 1
