// The pictures on the stage's buttons: what the camera sees, under each corruption, one at a time so that no frame waits for all of them.
import type { CorruptionName, Severity } from '#contract/inputs/corruption.ts'
import { stageCorruptions } from '#renderer/lib/webcam/stage-scenes.ts'

const everyMs = 400
const offered = stageCorruptions.filter((one): one is CorruptionName => one !== null)

export class StageButtons {
  pictures = $state.raw<ReadonlyMap<CorruptionName, Uint8ClampedArray>>(new Map())
  private wishedAt = Number.NEGATIVE_INFINITY
  private next = 0
  private wished: CorruptionName | null = null

  wish(now: number, severity: Severity): { corruption: CorruptionName; severity: Severity } | null {
    if (now - this.wishedAt < everyMs && this.pictures.size === offered.length) return null
    this.wishedAt = now
    this.wished = offered[this.next++ % offered.length] ?? null
    return this.wished ? { corruption: this.wished, severity } : null
  }

  /** The picture that was wished for last. */
  take(pixels: Uint8ClampedArray | null): void {
    if (pixels && this.wished) this.pictures = new Map(this.pictures).set(this.wished, pixels)
  }
}
