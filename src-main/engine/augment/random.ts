// The seeded generator of the augmented views: sfc32 (Chris Doty-Humphrey, PractRand). Four words of state that a checkpoint keeps.
// Not for corruptions: those follow NumPy's generator (stream/images/random.ts).

import { z } from 'zod'

const word = z.number().int().min(0).max(0xffffffff)
export const viewRandomStateSchema = z.tuple([word, word, word, word])
export type ViewRandomState = readonly [number, number, number, number]

export class ViewRandom {
  private words: [number, number, number, number]

  constructor(seed: number) {
    this.words = [0x9e3779b9, 0x243f6a88, 0xb7e15162, seed >>> 0]
    for (let i = 0; i < 16; i++) this.uint32()
  }

  uint32(): number {
    let [a, b, c, counter] = this.words
    const result = (a + b + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = (b ^ (b >>> 9)) >>> 0
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + result) >>> 0
    this.words = [a, b, c, counter]
    return result
  }

  /** Uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + ((high - low) * this.uint32()) / 2 ** 32
  }

  /** A random order of 0..n-1. */
  order(n: number): number[] {
    const items = Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(this.uniform(0, i + 1))
      const kept = items[i] as number
      items[i] = items[j] as number
      items[j] = kept
    }
    return items
  }

  state(): ViewRandomState {
    return [...this.words]
  }

  restore(state: ViewRandomState): void {
    this.words = [...state]
  }
}
