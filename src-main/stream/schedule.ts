// The order of domains: a pure function of the options. Protocols as in the field's benchmarks (Wang et al., CVPR 2022; Döbler et al., 2023).
import type { CorruptionName, Severity } from '../contract/corruption.ts'
import type { RunOptions } from '../contract/run-options.ts'

export interface ScheduledDomain {
  readonly name: string
  readonly corruption: CorruptionName | null
  readonly severity: Severity | null
}

const gradualSeverities = [1, 2, 3, 4, 5, 4, 3, 2, 1] as const

/** The distributions that images are drawn from, in order. For `mixed` these are shuffled into one domain later. */
export function scheduleDomains(options: RunOptions): ScheduledDomain[] {
  if (options.corruptions.length === 0) return [{ name: 'clean', corruption: null, severity: null }]
  const severities = options.schedule === 'gradual' ? gradualSeverities : options.severities
  return options.corruptions.flatMap((corruption) => severities.map((severity) => ({ name: `${corruption} ${severity}`, corruption, severity })))
}
