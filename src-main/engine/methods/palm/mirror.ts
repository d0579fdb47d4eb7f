// OURS, with the preset `auto`: an image and its mirror image answer together, where a mirror image is of the same class. Whether it is, is asked of the
// predictions, class by class: they must agree with the mirror image's at least as often as with the augmented view's, which is turned, moved and recoloured
// (of the batches whose views are not mirrored as well). A left arrow is not a right one: there they agree less, and the image answers alone.
import { z } from 'zod'
import { argMaxRows } from '#engine/compute/losses.ts'
import type { JsonValue } from '#engine/methods/method.ts'

/** Share of the counts that stays from one batch that is counted to the next. */
const memory = 0.9
/** So many images' worth of what all classes show stands in for a class that was seldom predicted. */
const shared = 10

const stateSchema = z.object({
  seen: z.array(z.number().nonnegative()),
  mirror: z.array(z.number().nonnegative()),
  view: z.array(z.number().nonnegative()),
})

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)

/** How often predictions agree with those of the mirror image, and of the view, by predicted class, in the last batches. */
export class MirrorTrust {
  private readonly classes: number
  private seen: number[] = []
  private mirror: number[] = []
  private view: number[] = []

  constructor(classes: number) {
    this.classes = classes
    this.clear()
  }

  /** A batch's predictions, of its images, their mirror images and their views. */
  observe(own: Int32Array, ofMirror: Int32Array, ofView: Int32Array): void {
    for (const counts of [this.seen, this.mirror, this.view])
      for (const [c, count] of counts.entries()) counts[c] = memory * count
    for (const [i, c] of own.entries()) {
      const add = (counts: number[], isSame: boolean) => {
        if (isSame) counts[c] = (counts[c] ?? 0) + 1
      }
      add(this.seen, true)
      add(this.mirror, ofMirror[i] === c)
      add(this.view, ofView[i] === c)
    }
  }

  /** Whether the mirror image of what is predicted as class `c` counts. */
  trusts(c: number): boolean {
    const all = total(this.seen)
    if (all === 0) return false
    // The same denominator on both sides: numbers of agreements are compared.
    const agreed = (counts: readonly number[]) => (counts[c] ?? 0) + (shared * total(counts)) / all
    return agreed(this.mirror) >= agreed(this.view)
  }

  state(): JsonValue {
    return { seen: [...this.seen], mirror: [...this.mirror], view: [...this.view] }
  }

  /** @throws Error for the state of another model */
  restore(value: unknown): void {
    const { seen, mirror, view } = stateSchema.parse(value)
    if ([seen, mirror, view].some((counts) => counts.length !== this.classes))
      throw new Error(`The state counts ${seen.length} classes, and the model has ${this.classes}.`)
    this.seen = seen
    this.mirror = mirror
    this.view = view
  }

  clear(): void {
    const zeros = () => new Array<number>(this.classes).fill(0)
    this.seen = zeros()
    this.mirror = zeros()
    this.view = zeros()
  }
}

/** The mean of both log-probabilities, [batch, classes], where the mirror image counts for what is predicted; elsewhere the image's own. */
export function answeredTogether(
  own: Float64Array,
  ofMirror: Float64Array,
  classes: number,
  trust: MirrorTrust,
): Float32Array {
  const trusted = Array.from({ length: classes }, (_, c) => trust.trusts(c))
  const counts = Array.from(argMaxRows(Float32Array.from(own), classes), (c) => trusted[c] === true)
  return Float32Array.from(own, (log, i) =>
    counts[Math.floor(i / classes)] ? (log + (ofMirror[i] as number)) / 2 : log,
  )
}
