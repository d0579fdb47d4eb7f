// The list of runs: which of its parts a run is in, and by what it is sorted. Pure.
import type { historySortKeys } from '#contract/runs/history.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import { bestLane } from './run-filters.ts'

/** The parts of the list, like the folders of a mailbox: a run is in one of them. */
export const runFolders = ['kept', 'archived', 'deleted'] as const
export type RunFolder = (typeof runFolders)[number]

export const folderOf = ({ archived, deletedAt }: RunSummary): RunFolder =>
  deletedAt !== null ? 'deleted' : archived ? 'archived' : 'kept'

export type SortKey = (typeof historySortKeys)[number]

export const sortValues: Readonly<Record<SortKey, (run: RunSummary) => string | number>> = {
  id: ({ id }) => id,
  name: ({ name, inputName }) => (name || inputName).toLowerCase(),
  status: ({ status }) => status,
  input: ({ inputName, modelName }) => `${inputName}\n${modelName}`.toLowerCase(),
  best: (run) => bestLane(run)?.meanErrorPct ?? Number.POSITIVE_INFINITY,
}
