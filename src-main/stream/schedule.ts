// The order of domains: a pure function of the options. Protocols as in the field's benchmarks (Wang et al., CVPR 2022; Döbler et al., 2023).
import type { CorruptionName, Severity } from '#contract/inputs/corruption.ts'
import { PalmError } from '#contract/errors.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'

export interface ScheduledDomain {
  readonly name: string
  readonly corruption: CorruptionName | null
  readonly severity: Severity | null
}

const gradualSeverities = [1, 2, 3, 4, 5, 4, 3, 2, 1] as const

/**
 * The distributions that images are drawn from, in order; for `mixed` these are shuffled into one domain later. Where a `custom` order or a further
 * cycle comes back to a distribution, its name says so, and its noise is drawn anew. @throws PalmError `bad-request`
 */
export function scheduleDomains(options: RunOptions): ScheduledDomain[] {
  const once = onePass(options)
  if (options.schedule !== 'custom' && options.cycles === 1) return once
  const seen = new Map<string, number>()
  return Array.from({ length: options.cycles }, () => once)
    .flat()
    .map((domain) => {
      const visit = (seen.get(domain.name) ?? 0) + 1
      seen.set(domain.name, visit)
      return visit === 1 ? domain : { ...domain, name: `${domain.name} #${visit}` }
    })
}

function onePass(options: RunOptions): ScheduledDomain[] {
  if (options.schedule === 'custom') {
    if (options.order.length === 0)
      throw new PalmError('bad-request', 'A custom schedule needs an order: a list of corruptions and severities.')
    return options.order.map(({ corruption, severity }) =>
      corruption === null ? clean : named(corruption, severity ?? 5),
    )
  }
  if (options.corruptions.length === 0) return [clean]
  const severities = options.schedule === 'gradual' ? gradualSeverities : options.severities
  return options.corruptions.flatMap((corruption) => severities.map((severity) => named(corruption, severity)))
}

const clean: ScheduledDomain = { name: 'clean', corruption: null, severity: null }

const named = (corruption: CorruptionName, severity: Severity): ScheduledDomain => ({
  name: `${corruption} ${severity}`,
  corruption,
  severity,
})
