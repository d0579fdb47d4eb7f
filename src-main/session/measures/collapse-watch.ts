// Watches what a lane predicts for signs that adaptation has gone wrong: numbers that are none, or hardly any of the classes left that it used to
// predict. Needs no labels. Its state travels with the lane's.
import { z } from 'zod'
import type { Collapse } from '#contract/tables/report.ts'
import type { JsonValue } from '#engine/methods/method.ts'

/** Of the effective number of classes that the lane predicted before, so much must be left among its last images. */
const leftShare = 0.35
/** So few effective classes are too few whatever came before. */
const alone = 1.2
/** Below this many effective classes in its history a lane says too little to judge. */
const fewest = 2.5

const stateSchema = z.object({
  history: z.array(z.number().int().nonnegative()),
  recent: z.array(z.number().int().nonnegative()),
  first: z.number().nonnegative(),
  collapsed: z.boolean(),
  goodStep: z.number().int().min(-1),
})

/** exp of the entropy of the counts: how many classes they amount to. */
export function effectiveClasses(counts: Iterable<number>): number {
  const all = [...counts].filter((count) => count > 0)
  const total = all.reduce((sum, count) => sum + count, 0)
  return total === 0 ? 0 : Math.exp(-all.reduce((sum, count) => sum + (count / total) * Math.log(count / total), 0))
}

export class CollapseWatch {
  private readonly classes: number
  private readonly window: number
  /** Predicted while it was well, but for the last images. */
  private history: number[]
  private recent: number[] = []
  /** Effective classes of the first batch, which came before any adaptation. */
  private first = 0
  private collapsed = false
  /** The last step whose checkpoint was written in good health; -1 = the source. */
  goodStep = -1

  /** `window`: how many of the last images count as now. */
  constructor(classes: number, window: number) {
    this.classes = classes
    this.window = window
    this.history = new Array<number>(classes).fill(0)
  }

  get healthy(): boolean {
    return !this.collapsed
  }

  /** After a step. @returns what it found when a collapse begins, else null */
  see(predictions: Int32Array, finite: boolean): Collapse['kind'] | null {
    const was = this.collapsed
    this.collapsed = !finite || this.fewClasses(predictions)
    if (!this.collapsed || was) return null
    return finite ? 'few-classes' : 'not-finite'
  }

  private fewClasses(predictions: Int32Array): boolean {
    const counts = new Array<number>(this.classes).fill(0)
    if (this.first === 0) {
      for (const label of predictions) counts[label] = (counts[label] as number) + 1
      this.first = effectiveClasses(counts)
      counts.fill(0)
    }
    this.recent.push(...predictions)
    while (this.recent.length > this.window) {
      const label = this.recent.shift() as number
      if (!this.collapsed) this.history[label] = (this.history[label] as number) + 1
    }
    for (const label of this.recent) counts[label] = (counts[label] as number) + 1
    const enough = this.history.reduce((sum, count) => sum + count, 0) >= this.window / 2
    const before = Math.max(this.first, enough ? effectiveClasses(this.history) : 0)
    if (this.recent.length < this.window) return this.collapsed && this.recent.length > 0
    const now = effectiveClasses(counts)
    if (this.classes >= 3 && now < alone) return true
    return before >= fewest && now < leftShare * before
  }

  /** The alarm was a false one: the images are so. It looks again at the next step. */
  dismiss(): void {
    this.collapsed = false
  }

  /** The lane was put back: what it predicted in between says nothing about it any more. */
  restart(): void {
    this.recent = []
    this.collapsed = false
  }

  state(): JsonValue {
    return {
      history: this.history,
      recent: this.recent,
      first: this.first,
      collapsed: this.collapsed,
      goodStep: this.goodStep,
    }
  }

  /** @throws ZodError when it is no state of a watch */
  restore(state: unknown): void {
    if (state === null) return
    const { history, recent, first, collapsed, goodStep } = stateSchema.parse(state)
    this.history = history
    this.recent = recent
    this.first = first
    this.collapsed = collapsed
    this.goodStep = goodStep
  }
}
