// A column of numbers that grows by doubling, and what is kept of one so that a chart of any length costs the same: running sums for means,
// and the extremes of blocks for what a pixel shows. Pure.

/** Float32 values; NaN outside. */
export class Column {
  private values = new Float32Array(64)
  length = 0

  push(value: number): void {
    if (this.length === this.values.length) this.reserve(this.length + 1)
    this.values[this.length++] = value
  }

  append(values: ArrayLike<number>): void {
    this.reserve(this.length + values.length)
    this.values.set(values, this.length)
    this.length += values.length
  }

  at(index: number): number {
    return index >= 0 && index < this.length ? (this.values[index] as number) : Number.NaN
  }

  private reserve(length: number): void {
    if (length <= this.values.length) return
    const larger = new Float32Array(Math.max(length, 2 * this.values.length))
    larger.set(this.values)
    this.values = larger
  }
}

class Sums {
  private sums = new Float64Array(65)
  private length = 0

  push(value: number): void {
    if (this.length + 1 === this.sums.length) {
      const larger = new Float64Array(2 * this.sums.length)
      larger.set(this.sums)
      this.sums = larger
    }
    this.sums[this.length + 1] = (this.sums[this.length] as number) + value
    this.length += 1
  }

  /** Over [from, end), which lies inside. */
  between(from: number, end: number): number {
    return (this.sums[end] as number) - (this.sums[from] as number)
  }
}

export interface Extent {
  readonly low: number
  readonly high: number
}
const nothing: Extent = { low: Infinity, high: -Infinity }
const blockBits = 4
const block = 1 << blockBits

/** What there is of one number per step: the value, means over any stretch in constant time, extremes in logarithmic time. */
export class Measured {
  private readonly values = new Column()
  private readonly sums = new Sums()
  private readonly weights = new Sums()
  /** Level k: the extremes of each whole block of 16^(k+1) values. */
  private readonly levels: { readonly low: Column; readonly high: Column }[] = []

  get length(): number {
    return this.values.length
  }

  /** The step's value is sum / weight; of weight 0 or a sum that is none it is not known. */
  push(sum: number, weight: number): void {
    const known = weight > 0 && Number.isFinite(sum)
    this.values.push(known ? sum / weight : Number.NaN)
    this.sums.push(known ? sum : 0)
    this.weights.push(known ? weight : 0)
    for (let level = 0, length = this.values.length; length % block === 0; level++, length >>= blockBits)
      this.close(level, length)
  }

  at(index: number): number {
    return this.values.at(index)
  }

  /** Over the last `window` steps up to and with `index`, each by its weight; NaN where none of them is known. */
  mean(index: number, window: number): number {
    const { sum, weight } = this.total(index - window + 1, index + 1)
    return weight > 0 ? sum / weight : Number.NaN
  }

  /** Over the indexes [from, end), as far as there are such. */
  total(from: number, end: number): { sum: number; weight: number } {
    const a = Math.max(0, Math.min(this.length, from))
    const b = Math.max(a, Math.min(this.length, end))
    return { sum: this.sums.between(a, b), weight: this.weights.between(a, b) }
  }

  /** Least and most over the indexes [from, end); null where none is known. */
  extent(from: number, end: number): Extent | null {
    let low = Infinity
    let high = -Infinity
    let at = Math.max(0, from)
    const stop = Math.min(this.length, end)
    while (at < stop) {
      let level = -1
      let size = 1
      while (at % (size * block) === 0 && at + size * block <= stop && level + 1 < this.levels.length) {
        level += 1
        size *= block
      }
      const { low: least, high: most } = this.blockOf(level, at / size)
      if (least < low) low = least
      if (most > high) high = most
      at += size
    }
    return low <= high ? { low, high } : null
  }

  /** Level -1 is the values themselves. */
  private blockOf(level: number, index: number): Extent {
    if (level >= 0)
      return {
        low: this.levels[level]?.low.at(index) ?? Infinity,
        high: this.levels[level]?.high.at(index) ?? -Infinity,
      }
    const value = this.values.at(index)
    return Number.isNaN(value) ? nothing : { low: value, high: value }
  }

  /** `length` blocks of the level below are there, and the last 16 make one of this level. */
  private close(level: number, length: number): void {
    const own = (this.levels[level] ??= { low: new Column(), high: new Column() })
    let low = Infinity
    let high = -Infinity
    for (let i = length - block; i < length; i++) {
      const part = this.blockOf(level - 1, i)
      low = Math.min(low, part.low)
      high = Math.max(high, part.high)
    }
    own.low.push(low)
    own.high.push(high)
  }
}
