// What the user says is truly in view, and the classes that were said last: those of the number keys.

const keys = 9

export class TaughtTruth {
  /** The class in view; null = not known. */
  current = $state<number | null>(null)
  /** The last one first. */
  recent = $state.raw<readonly number[]>([])

  /** What is truly in view until it is said otherwise; null = not known. */
  teach(truth: number | null): void {
    this.current = truth
    if (truth !== null) this.recent = [truth, ...this.recent.filter((one) => one !== truth)].slice(0, keys)
  }

  /** While a key is held; the classes of the keys stay where they are. */
  hold(truth: number | null): void {
    this.current = truth
  }
}
