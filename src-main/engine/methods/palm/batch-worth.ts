// OURS, with the preset `auto`: how many images drawn at random a batch is worth, for its norm layers' statistics. A batch of a hundred images of two
// classes tells less about a domain than a hundred of all classes; what it holds is seen in how much the shares of the predicted classes vary from batch to
// batch, beside what chance makes of as many images. Domains that change at each batch look alike (each has its own wrong answers), and there what is
// remembered does harm: so it counts only where answers are surer with it than with the batch alone.
import { z } from 'zod'
import type { JsonValue } from '#engine/methods/method.ts'

export const worthRules = {
  /** What is remembered weighs as much as so many images, and a share of the batch's. */
  images: 10,
  ofBatch: 0.2,
  /** From this share on the batch is taken alone. */
  alone: 0.8,
  /** A batch has at least this share. */
  least: 0.1,
  /** Share of the sums that stays from one batch to the next. */
  memory: 0.9,
  /** So much less entropy must the answers have with what is remembered. */
  surer: 0.02,
  /** Where it counts, every so many batches are answered both ways; elsewhere all, for what is remembered goes on. */
  compareEvery: 4,
}

const stateSchema = z.object({
  batches: z.number().int().nonnegative(),
  shares: z.array(z.number()),
  chance: z.number().nonnegative(),
  seen: z.number().nonnegative(),
  alone: z.number().nonnegative(),
  mixed: z.number().nonnegative(),
})

export class BatchWorth {
  private readonly classes: number
  private batches = 0
  /** Of the predicted classes, over the last batches. */
  private shares: number[] = []
  /** Sums over the last batches: of the variance of one image's class, and of the squared distance of a batch's shares from `shares`. */
  private chance = 0
  private seen = 0
  /** Sums over the last batches that were answered both ways: mean entropy of the answers. */
  private alone = 0
  private mixed = 0

  constructor(classes: number) {
    this.classes = classes
  }

  /** A batch's predictions. */
  observe(predictions: Int32Array): void {
    const { memory } = worthRules
    const counts = new Array<number>(this.classes).fill(0)
    for (const c of predictions) counts[c] = (counts[c] ?? 0) + 1
    const own = counts.map((count) => count / predictions.length)
    if (this.batches > 0) {
      const { shares } = this
      this.chance = memory * this.chance + Math.max(0, 1 - shares.reduce((sum, p) => sum + p * p, 0))
      this.seen = memory * this.seen + own.reduce((sum, p, c) => sum + (p - (shares[c] ?? 0)) ** 2, 0)
    }
    this.batches += 1
    const weight = Math.max(1 - memory, 1 / this.batches)
    this.shares = own.map((p, c) => (1 - weight) * (this.shares[c] ?? 0) + weight * p)
  }

  /** Of `images` that come next: their number, or less where the last batches were ordered by class. */
  of(images: number): number {
    // Where one class is all that comes, nothing can be told.
    return this.chance > 1e-6 && this.seen > 0 ? Math.min(images, this.chance / this.seen) : images
  }

  /** The share that the statistics of the next batch have, beside what is remembered: 1 = they stand alone. */
  share(images: number): number {
    const { alone, least, ofBatch } = worthRules
    const share = 1 / (1 + ((worthRules.images + ofBatch * images) / this.of(images)) ** 2)
    return share >= alone ? 1 : Math.max(least, share)
  }

  /** Mean entropies, in nats, of a batch's answers with its statistics alone and with what is remembered. */
  compare(alone: number, mixed: number): void {
    const { memory } = worthRules
    if (!Number.isFinite(alone + mixed)) return
    this.alone = memory * this.alone + alone
    this.mixed = memory * this.mixed + mixed
  }

  /** Whether the next batch is one to be answered both ways, where what is remembered counts. */
  get comparesNext(): boolean {
    return this.batches % worthRules.compareEvery === 0
  }

  /** Whether what is remembered makes answers surer. */
  get helps(): boolean {
    return this.mixed < (1 - worthRules.surer) * this.alone
  }

  state(): JsonValue {
    const { batches, shares, chance, seen, alone, mixed } = this
    return { batches, shares, chance, seen, alone, mixed }
  }

  /** @throws Error for the state of another model */
  restore(value: unknown): void {
    const { batches, shares, chance, seen, alone, mixed } = stateSchema.parse(value)
    if (shares.length > 0 && shares.length !== this.classes)
      throw new Error(`The state counts ${shares.length} classes, and the model has ${this.classes}.`)
    this.batches = batches
    this.shares = shares
    this.chance = chance
    this.seen = seen
    this.alone = alone
    this.mixed = mixed
  }

  clear(): void {
    this.batches = 0
    this.shares = []
    this.chance = 0
    this.seen = 0
    this.alone = 0
    this.mixed = 0
  }
}
