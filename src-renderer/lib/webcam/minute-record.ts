// The last minute of a webcam in seconds: how often both models agreed, and how often each was right where the truth was said. Bounded; the caller says what
// time it is, in milliseconds. Pure.

export interface FrameVerdict {
  readonly same: boolean
  /** null = nobody said what is in view. */
  readonly right: { readonly unadapted: boolean; readonly adapted: boolean } | null
}

interface Second {
  readonly at: number
  frames: number
  same: number
  labelled: number
  unadapted: number
  adapted: number
}

/** Shares in 0..1; null where there was nothing to count. */
export interface MinutePoint {
  readonly secondsAgo: number
  readonly agreement: number | null
  readonly unadapted: number | null
  readonly adapted: number | null
}

export const minuteSeconds = 60
const smoothedSeconds = 5
const share = (part: number, of: number): number | null => (of > 0 ? part / of : null)

export class MinuteRecord {
  private seconds: Second[] = []

  push(atMs: number, { same, right }: FrameVerdict): void {
    const at = Math.floor(atMs / 1000)
    let second = this.seconds.at(-1)
    if (second?.at !== at) {
      second = { at, frames: 0, same: 0, labelled: 0, unadapted: 0, adapted: 0 }
      this.seconds.push(second)
      while ((this.seconds[0]?.at ?? at) <= at - minuteSeconds - smoothedSeconds) this.seconds.shift()
    }
    second.frames += 1
    if (same) second.same += 1
    if (!right) return
    second.labelled += 1
    if (right.unadapted) second.unadapted += 1
    if (right.adapted) second.adapted += 1
  }

  private over(from: number, to: number): Omit<MinutePoint, 'secondsAgo'> {
    const sum = { frames: 0, same: 0, labelled: 0, unadapted: 0, adapted: 0 }
    for (const second of this.seconds) {
      if (second.at < from || second.at > to) continue
      for (const key of ['frames', 'same', 'labelled', 'unadapted', 'adapted'] as const) sum[key] += second[key]
    }
    return {
      agreement: share(sum.same, sum.frames),
      unadapted: share(sum.unadapted, sum.labelled),
      adapted: share(sum.adapted, sum.labelled),
    }
  }

  /** One a second, oldest first, each the mean of the five seconds up to it; none before the first frame. */
  points(nowMs: number): MinutePoint[] {
    const now = Math.floor(nowMs / 1000)
    const first = this.seconds[0]?.at ?? now + 1
    return Array.from({ length: minuteSeconds }, (_, i) => minuteSeconds - 1 - i)
      .filter((secondsAgo) => now - secondsAgo >= first)
      .map((secondsAgo) => ({ secondsAgo, ...this.over(now - secondsAgo - smoothedSeconds + 1, now - secondsAgo) }))
  }

  /** The whole minute as one. */
  total(nowMs: number): Omit<MinutePoint, 'secondsAgo'> {
    const now = Math.floor(nowMs / 1000)
    return this.over(now - minuteSeconds + 1, now)
  }

  clear(): void {
    this.seconds = []
  }
}
