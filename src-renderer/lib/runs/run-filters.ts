// Whether a run of the history passes the filters, and what filters can be made of the runs that there are. Pure. What is asked of every run at each key
// is remembered with the run: a changed run is another object.
import { filterFields, type FilterField, type HistoryFilter } from '#contract/runs/history.ts'
import { methodInfo } from '#contract/methods/method-info.ts'
import type { MethodId } from '#contract/methods/methods.ts'
import { runStatuses, type RunSummary } from '#contract/tables/report.ts'

const wordsOf = new WeakMap<RunSummary, string>()

/** Everything that a search looks at, in small letters. */
export function searchWords(run: RunSummary): string {
  let words = wordsOf.get(run)
  if (words === undefined) {
    words = [
      run.id,
      run.name,
      run.inputName,
      run.modelName,
      run.note,
      ...run.tags,
      ...run.lanes.map(({ label }) => label),
    ]
      .join('\n')
      .toLowerCase()
    wordsOf.set(run, words)
  }
  return words
}

/** The lane with the lowest mean error; null without labelled images or results. */
export function bestLane(run: RunSummary): (RunSummary['lanes'][number] & { readonly meanErrorPct: number }) | null {
  let best: ReturnType<typeof bestLane> = null
  for (const lane of run.lanes)
    if (lane.meanErrorPct !== null && (best === null || lane.meanErrorPct < best.meanErrorPct))
      best = { ...lane, meanErrorPct: lane.meanErrorPct }
  return best
}

/** Midnight, where the person is. */
const startOf = (day: string, later = 0): number => {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + later).getTime()
}

function fits(run: RunSummary, filter: HistoryFilter): boolean {
  switch (filter.field) {
    case 'status':
      return run.status === filter.value
    case 'method':
      return run.lanes.some(({ method }) => method === filter.value)
    case 'model':
      return run.modelName === filter.value
    case 'input':
      return run.inputName === filter.value
    case 'tag':
      return run.tags.includes(filter.value)
    case 'started':
      return (
        (filter.from === null || run.createdAt >= startOf(filter.from)) &&
        (filter.to === null || run.createdAt < startOf(filter.to, 1))
      )
    case 'error': {
      const error = bestLane(run)?.meanErrorPct ?? null
      return error !== null && error >= (filter.from ?? 0) && error <= (filter.to ?? 100)
    }
  }
}

/** One of each field that is filtered must fit. */
export function passes(run: RunSummary, filters: readonly HistoryFilter[]): boolean {
  return filterFields.every((field) => {
    const own = filters.filter((filter) => filter.field === field)
    return own.length === 0 || own.some((filter) => fits(run, filter))
  })
}

export interface FilterValue {
  readonly value: string
  readonly label: string
  readonly runs: number
}

/** What can be chosen for a field, with how many runs have it: the commonest first. */
export function filterValues(
  runs: readonly RunSummary[],
  field: Exclude<FilterField, 'started' | 'error'>,
): FilterValue[] {
  const counts = new Map<string, number>()
  for (const run of runs)
    for (const value of new Set(valuesOf(run, field))) counts.set(value, (counts.get(value) ?? 0) + 1)
  const list = [...counts].map(([value, count]) => ({
    value,
    label: field === 'method' ? (methodInfo[value as MethodId]?.label ?? value) : value,
    runs: count,
  }))
  return field === 'status'
    ? list.sort(
        (a, b) =>
          runStatuses.indexOf(a.value as (typeof runStatuses)[number]) -
          runStatuses.indexOf(b.value as (typeof runStatuses)[number]),
      )
    : list.sort((a, b) => b.runs - a.runs || a.label.localeCompare(b.label))
}

function valuesOf(run: RunSummary, field: Exclude<FilterField, 'started' | 'error'>): readonly string[] {
  if (field === 'status') return [run.status]
  if (field === 'method') return run.lanes.map(({ method }) => method)
  if (field === 'tag') return run.tags
  return [field === 'model' ? run.modelName : run.inputName]
}
