// What the live screen keeps of a lane: numbers per step in growing typed arrays (layer reports: state/live/layer-map.svelte.ts). A new step costs the same
// however many there are; sums and extremes of a quantity are made when it is first asked for, and kept up from then on. Pure, no DOM.
import { decodeColumns, type LaneSteps } from '#contract/columns/step-columns.ts'
import type { StepReport } from '#contract/tables/report.ts'
import { Column, Measured } from './column.ts'
import type { Measure, Unlabelled } from '#renderer/lib/charts/measure.ts'

export const lossPrefix = 'loss '
/** What a curve can show; losses by their names, which each method has its own of. */
export type Quantity = Measure | 'kept' | 'adaptedShare' | 'stepMs' | 'peakBytes' | `${typeof lossPrefix}${string}`

const columnNames = [
  'images',
  'labelled',
  'correct',
  'confidence',
  'entropy',
  'agreement',
  'estimate',
  'kept',
  'adaptedShare',
  'stepMs',
  'peakBytes',
] as const

export class LaneSeries {
  readonly steps: number[] = []
  /** Images of the whole run by predicted class. */
  readonly predicted = new Map<number, number>()
  private readonly columns = Object.fromEntries(columnNames.map((name) => [name, new Column()])) as Record<
    (typeof columnNames)[number],
    Column
  >
  private readonly losses = new Map<string, Column>()
  private readonly made = new Map<Quantity, Measured>()

  /** Steps that were recorded before. */
  load(recorded: LaneSteps): void {
    const { counts, numbers, losses } = decodeColumns(recorded)
    const before = this.steps.length
    for (const step of counts.step) this.steps.push(step)
    for (const name of ['images', 'labelled', 'correct'] as const) this.columns[name].append(counts[name])
    for (const name of ['agreement', 'estimate', 'kept', 'adaptedShare', 'stepMs', 'peakBytes'] as const)
      this.columns[name].append(numbers[name])
    this.columns.confidence.append(numbers.meanConfidence)
    this.columns.entropy.append(numbers.meanEntropy)
    for (const [name, values] of losses) this.loss(name, before).append(values)
    for (const [label, images] of Object.entries(recorded.predicted)) this.count(label, images)
  }

  push(report: StepReport): void {
    const before = this.steps.length
    this.steps.push(report.step)
    const {
      images,
      labelled,
      correct,
      meanConfidence,
      meanEntropy,
      agreement,
      estimate,
      kept,
      adaptedShare,
      stepMs,
      peakBytes,
    } = report
    const values = {
      images,
      labelled,
      correct,
      confidence: meanConfidence,
      entropy: meanEntropy,
      agreement,
      estimate,
      kept,
      adaptedShare,
      stepMs,
      peakBytes,
    }
    for (const name of columnNames) this.columns[name].push(values[name] ?? Number.NaN)
    for (const [name, value] of Object.entries(report.losses)) this.loss(name, before).push(value ?? Number.NaN)
    for (const [label, images] of Object.entries(report.predicted)) this.count(label, images)
  }

  /** Names of the losses that this lane told of. */
  get lossNames(): string[] {
    return [...this.losses.keys()]
  }

  get accuracy(): Measured {
    return this.measured('accuracy')
  }

  get adaptedShare(): Measured {
    return this.measured('adaptedShare')
  }

  /** Up to date with every step; without any known value where the lane has no such quantity. Not to be kept: ask again after each step. */
  measured(quantity: Quantity): Measured {
    let own = this.made.get(quantity)
    if (!own) this.made.set(quantity, (own = new Measured()))
    for (let i = own.length; i < this.steps.length; i++) this.measure(own, quantity, i)
    return own
  }

  private measure(into: Measured, quantity: Quantity, i: number): void {
    const { columns } = this
    if (quantity === 'accuracy') into.push(columns.correct.at(i), columns.labelled.at(i))
    else if (quantity === 'kept') into.push(columns.kept.at(i), columns.images.at(i))
    else if (quantity === 'stepMs' || quantity === 'peakBytes') into.push(columns[quantity].at(i), 1)
    else {
      const images = columns.images.at(i)
      const value = isLoss(quantity)
        ? (this.losses.get(quantity.slice(lossPrefix.length))?.at(i) ?? Number.NaN)
        : columns[quantity].at(i)
      into.push(value * images, images)
    }
  }

  /** Whether any step of it is known. Looks through all of them where none is: for once, not for each step. */
  knows(measure: Measure): boolean {
    const column = measure === 'accuracy' ? this.columns.labelled : this.columns[measure]
    for (let i = 0; i < column.length; i++)
      if (measure === 'accuracy' ? column.at(i) > 0 : !Number.isNaN(column.at(i))) return true
    return false
  }

  /** Of one batch; NaN where it is not known. */
  value(measure: Measure, index: number): number {
    return this.measured(measure).at(index)
  }

  /** The same over the last `window` batches, by images. */
  mean(measure: Measure, index: number, window: number): number {
    return this.measured(measure).mean(index, window)
  }

  /** Of one domain so far; NaN where it is not known. */
  domainMean(measure: Unlabelled, firstStep: number, steps: number): number {
    const { sum, weight } = this.measured(measure).total(this.indexOf(firstStep), this.indexOf(firstStep + steps))
    return weight > 0 ? sum / weight : Number.NaN
  }

  /** Accuracy over the last `window` batches up to and with index, 0..1. */
  smoothed(index: number, window: number): number {
    return this.accuracy.mean(index, window)
  }

  /** Sums of correct and labelled images of one domain so far. */
  domainSums(firstStep: number, steps: number): { correct: number; labelled: number } {
    const { sum, weight } = this.accuracy.total(this.indexOf(firstStep), this.indexOf(firstStep + steps))
    return { correct: sum, labelled: weight }
  }

  /** Where the first step from `step` on is; past the end where there is none. */
  indexOf(step: number): number {
    if (this.steps[step] === step) return step // as in every run that begins at 0
    let low = 0
    let high = this.steps.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.steps[middle] as number) < step) low = middle + 1
      else high = middle
    }
    return low
  }

  /** A loss that was not told in the `before` steps until now is not known there. */
  private loss(name: string, before: number): Column {
    let column = this.losses.get(name)
    if (!column) this.losses.set(name, (column = new Column()))
    while (column.length < before) column.push(Number.NaN)
    return column
  }

  private count(label: string, images: number): void {
    this.predicted.set(Number(label), (this.predicted.get(Number(label)) ?? 0) + images)
  }
}

const isLoss = (quantity: Quantity): quantity is `${typeof lossPrefix}${string}` => quantity.startsWith(lossPrefix)
