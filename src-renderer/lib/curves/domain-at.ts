// Which domain a step belongs to. Pure.
import type { Domain } from '#contract/tables/report.ts'

/** Domains in the stream's order. Undefined where there is none (yet). */
export function domainAt<T extends Pick<Domain, 'firstStep' | 'steps'>>(
  domains: readonly T[],
  step: number,
): T | undefined {
  let low = 0
  let high = domains.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((domains[middle] as T).firstStep <= step) low = middle + 1
    else high = middle
  }
  const found = domains[low - 1]
  return found && step < found.firstStep + found.steps ? found : undefined
}
