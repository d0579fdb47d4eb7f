// Keeps the stage going: takes up what a lost connection, a dead session or a missing camera ended, again and again with growing pauses. Runs without a clock.
import { isLive } from '#contract/inputs/input-kinds.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import type { Webcam } from './webcam.svelte.ts'

/** A problem that is over is not left standing: nobody at a stand dismisses it. */
const problemMs = 8000
const firstRetryMs = 2000
const longestRetryMs = 30_000

export class StageRecovery {
  /** It has run since it was opened: from then on it is kept going. */
  ran = $state(false)
  /** It broke, and is tried again. */
  retrying = $state(false)
  private readonly active: () => RunSummary | null
  private retryAt: number | null = null
  private retryMs = firstRetryMs
  private problemAt: number | null = null

  /** `active`: the run that is under way, whoever started it. */
  constructor(active: () => RunSummary | null) {
    this.active = active
  }

  tick(webcam: Webcam, now: number): void {
    if (webcam.phase === 'running' && !webcam.source.lost) {
      this.ran = true
      this.retrying = false
      this.retryAt = null
      this.retryMs = firstRetryMs
    }
    const broken = webcam.phase === 'idle' || webcam.source.lost
    if (broken || webcam.problem === '') this.problemAt = null
    else if (now - (this.problemAt ??= now) >= problemMs) webcam.dismiss()
    if (!broken || !this.ran) return
    if (this.retryAt === null) this.retryAt = now + this.retryMs
    else if (now >= this.retryAt) {
      this.retrying = true
      this.retryMs = Math.min(longestRetryMs, 2 * this.retryMs)
      this.retryAt = now + this.retryMs
      void this.takeUp(webcam)
    }
  }

  private async takeUp(webcam: Webcam): Promise<void> {
    const { lost, file } = webcam.source
    if (lost) return webcam.source.reopen()
    const active = this.active()
    if (active && isLive(active.options.input)) await webcam.adopt(active, file)
    else await webcam.start(file)
  }
}

/** For the line that says what is happening. */
export function stageState({ source, phase }: Webcam): 'lost' | 'broken' | 'starting' | 'running' {
  if (source.lost) return 'lost'
  return phase === 'idle' ? 'broken' : phase === 'starting' ? 'starting' : 'running'
}
