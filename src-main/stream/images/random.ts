// NumPy's legacy generator (np.random.seed and friends): MT19937 (Matsumoto & Nishimura, 1998) with the polar Gaussian, so that
// corruptions can be held against outputs of the original code number by number. Not for cryptography.

export interface NumpyRandomState {
  readonly key: Uint32Array // 624 words
  readonly position: number
  readonly gauss: number | null
}

const N = 624
const M = 397

function mix(high: number, low: number): number {
  const y = (high & 0x80000000) | (low & 0x7fffffff)
  return (y >>> 1) ^ (-(y & 1) & 0x9908b0df)
}

export class NumpyRandom {
  private key = new Uint32Array(N)
  private position = N
  private gaussKept: number | null = null

  /** @param seed an integer in 0 .. 2^32 - 1 */
  constructor(seed: number) {
    let s = seed >>> 0
    for (let i = 0; i < N; i++) {
      this.key[i] = s
      s = (Math.imul(1812433253, s ^ (s >>> 30)) + i + 1) >>> 0
    }
  }

  uint32(): number {
    if (this.position === N) this.twist()
    let y = this.key[this.position++] as number
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  /** The next 624 words; three loops instead of two remainders per word. */
  private twist(): void {
    const { key } = this
    let i = 0
    for (; i < N - M; i++) key[i] = (key[i + M] as number) ^ mix(key[i] as number, key[i + 1] as number)
    for (; i < N - 1; i++) key[i] = (key[i + M - N] as number) ^ mix(key[i] as number, key[i + 1] as number)
    key[N - 1] = (key[M - 1] as number) ^ mix(key[N - 1] as number, key[0] as number)
    this.position = 0
  }

  /** Uniform in [0, 1) with 53 bits (`random_sample`). */
  random(): number {
    const a = this.uint32() >>> 5
    const b = this.uint32() >>> 6
    return (a * 67108864 + b) / 9007199254740992
  }

  uniform(low: number, high: number): number {
    return low + (high - low) * this.random()
  }

  /** Standard normal, Marsaglia's polar method; every second value is kept for the next call. */
  gauss(): number {
    if (this.gaussKept !== null) {
      const kept = this.gaussKept
      this.gaussKept = null
      return kept
    }
    for (;;) {
      const x1 = 2 * this.random() - 1
      const x2 = 2 * this.random() - 1
      const r2 = x1 * x1 + x2 * x2
      if (r2 >= 1 || r2 === 0) continue
      const f = Math.sqrt((-2 * Math.log(r2)) / r2)
      this.gaussKept = f * x1
      return f * x2
    }
  }

  normal(mean: number, std: number): number {
    return mean + std * this.gauss()
  }

  /** An integer in low .. high - 1 (`randint`): masked rejection on 32-bit words. */
  randint(low: number, high: number): number {
    const range = high - low - 1
    if (range <= 0) return low
    const mask = 2 ** (32 - Math.clz32(range)) - 1
    for (;;) {
      const value = (this.uint32() & mask) >>> 0
      if (value <= range) return low + value
    }
  }

  /** The next `count` standard normal numbers: the same as that many calls of `gauss`, without a call for each. */
  gaussians(count: number): Float64Array {
    const out = new Float64Array(count)
    let i = 0
    if (count > 0 && this.gaussKept !== null) out[i++] = this.gauss()
    for (; i + 1 < count; i += 2) {
      for (;;) {
        const x1 = 2 * this.random() - 1
        const x2 = 2 * this.random() - 1
        const r2 = x1 * x1 + x2 * x2
        if (r2 >= 1 || r2 === 0) continue
        const f = Math.sqrt((-2 * Math.log(r2)) / r2)
        out[i] = f * x2
        out[i + 1] = f * x1
        break
      }
    }
    if (i < count) out[i] = this.gauss()
    return out
  }

  /** The next `count` calls of `uniform`. */
  uniforms(count: number, low: number, high: number): Float64Array {
    const out = new Float64Array(count)
    for (let i = 0; i < count; i++) out[i] = low + (high - low) * this.random()
    return out
  }

  poisson(mean: number): number {
    return poissonSampler(mean)(this)
  }

  /** In place, as `shuffle` does it for arrays. */
  shuffle<A extends unknown[] | Int32Array>(items: A): A {
    const list: { length: number; [index: number]: unknown } = items
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.randint(0, i + 1)
      const kept = list[i]
      list[i] = list[j]
      list[j] = kept
    }
    return items
  }

  getState(): NumpyRandomState {
    return { key: this.key.slice(), position: this.position, gauss: this.gaussKept }
  }

  setState(state: NumpyRandomState): void {
    this.key = state.key.slice()
    this.position = state.position
    this.gaussKept = state.gauss
  }
}

/** Draws Poisson counts of one mean; all that depends on the mean alone is worked out once. */
export function poissonSampler(mean: number): (random: NumpyRandom) => number {
  if (mean === 0) return () => 0
  if (mean >= 10) return transformedRejection(mean)
  const limit = Math.exp(-mean)
  return (random) => {
    let product = 1
    for (let count = 0; ; count++) {
      product *= random.random()
      if (product <= limit) return count
    }
  }
}

/** Hörmann's transformed rejection (PTRS, 1993), as NumPy has it. */
function transformedRejection(mean: number): (random: NumpyRandom) => number {
  const root = Math.sqrt(mean)
  const log = Math.log(mean)
  const b = 0.931 + 2.53 * root
  const a = -0.059 + 0.02483 * b
  const logInverseAlpha = Math.log(1.1239 + 1.1328 / (b - 3.4))
  const vr = 0.9277 - 3.6224 / (b - 2)
  return (random) => {
    for (;;) {
      const u = random.random() - 0.5
      const v = random.random()
      const us = 0.5 - Math.abs(u)
      const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43)
      if (us >= 0.07 && v <= vr) return k
      if (k < 0 || (us < 0.013 && v > us)) continue
      if (Math.log(v) + logInverseAlpha - Math.log(a / (us * us) + b) <= -mean + k * log - logGamma(k + 1)) return k
    }
  }
}

const gammaCoefficients = [
  8.333333333333333e-2, -2.777777777777778e-3, 7.936507936507937e-4, -5.952380952380952e-4, 8.417508417508418e-4,
  -1.917526917526918e-3, 6.41025641025641e-3, -2.955065359477124e-2, 1.796443723688307e-1, -1.3924322169059,
]

/** ln Gamma of small whole numbers: almost all that is asked for. */
const logGammaTable = Float64Array.from({ length: 512 }, (_, x) =>
  x < 1 ? Number.POSITIVE_INFINITY : logGammaSeries(x),
)

function logGamma(x: number): number {
  return x < logGammaTable.length ? (logGammaTable[x] as number) : logGammaSeries(x)
}

/** ln Gamma(x) for x >= 1, Zhang & Jin's series, as NumPy's `random_loggam`. */
function logGammaSeries(x: number): number {
  if (x === 1 || x === 2) return 0
  const n = x < 7 ? Math.floor(7 - x) : 0
  let x0 = x + n
  const x2 = (1 / x0) * (1 / x0)
  let series = gammaCoefficients[9] as number
  for (let k = 8; k >= 0; k--) series = series * x2 + (gammaCoefficients[k] as number)
  let result = series / x0 + 0.5 * 1.8378770664093453 + (x0 - 0.5) * Math.log(x0) - x0
  for (let k = 1; k <= n; k++) {
    result -= Math.log(x0 - 1)
    x0 -= 1
  }
  return result
}
