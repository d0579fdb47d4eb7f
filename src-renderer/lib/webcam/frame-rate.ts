// Frames per second and latency over the last seconds. Pure: the caller says what time it is, in milliseconds.

const windowMs = 5000

export class FrameRate {
  private readonly marks: { readonly at: number; readonly latencyMs: number }[] = []

  /** A frame was shown `latencyMs` after it was taken. */
  mark(at: number, latencyMs: number): void {
    this.marks.push({ at, latencyMs })
    while ((this.marks[0]?.at ?? at) < at - windowMs) this.marks.shift()
  }

  get perSecond(): number {
    const [first, last] = [this.marks[0], this.marks.at(-1)]
    return first && last && last.at > first.at ? (1000 * (this.marks.length - 1)) / (last.at - first.at) : 0
  }

  /** `share` 0.5 = the median, 0.95 = what only one in twenty exceeds. */
  latencyMs(share: number): number | null {
    const sorted = this.marks.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null
  }
}
