// The lanes of a session: each method with the window of images that it sees and the watch over what it predicts.
import type { Collapse, StepReport } from '#contract/tables/report.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows } from '#engine/compute/losses.ts'
import type { Method, NamedArray, StepResult } from '#engine/methods/method.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import { createMethod } from '#engine/methods/registry.ts'
import type { SourceImages } from '#engine/methods/parts/source-images.ts'
import type { Model } from '#engine/models/model.ts'
import { seedFrom } from '#stream/batcher.ts'
import type { StreamBatch } from '#stream/stream.ts'
import { byRunningStatistics, type Thresholds } from './measures/accuracy-estimate.ts'
import { CollapseWatch, effectiveClasses } from './measures/collapse-watch.ts'
import { RelativeChanges, withChanges } from './measures/relative-changes.ts'
import { decodeState, encodeState } from './state-blob.ts'
import { inParts, stepInParts } from './batch/step-in-parts.ts'
import { stepReport } from './measures/step-report.ts'

export interface Lane {
  readonly id: string
  readonly method: Method
  readonly watch: CollapseWatch
  readonly changes: RelativeChanges
}

/** @throws PalmError `method-unsupported` */
export function makeLanes(
  device: Device,
  model: Model,
  options: RunOptions,
  source: SourceImages | null,
  imagesPerDomain: number,
): Lane[] {
  // Where labels come in order, few classes in a row are nothing odd: a whole domain is looked at.
  const usual = Math.max(100, 2 * model.classes)
  const window = options.schedule === 'correlated' ? Math.max(usual, imagesPerDomain) : usual
  return options.lanes.map((lane) => {
    // By method, not by lane: the same settings give the same numbers in any run, which is what lets a sweep keep its cells.
    const method = createMethod(
      device,
      model,
      lane.options,
      seedFrom(options.seed, 'lane', lane.options.method),
      source,
    )
    return {
      id: lane.id,
      method,
      watch: new CollapseWatch(model.classes, window),
      changes: new RelativeChanges(device, model),
    }
  })
}

export const laneState = async (
  lane: Lane,
  unchanged: (name: string, array: NamedArray) => boolean,
): Promise<Uint8Array> => encodeState(await lane.method.state(), unchanged, lane.watch.state())

export function restoreLane(lane: Lane, blob: Uint8Array, what: string): void {
  const { watch, ...state } = decodeState(blob, what)
  lane.method.restore(state)
  lane.watch.restore(watch)
}

/** The last images of the stream, which every lane sees at each step. */
export class ImageWindow {
  private readonly size: number
  private pixels = new Uint8Array(0)

  /** `size` in images. */
  constructor(size: number) {
    this.size = size
  }

  /** The window with this batch at its end. */
  push(batch: StreamBatch): { readonly pixels: Uint8Array; readonly images: number } {
    const bytes = batch.height * batch.width * 3
    const all = new Uint8Array(this.pixels.length + batch.pixels.length)
    all.set(this.pixels, 0)
    all.set(batch.pixels, this.pixels.length)
    const most = Math.max(this.size, batch.ids.length) * bytes
    this.pixels = all.subarray(Math.max(0, all.length - most))
    return { pixels: this.pixels, images: this.pixels.length / bytes }
  }

  /** As it was left by the last `push`. */
  get all(): Uint8Array {
    return this.pixels
  }

  clear(): void {
    this.pixels = new Uint8Array(0)
  }
}

export interface SteppedLanes {
  readonly reports: StepReport[]
  readonly results: Map<string, StepResult>
  readonly collapses: { readonly lane: Lane; readonly kind: Collapse['kind'] }[]
}

interface StepParts {
  readonly window: ImageWindow | null
  /** Images of the run up to and with this batch. */
  readonly seen: number
  readonly limits?: Thresholds | null
  /** In which the batch is taken, one after the other. */
  readonly parts?: number
}

/** One step of every lane on a batch; with a window, only the batch's own predictions are reported. */
export async function stepLanes(
  device: Device,
  model: Model,
  batch: StreamBatch,
  lanes: readonly Lane[],
  { window, seen, limits = null, parts = 1 }: StepParts,
): Promise<SteppedLanes> {
  const n = batch.ids.length
  const { pixels, images } = window?.push(batch) ?? { pixels: batch.pixels, images: n }
  const xs = inParts(images, parts).map(([from, to]) => {
    const bytes = batch.height * batch.width * 3
    return device.fromBytes(pixels.subarray(from * bytes, to * bytes), [to - from, batch.height, batch.width, 3])
  })
  const stepped: SteppedLanes = { reports: [], results: new Map(), collapses: [] }
  try {
    for (const lane of lanes) {
      const begun = performance.now()
      device.takePeakBytes()
      const whole = await stepInParts(lane.method, xs)
      const result = images > n ? lastOf(whole, n) : whole
      const report = stepReport(
        lane.id,
        batch,
        result,
        seen,
        performance.now() - begun,
        device.takePeakBytes(),
        limits && (byRunningStatistics.includes(lane.method.id) ? limits.running : limits.batch),
      )
      stepped.reports.push(await withChanges(report, lane.changes, lane.method))
      stepped.results.set(lane.id, result)
      const kind =
        lane.method.adapts().length > 0
          ? lane.watch.see(
              result.predictions,
              result.logits.every(Number.isFinite) && Object.values(result.losses).every(Number.isFinite),
            )
          : null
      if (kind === 'few-classes' && !(await lostClasses(device, model, xs, lane, whole))) lane.watch.dismiss()
      else if (kind) stepped.collapses.push({ lane, kind })
    }
  } finally {
    for (const x of xs) x.dispose()
  }
  const unadapted = stepped.results.get(lanes.find(({ method }) => method.id === 'source')?.id ?? '')
  if (!unadapted) return stepped
  const agreement = (lane: string) => {
    const same =
      stepped.results.get(lane)?.predictions.filter((label, i) => label === unadapted.predictions[i]).length ?? 0
    return same / n
  }
  return { ...stepped, reports: stepped.reports.map((report) => ({ ...report, agreement: agreement(report.lane) })) }
}

/** Of the classes that the unadapted model sees in the same images, a collapsed lane has at most this share left. */
const lostShare = 0.6

/** Whether it is the adaptation, and not the images: the unadapted model sees more classes in them. Asked only when the watch is alarmed. */
async function lostClasses(
  device: Device,
  model: Model,
  xs: readonly DeviceTensor[],
  lane: Lane,
  result: StepResult,
): Promise<boolean> {
  const labels: number[] = []
  for (const x of xs) {
    const pixels = device.scale(x, 1 / 255)
    const { values } = await predict(device, model, model.parameters, pixels, {
      statistics: byRunningStatistics.includes(lane.method.id) ? 'source' : 'batch',
    })
    pixels.dispose()
    labels.push(...argMaxRows(values, model.classes))
  }
  const classes = (these: Iterable<number>) => {
    const counts = new Array<number>(model.classes).fill(0)
    for (const label of these) counts[label] = (counts[label] as number) + 1
    return effectiveClasses(counts)
  }
  return classes(result.predictions) <= lostShare * classes(labels)
}

function lastOf(result: StepResult, n: number): StepResult {
  const { classes, logits, predictions, keptMask } = result
  const mask = keptMask?.slice(-n) ?? null
  return {
    ...result,
    logits: logits.slice(-n * classes),
    predictions: predictions.slice(-n),
    keptMask: mask,
    kept: mask ? mask.filter(Boolean).length : null,
  }
}
