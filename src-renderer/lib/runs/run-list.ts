// The list of runs: which of its parts a run is in, and by what it is sorted. Pure.
import type { HistoryFilter, historySortKeys } from '#contract/runs/history.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import { bestLane, passes, searchWords } from './run-filters.ts'

/** The parts of the list, like the folders of a mailbox: a run is in one of them. */
export const runFolders = ['kept', 'archived', 'deleted'] as const
export type RunFolder = (typeof runFolders)[number]

export const folderOf = ({ archived, deletedAt }: RunSummary): RunFolder =>
  deletedAt !== null ? 'deleted' : archived ? 'archived' : 'kept'

export type SortKey = (typeof historySortKeys)[number]

const sortValues: Readonly<Record<SortKey, (run: RunSummary) => string | number>> = {
  id: ({ id }) => id,
  name: ({ name, inputName }) => (name || inputName).toLowerCase(),
  status: ({ status }) => status,
  input: ({ inputName, modelName }) => `${inputName}\n${modelName}`.toLowerCase(),
  best: (run) => bestLane(run)?.meanErrorPct ?? Number.POSITIVE_INFINITY,
}

interface Listing {
  /** Words, every one of which a run must contain. */
  readonly query: string
  readonly folder: RunFolder
  readonly filters: readonly HistoryFilter[]
  readonly sort: SortKey
  readonly rising: boolean
}

/** The runs that the list shows, in its order; of equal ones the newest first. */
export function listedRuns(
  runs: readonly RunSummary[],
  { query, folder, filters, sort, rising }: Listing,
): readonly RunSummary[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean)
  const value = sortValues[sort]
  const sign = rising ? 1 : -1
  return runs
    .filter(
      (run) =>
        folderOf(run) === folder && wanted.every((word) => searchWords(run).includes(word)) && passes(run, filters),
    )
    .map((run) => ({ run, key: value(run) }))
    .sort((a, b) => (a.key === b.key ? b.run.id - a.run.id : sign * (a.key < b.key ? -1 : 1)))
    .map(({ run }) => run)
}
