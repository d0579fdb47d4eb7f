// What the live screen keeps of a lane: numbers per step in growing typed arrays, layer reports as columns. Pure, no DOM.
import type { LayerReport, StepReport } from '../../src-main/contract/report.ts'

export type LayerQuantity = 'learningRate' | 'score' | 'importance'

/** A Float32Array that grows by doubling. */
export class Column {
  private values = new Float32Array(64)
  length = 0

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Float32Array(2 * this.values.length)
      larger.set(this.values)
      this.values = larger
    }
    this.values[this.length++] = value
  }

  at(index: number): number {
    return index >= 0 && index < this.length ? (this.values[index] as number) : Number.NaN
  }
}

export class LaneSeries {
  readonly steps: number[] = []
  readonly accuracy = new Column() // of each batch, 0..1; NaN without labels
  readonly adaptedShare = new Column()
  readonly layers: (LayerReport | null)[] = []
  private readonly correct = new Column()
  private readonly labelled = new Column()

  push(report: StepReport): void {
    this.steps.push(report.step)
    this.accuracy.push(report.labelled > 0 ? report.correct / report.labelled : Number.NaN)
    this.correct.push(report.correct)
    this.labelled.push(report.labelled)
    this.adaptedShare.push(report.adaptedShare)
    this.layers.push(report.layers)
  }

  /** Accuracy over the last `window` batches up to and with index, 0..1. */
  smoothed(index: number, window: number): number {
    let correct = 0
    let labelled = 0
    for (let i = Math.max(0, index - window + 1); i <= index; i++) {
      correct += this.correct.at(i)
      labelled += this.labelled.at(i)
    }
    return labelled > 0 ? correct / labelled : Number.NaN
  }

  /** Sums of correct and labelled images of one domain so far. */
  domainSums(firstStep: number, steps: number): { correct: number; labelled: number } {
    let correct = 0
    let labelled = 0
    for (let i = 0; i < this.steps.length; i++) {
      const step = this.steps[i] as number
      if (step < firstStep || step >= firstStep + steps) continue
      correct += this.correct.at(i)
      labelled += this.labelled.at(i)
    }
    return { correct, labelled }
  }
}

export function quantityOf(report: LayerReport, quantity: LayerQuantity, tensor: number): number | null {
  const values = quantity === 'learningRate' ? report.learningRates : quantity === 'score' ? report.scores : report.importances
  return values[tensor] ?? null
}
