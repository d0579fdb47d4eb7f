// What the live screen keeps of a lane: numbers per step in growing typed arrays (layer reports: state/layer-map.svelte.ts). Pure, no DOM.
import { stepValue, type Measure, type Unlabelled } from './measure.ts'
import type { StepReport } from '../../src-main/contract/report.ts'

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
  private readonly correct = new Column()
  private readonly labelled = new Column()
  private readonly images = new Column()
  private readonly unlabelled: Readonly<Record<Unlabelled, Column>> = { confidence: new Column(), entropy: new Column(), agreement: new Column(), estimate: new Column() }
  /** Images of the whole run by predicted class. */
  readonly predicted = new Map<number, number>()

  push(report: StepReport): void {
    this.steps.push(report.step)
    this.accuracy.push(report.labelled > 0 ? report.correct / report.labelled : Number.NaN)
    this.correct.push(report.correct)
    this.labelled.push(report.labelled)
    this.adaptedShare.push(report.adaptedShare)
    this.images.push(report.images)
    for (const [measure, column] of Object.entries(this.unlabelled)) column.push(stepValue(report, measure as Unlabelled))
    for (const [label, images] of Object.entries(report.predicted)) this.predicted.set(Number(label), (this.predicted.get(Number(label)) ?? 0) + images)
  }

  /** Of one batch; NaN where it is not known. */
  value(measure: Measure, index: number): number {
    return measure === 'accuracy' ? this.accuracy.at(index) : this.unlabelled[measure].at(index)
  }

  /** The same over the last `window` batches, by images. */
  mean(measure: Measure, index: number, window: number): number {
    if (measure === 'accuracy') return this.smoothed(index, window)
    return this.weighted(measure, Math.max(0, index - window + 1), index + 1)
  }

  /** Of one domain so far; NaN where it is not known. */
  domainMean(measure: Unlabelled, firstStep: number, steps: number): number {
    const from = this.steps.findIndex((step) => step >= firstStep)
    const to = this.steps.findIndex((step) => step >= firstStep + steps)
    return from < 0 ? Number.NaN : this.weighted(measure, from, to < 0 ? this.steps.length : to)
  }

  private weighted(measure: Unlabelled, from: number, to: number): number {
    let sum = 0
    let images = 0
    for (let i = from; i < to; i++) {
      const value = this.unlabelled[measure].at(i)
      if (Number.isNaN(value)) continue
      sum += value * this.images.at(i)
      images += this.images.at(i)
    }
    return images > 0 ? sum / images : Number.NaN
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
