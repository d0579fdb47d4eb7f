// What the stage offers and what it plays by itself: a few corruptions that anybody recognises, each strong enough to be seen from afar. Pure.
import type { CorruptionName, Severity } from '#contract/inputs/corruption.ts'

/** In the order of the buttons; null = the picture as it is. */
export const stageCorruptions: readonly (CorruptionName | null)[] = [
  null,
  'fog',
  'gaussian_noise',
  'defocus_blur',
  'motion_blur',
  'snow',
  'frost',
  'pixelate',
]

export const usualSeverity: Severity = 3

export interface Scene {
  readonly corruption: CorruptionName | null
  readonly severity: Severity
}

/** A clean moment first, and one in the middle, so that who comes by sees the change and not only its result. */
export const scenes: readonly Scene[] = [
  { corruption: null, severity: usualSeverity },
  { corruption: 'fog', severity: 4 },
  { corruption: 'gaussian_noise', severity: 4 },
  { corruption: 'defocus_blur', severity: 4 },
  { corruption: null, severity: usualSeverity },
  { corruption: 'snow', severity: 3 },
  { corruption: 'motion_blur', severity: 4 },
  { corruption: 'pixelate', severity: 5 },
  { corruption: 'frost', severity: 3 },
]

/** The next or the one before, round and round; from a corruption that the stage does not offer to the first. */
export function neighbour(of: CorruptionName | null, step: 1 | -1): CorruptionName | null {
  const at = stageCorruptions.indexOf(of)
  return stageCorruptions[(Math.max(0, at) + step + stageCorruptions.length) % stageCorruptions.length] ?? null
}
