// The frames that were answered since the last report: what both lanes said of them, and what was truly in view. Bounded: a report is due at `full`.
import type { StepResult } from '#engine/methods/method.ts'
import { argMaxRows } from '#engine/compute/losses.ts'
import type { StreamBatch } from '#stream/stream.ts'

const most = 256

export class FrameTally {
  private readonly classes: number
  private readonly side: number
  private labels: number[] = []
  private logits: { unadapted: Float32Array[]; adapted: Float32Array[] } = { unadapted: [], adapted: [] }
  predictMs = 0

  constructor(classes: number, side: number) {
    this.classes = classes
    this.side = side
  }

  get frames(): number {
    return this.labels.length
  }

  get full(): boolean {
    return this.labels.length >= most
  }

  /** `truth` null = not said. */
  add(truth: number | null, unadapted: Float32Array, adapted: Float32Array, predictMs: number): void {
    this.labels.push(truth ?? -1)
    this.logits.unadapted.push(unadapted)
    this.logits.adapted.push(adapted)
    this.predictMs += predictMs
  }

  /** As a batch of the stream: frames are not kept, so it has no pixels. */
  batch(step: number, domain: number): StreamBatch {
    return {
      step,
      domain,
      ids: this.labels.map((_, i) => `frame ${i}`),
      labels: Int32Array.from(this.labels),
      samples: new Int32Array(0),
      positions: new Int32Array(0),
      pixels: new Uint8Array(0),
      height: this.side,
      width: this.side,
      clean: [],
    }
  }

  /** What a lane said, as the result of a step; `of` carries what a step did besides predicting. */
  result(lane: 'unadapted' | 'adapted', of: Omit<StepResult, 'logits' | 'classes' | 'predictions'>): StepResult {
    const rows = this.logits[lane]
    const logits = new Float32Array(rows.length * this.classes)
    for (const [i, row] of rows.entries()) logits.set(row, i * this.classes)
    return { ...of, logits, classes: this.classes, predictions: argMaxRows(logits, this.classes) }
  }

  clear(): void {
    this.labels = []
    this.logits = { unadapted: [], adapted: [] }
    this.predictMs = 0
  }
}
