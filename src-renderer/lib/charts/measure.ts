// What curve and domain table can show of a lane: accuracy where there are labels, else what can be said without. Pure.
import type { DomainMetric } from '#contract/tables/report.ts'

export const measures = ['accuracy', 'confidence', 'entropy', 'agreement', 'estimate'] as const
export type Measure = (typeof measures)[number]
export type Unlabelled = Exclude<Measure, 'accuracy'>

export const domainValue = (metric: DomainMetric, measure: Unlabelled): number | null => metric[measure]

/** As it is shown: entropy in nats, the others in percent. */
export const shown = (value: number | null, measure: Measure): number | null =>
  value === null || !Number.isFinite(value) ? null : measure === 'entropy' ? value : 100 * value
