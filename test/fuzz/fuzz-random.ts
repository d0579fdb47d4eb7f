// Random numbers of the fuzzing: small, quick, and the same on every machine for the same seed, reader and number of the file.

export class FuzzRandom {
  private state: number

  constructor(...words: readonly (number | string)[]) {
    let hash = 2166136261
    for (const ch of words.join('|')) hash = Math.imul(hash ^ ch.charCodeAt(0), 16777619)
    this.state = hash >>> 0
  }

  /** In [0, 1). (mulberry32) */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  /** Whole, in [0, n). */
  below(n: number): number {
    return Math.floor(this.next() * n)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  chance(p: number): boolean {
    return this.next() < p
  }

  bytes(n: number): Uint8Array {
    return Uint8Array.from({ length: n }, () => this.below(256))
  }
}

/** Numbers that lengths, counts and sizes are set to. */
export const oddNumbers: readonly number[] = [
  0,
  1,
  2,
  3,
  7,
  8,
  127,
  128,
  255,
  256,
  32767,
  32768,
  65535,
  65536,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
]
