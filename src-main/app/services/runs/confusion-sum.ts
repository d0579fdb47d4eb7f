// One lane's confusion matrix while it grows: how often class t was taken for class p. Sparse: of 1,000 x 1,000 cells most stay empty.
import { DamagedSteps } from './damaged-steps.ts'
import type { PredictedStep } from '#store/tables/predictions-table.ts'

export class ConfusionSum {
  /** The step to go on with. */
  next: number
  private readonly classes: number
  private readonly lane: string
  private readonly cells = new Map<number, number>()
  private images = 0
  private labelled = 0
  private correct = 0
  private last: PredictedStep | null = null
  readonly damaged = new DamagedSteps()

  constructor(classes: number, lane: string, from: number) {
    this.classes = classes
    this.lane = lane
    this.next = from
  }

  /** -1 before the first. */
  get lastStep(): number {
    return this.last?.step ?? -1
  }

  /** Whether the last step that was summed is still what it was. */
  fits(stored: PredictedStep | undefined): boolean {
    if (!this.last) return true
    return stored !== undefined && said(stored, this.lane) === said(this.last, this.lane)
  }

  add(step: PredictedStep): void {
    this.next = step.step + 1
    this.damaged.look(step)
    const own = step.lanes.get(this.lane)
    if (!own) return
    this.last = step
    for (let i = 0; i < step.images; i++) {
      const label = step.labels[i] as number
      const predicted = own.classes[i] as number
      this.images += 1
      if (label < 0) continue
      this.labelled += 1
      if (label === predicted) this.correct += 1
      const cell = label * this.classes + predicted
      this.cells.set(cell, (this.cells.get(cell) ?? 0) + 1)
    }
  }

  totals(): { readonly images: number; readonly labelled: number; readonly correct: number } {
    return { images: this.images, labelled: this.labelled, correct: this.correct }
  }

  /** True class, predicted class, images; by true class, then predicted. */
  triples(): Uint32Array<ArrayBuffer> {
    const out = new Uint32Array(3 * this.cells.size)
    const keys = Float64Array.from(this.cells.keys()).sort()
    for (const [i, cell] of keys.entries()) {
      out[3 * i] = Math.floor(cell / this.classes)
      out[3 * i + 1] = cell % this.classes
      out[3 * i + 2] = this.cells.get(cell) as number
    }
    return out
  }
}

const said = ({ samples, lanes }: PredictedStep, lane: string): string => {
  const own = lanes.get(lane)
  return [samples, own?.classes ?? [], own?.confidences ?? []].map((values) => Array.from(values).join()).join(';')
}
