// The loop that sends the newest frame when the last one is answered, what the answers say, and how long they take.
import type { PalmClient } from '#app/rpc/client.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { CorruptionName, Severity } from '#contract/inputs/corruption.ts'
import type { WebcamAnswer } from '#contract/webcam.ts'
import { FrameRate } from '#renderer/lib/webcam/frame-rate.ts'
import type { TaughtTruth } from './taught-truth.svelte.ts'
import type { WebcamSource } from './webcam-source.svelte.ts'

/** Who looks on, frame by frame: the stage. */
export interface FrameCompanion {
  /** A corruption that the next frame should be drawn under too, or none. */
  wish(): { readonly corruption: CorruptionName; readonly severity: Severity } | null
  answered(answer: WebcamAnswer): void
}

export interface FrameLoopNeeds {
  readonly client: PalmClient
  readonly source: WebcamSource
  readonly truth: TaughtTruth
  /** Whether the run takes frames. */
  readonly running: () => boolean
  /** The run that the frames are for. */
  readonly run: () => number | null
  /** A frame could not be answered: the run is over. */
  readonly failed: (error: WireError) => void
  /** In milliseconds, on the clock of `performance.now()`. */
  readonly now: () => number
  /** Does work when the page is drawn next. */
  readonly schedule: (work: () => void) => void
}

export class FrameLoop {
  answer = $state.raw<WebcamAnswer | null>(null)
  /** What to paint with the answer: RGBA, side x side. */
  shown = $state.raw<Uint8ClampedArray | null>(null)
  /** Of a frame, in pixels: what the model takes. */
  side = $state(0)
  perSecond = $state(0)
  latencyMs = $state<number | null>(null)
  latency95Ms = $state<number | null>(null)
  /** Frames that the camera gave and nobody looked at. */
  dropped = $state(0)
  companion: FrameCompanion | null = null
  private readonly needs: FrameLoopNeeds
  private rate = new FrameRate()
  private pumping = false

  constructor(needs: FrameLoopNeeds) {
    this.needs = needs
  }

  /** For a new run. */
  begin(): void {
    this.answer = null
    this.dropped = 0
    this.rate = new FrameRate()
  }

  /** The newest frame, then the next newest when that one is answered: nothing is ever queued. */
  async pump(): Promise<void> {
    if (this.pumping) return
    this.pumping = true
    try {
      await this.sendNewest()
    } finally {
      this.pumping = false
    }
  }

  private async sendNewest(): Promise<void> {
    const { needs } = this
    for (;;) {
      const source = needs.source.current
      const run = needs.run()
      if (!needs.running() || !source || run === null) return
      const frame = source.grab(this.side)
      if (!frame) {
        await source.next()
        continue
      }
      try {
        const answer = await needs.client.call('webcam.frame', {
          run,
          width: this.side,
          height: this.side,
          pixels: frame.pixels,
          truth: needs.truth.current,
          sketch: this.companion?.wish() ?? null,
        })
        if (needs.run() !== run) continue
        this.answer = answer
        this.shown = frame.shown
        this.companion?.answered(answer)
        needs.source.answered += 1
        this.dropped = Math.max(0, source.frames - needs.source.answered)
        needs.schedule(() => this.painted(frame.takenAt))
      } catch (thrown) {
        const error = toWireError(thrown)
        if (!needs.running()) return
        if (needs.run() !== run) continue // of the run before, whose end is no fault of this one
        if (error.code === 'run-busy') await new Promise((resolve) => needs.schedule(() => resolve(null)))
        else return needs.failed(error)
      }
      await source.next()
    }
  }

  /** From the moment that the camera took the picture to the one that its answer is on the screen. */
  private painted(takenAt: number): void {
    const at = this.needs.now()
    this.rate.mark(at, Math.max(0, at - takenAt))
    this.perSecond = this.rate.perSecond
    this.latencyMs = this.rate.latencyMs(0.5)
    this.latency95Ms = this.rate.latencyMs(0.95)
  }
}
