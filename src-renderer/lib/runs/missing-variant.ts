// Of images that came corrupted: what is asked for and not there.
import type { CorruptionName, Severity } from '#contract/inputs/corruption.ts'

interface Variant {
  readonly corruption: CorruptionName
  readonly severity: Severity
}

/** The first that is missing. */
export function missingVariant(
  there: readonly Variant[],
  corruptions: readonly CorruptionName[],
  severities: readonly Severity[],
): Variant | undefined {
  return corruptions
    .flatMap((corruption) => severities.map((severity) => ({ corruption, severity })))
    .find((wanted) => !there.some((one) => one.corruption === wanted.corruption && one.severity === wanted.severity))
}
