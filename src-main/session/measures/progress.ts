// How fast it goes and how long it takes: images a second over the last seconds, the time left from that, the device's waiting share.
import type { Progress } from '#contract/tables/report.ts'

const windowMs = 10_000

export class ProgressMeter {
  private readonly marks: { at: number; images: number }[]
  private readonly startedAt: number

  constructor(startedAt: number, images: number) {
    this.startedAt = startedAt
    this.marks = [{ at: startedAt, images }]
  }

  /** After a step. `images` and `steps` count from the run's beginning. */
  measure(
    at: number,
    done: { images: number; steps: number },
    total: { images: number; steps: number },
    waitMs: number,
  ): Progress {
    this.marks.push({ at, images: done.images })
    while (this.marks.length > 2 && at - (this.marks[0]?.at ?? at) > windowMs) this.marks.shift()
    const first = this.marks[0] ?? { at, images: done.images }
    const rate = at > first.at ? (1000 * (done.images - first.images)) / (at - first.at) : 0
    const left = Math.max(0, total.images - done.images)
    const elapsed = at - this.startedAt
    return {
      step: done.steps,
      totalSteps: total.steps,
      images: done.images,
      imagesPerSecond: rate,
      etaMs: rate > 0 ? (1000 * left) / rate : null,
      waitShare: elapsed > 0 ? Math.min(1, waitMs / elapsed) : 0,
    }
  }
}
