// How far results lie from what is expected.
import type { DeviceProof } from '#contract/device-proof.ts'

/** Infinity where there is nothing to compare, which no JSON holds. */
export interface DeviceDeviation extends Omit<DeviceProof['deviations'][number], 'deviation'> {
  readonly deviation: number
}

/** The largest difference relative to the largest expected number; infinity where something is no number. */
export function relative(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [most, largest] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs((values[i] as number) - (expected[i] as number))
    if (!Number.isFinite(difference)) return Infinity
    most = Math.max(most, difference)
    largest = Math.max(largest, Math.abs(expected[i] as number))
  }
  return most / (largest || 1)
}
