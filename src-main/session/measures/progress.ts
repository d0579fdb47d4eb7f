// How fast it goes and how long it takes: images a second over the last seconds, the time left from that, the device's waiting share.
import type { Progress } from '#contract/tables/report.ts'

const windowMs = 10_000
/** A step that takes so many times the longest of the last ones, and longer than the window, was not computing: the machine slept, or somebody paused. */
const asleepTimes = 20

export class ProgressMeter {
  private readonly marks: { at: number; images: number }[]
  private readonly startedAt: number
  /** Time that is not counted, ms. */
  private asleep = 0

  constructor(startedAt: number, images: number) {
    this.startedAt = startedAt
    this.marks = [{ at: startedAt, images }]
  }

  /** After a step. `images` and `steps` count from the run's beginning. */
  measure(
    clock: number,
    done: { images: number; steps: number },
    total: { images: number; steps: number },
    waitMs: number,
  ): Progress {
    const gaps = this.marks.slice(1).map((mark, i) => mark.at - (this.marks[i]?.at ?? mark.at))
    const usual = Math.max(0, ...gaps)
    const gap = clock - this.asleep - (this.marks.at(-1)?.at ?? clock)
    if (usual > 0 && gap > windowMs && gap > asleepTimes * usual) this.asleep += gap - usual
    const at = clock - this.asleep
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
