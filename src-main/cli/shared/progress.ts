// The progress line of a run on a terminal: a bar, the domain, images per second, time left, each lane's error so far.
// Pure, but for what draws the line in place.
import type { RunEvent, RunPlan, StepReport } from '#contract/tables/report.ts'

export interface ProgressState {
  readonly plan: RunPlan | null
  readonly status: string
  readonly step: number
  readonly totalSteps: number
  readonly domain: number
  readonly imagesPerSecond: number
  readonly etaMs: number | null
  /** Per lane, over the whole run so far. */
  readonly counts: ReadonlyMap<string, LaneCount>
}

export interface LaneCount {
  readonly images: number
  readonly labelled: number
  readonly correct: number
  /** Sum over the images of the largest probability. */
  readonly confidence: number
}

const nothing: LaneCount = { images: 0, labelled: 0, correct: 0, confidence: 0 }

export const counted = (
  before: LaneCount | undefined,
  report: Pick<StepReport, 'images' | 'labelled' | 'correct' | 'meanConfidence'>,
): LaneCount => {
  const { images, labelled, correct, confidence } = before ?? nothing
  return {
    images: images + report.images,
    labelled: labelled + report.labelled,
    correct: correct + report.correct,
    confidence: confidence + report.images * report.meanConfidence,
  }
}

export const noProgress: ProgressState = {
  plan: null,
  status: 'starting',
  step: 0,
  totalSteps: 0,
  domain: 0,
  imagesPerSecond: 0,
  etaMs: null,
  counts: new Map(),
}

export function advance(state: ProgressState, event: RunEvent): ProgressState {
  switch (event.event) {
    case 'plan':
      return { ...state, plan: event.plan, totalSteps: event.plan.totalSteps }
    case 'status':
      return { ...state, status: event.status }
    case 'step': {
      const counts = new Map(state.counts)
      for (const report of event.reports) counts.set(report.lane, counted(counts.get(report.lane), report))
      const { step, totalSteps, imagesPerSecond, etaMs } = event.progress
      return {
        ...state,
        step,
        totalSteps,
        imagesPerSecond,
        etaMs,
        domain: event.reports[0]?.domain ?? state.domain,
        counts,
      }
    }
    case 'skipped':
    case 'preview':
    case 'domain':
    case 'checkpoint':
    case 'forgotten':
    case 'collapse':
    case 'options':
      return state
  }
}

/** One line of at most `width` characters. */
export function progressLine(state: ProgressState, width: number): string {
  const { plan } = state
  if (!plan || state.totalSteps === 0)
    return `${state.status === 'starting' ? 'opening model and images' : state.status} …`.slice(0, width)
  const share = Math.min(1, state.step / state.totalSteps)
  const filled = Math.round(share * 20)
  const errors = plan.lanes.flatMap((lane) => {
    const count = state.counts.get(lane.id)
    return count && count.labelled > 0
      ? [`${lane.label} ${((100 * (count.labelled - count.correct)) / count.labelled).toFixed(1)}`]
      : []
  })
  const unlabelled = [...state.counts.values()].every(({ labelled }) => labelled === 0)
  const confidences = plan.lanes.flatMap((lane) => {
    const count = state.counts.get(lane.id)
    return unlabelled && count && count.images > 0
      ? [`${lane.label} ${((100 * count.confidence) / count.images).toFixed(1)}`]
      : []
  })
  const parts = [
    `[${'#'.repeat(filled)}${'.'.repeat(20 - filled)}] ${String(Math.floor(100 * share)).padStart(3)}%`,
    `${plan.domains[state.domain]?.name ?? ''} (${state.domain + 1}/${plan.domains.length})`,
    `${state.imagesPerSecond.toFixed(0)} img/s`,
    ...(state.etaMs === null ? [] : [`${duration(state.etaMs)} left`]),
    ...(errors.length === 0 ? [] : [`error % ${errors.join(', ')}`]),
    ...(confidences.length === 0 ? [] : [`confidence % ${confidences.join(', ')}`]),
    ...(state.status === 'running' ? [] : [state.status]),
  ]
  return parts.join('  ').slice(0, width)
}

/** `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** A line that is drawn over itself; nothing where the stream is no terminal. */
export interface LiveLine {
  draw(line: string): void
  clear(): void
}

export function liveLine(stream: NodeJS.WriteStream): LiveLine {
  let drawnAt = 0
  if (!stream.isTTY) return { draw: () => undefined, clear: () => undefined }
  return {
    draw(line) {
      if (performance.now() - drawnAt < 80) return
      drawnAt = performance.now()
      stream.write(`\r\x1b[2K${line}`)
    },
    clear: () => void stream.write('\r\x1b[2K'),
  }
}
