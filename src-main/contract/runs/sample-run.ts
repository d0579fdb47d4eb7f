// The sample's short run: of the first launch, and of the button that runs the sample. Pure.
import { usualLabel, usualOptions } from '#contract/methods/presets.ts'
import type { Lane } from './run-options.ts'

/** Images per domain: a newcomer sees the whole result after about a minute on two cores. The whole sample has 2,000. */
export const shortSampleLimit = 200

/** PALM as it tunes itself where nobody tuned it, beside the one with the sample's own preset. */
export function autoLane(classes: number): Lane {
  const options = usualOptions('palm', { preset: 'auto', classes })
  return { id: 'palm-auto', label: usualLabel(options), options }
}
