// What a run over a webcam writes down: the frames that were answered since the last report as one step, a domain for each stretch with
// one corruption, checkpoints when they are asked for. The plan grows with it.
import type { Domain, RunPlan, StepReport } from '#contract/tables/report.ts'
import type { WebcamSettings } from '#contract/webcam.ts'
import type { StepResult } from '#engine/methods/method.ts'
import type { SessionCore } from '#session/core/session-core.ts'
import { ProgressMeter } from '#session/measures/progress.ts'
import { withChanges } from '#session/measures/relative-changes.ts'
import { stepReport } from '#session/measures/step-report.ts'
import { encodeState, statisticsPrefix } from '#session/state-blob.ts'
import { endsStretch } from '#store/tables/stretches-table.ts'
import { originalsOf, type Unchanged } from '#session/tasks/originals.ts'
import type { FrameTally } from './frame-tally.ts'
import type { WebcamParts } from './open-webcam.ts'

type Moved = Omit<StepResult, 'logits' | 'classes' | 'predictions'>
const idle: Moved = { losses: {}, keptMask: null, kept: null, tensors: [], adaptedShare: 0 }

/** An adaptation step. `finite` false: it gave numbers that are none, and the lane was put back to the source. */
export interface Adaptation {
  readonly result: StepResult
  readonly ms: number
  readonly finite: boolean
}

export class WebcamRecord {
  private readonly core: SessionCore
  private readonly parts: WebcamParts
  private readonly tally: FrameTally
  private readonly meter = new ProgressMeter(performance.now(), 0)
  private readonly unchanged: Unchanged
  private readonly domains: Domain[] = []
  private domainKey = ''
  private resets = 0
  /** Recorded so far. */
  steps = 0

  private constructor(core: SessionCore, parts: WebcamParts, tally: FrameTally, unchanged: Unchanged) {
    this.core = core
    this.parts = parts
    this.tally = tally
    this.unchanged = unchanged
    this.plan()
  }

  static async open(core: SessionCore, parts: WebcamParts, tally: FrameTally): Promise<WebcamRecord> {
    return new WebcamRecord(core, parts, tally, await originalsOf(parts.device, parts.model))
  }

  /** What was answered since the last report under these settings; `frames` of the whole run. Nothing when nothing was. */
  async step(settings: WebcamSettings, frames: number, adaptation: Adaptation | null): Promise<void> {
    const { tally, core, parts } = this
    if (tally.frames === 0) return
    const domain = this.openDomain(settings)
    const reports = await this.reports(domain.index, frames, adaptation)
    this.domains[domain.index] = { ...domain, images: domain.images + tally.frames, steps: domain.steps + 1 }
    const collapse =
      adaptation && !adaptation.finite
        ? ({ lane: parts.lane.id, step: this.steps, kind: 'not-finite', restored: -1 } as const)
        : null
    this.steps += 1
    this.plan()
    const made = { images: frames, steps: this.steps }
    const progress = { ...this.meter.measure(performance.now(), made, made, 0), etaMs: null }
    core.recorder.record((tell) => {
      for (const report of reports) core.store.steps.insert(core.run, report)
      if (endsStretch(this.steps - 1)) core.recorder.stretchEnds(this.steps - 1, parts.plan, this.domains)
      core.store.runs.setProgress(core.run, this.steps, progress)
      tell({ event: 'step', reports, progress })
      if (!collapse) return
      core.store.collapses.insert(core.run, collapse)
      tell({ event: 'collapse', collapse })
    })
    tally.clear()
  }

  /** What comes is a domain of its own: the weights are the model's again. */
  reset(): void {
    this.resets += 1
  }

  /** Sums of the domain that is open. */
  endDomain(): void {
    const domain = this.domains.at(-1)
    if (domain) this.core.recorder.record((tell) => this.core.recorder.domain(tell, domain.index))
  }

  /** Weights, what the method learned, and the statistics that frames are normalised with now; nothing before the first step. */
  async checkpoint(): Promise<void> {
    const { lane, prediction } = this.parts
    if (this.steps === 0 || lane.method.adapts().length === 0) return
    const state = await lane.method.state()
    const statistics = [...(await prediction.statistics())].map(
      ([name, data]) => [`${statisticsPrefix}${name}`, { shape: [data.length], data }] as const,
    )
    const whole = { scalars: state.scalars, arrays: new Map([...state.arrays, ...statistics]) }
    const delta = encodeState(whole, this.unchanged, lane.watch.state())
    const domain = Math.max(0, this.domains.length - 1)
    this.core.recorder.record((tell) => this.core.recorder.checkpoint(tell, lane.id, this.steps - 1, domain, delta))
  }

  private plan(): void {
    const whole: RunPlan = {
      ...this.parts.plan,
      domains: this.domains,
      totalSteps: this.steps,
      totalImages: this.domains.reduce((sum, { images }) => sum + images, 0),
    }
    this.core.recorder.plan(whole)
  }

  private async reports(domain: number, frames: number, adaptation: Adaptation | null): Promise<StepReport[]> {
    const { tally } = this
    const { device, unadapted, lane } = this.parts
    const batch = tally.batch(this.steps, domain)
    const said = {
      unadapted: tally.result('unadapted', idle),
      adapted: tally.result('adapted', adaptation ? movedIn(adaptation.result) : idle),
    }
    const same = said.adapted.predictions.filter((label, i) => label === said.unadapted.predictions[i]).length
    const half = tally.predictMs / 2
    const peakBytes = adaptation ? device.takePeakBytes() : 0
    const adaptMs = adaptation?.ms ?? 0
    const report = stepReport(lane.id, batch, said.adapted, frames, half + adaptMs, peakBytes, null)
    return [
      { ...stepReport(unadapted.id, batch, said.unadapted, frames, half, 0, null), agreement: 1 },
      { ...(await withChanges(report, lane.changes, lane.method)), agreement: same / tally.frames },
    ]
  }

  /** A new one when the corruption changed or the weights were reset since the last report. */
  private openDomain({ corruption, severity }: WebcamSettings): Domain {
    const name = corruption === null ? 'clean' : `${corruption} ${severity}`
    const key = `${name} ${this.resets}`
    const open = this.domains.at(-1)
    if (open && key === this.domainKey) return open
    this.endDomain()
    this.domainKey = key
    const visit = this.domains.filter((domain) => domain.name === name || domain.name.startsWith(`${name} #`)).length
    const domain: Domain = {
      index: this.domains.length,
      name: visit === 0 ? name : `${name} #${visit + 1}`,
      corruption,
      severity: corruption === null ? null : severity,
      images: 0,
      steps: 0,
      firstStep: this.steps,
    }
    this.domains.push(domain)
    return domain
  }
}

function movedIn({ losses, keptMask, kept, tensors, adaptedShare }: StepResult): Moved {
  return { losses, keptMask, kept, tensors, adaptedShare }
}
