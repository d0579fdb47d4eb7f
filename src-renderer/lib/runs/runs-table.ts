// A table of runs for a spreadsheet or a paper: what each was and each method's mean error. No best is marked: these runs need not be comparable. Pure.
import type { RunSummary } from '#contract/tables/report.ts'
import type { Table } from '#contract/tables/table.ts'

const number = (value: number | null) =>
  value === null
    ? { text: '-', best: false }
    : { text: value.toFixed(1), best: false, exact: String(Number(value.toFixed(6))) }
const text = (value: string) => ({ text: value, best: false })

export function runsTable(runs: readonly RunSummary[], title: string): Table {
  const methods = [...new Set(runs.flatMap(({ lanes }) => lanes.map(({ label }) => label)))]
  return {
    title,
    notes: [
      'Mean error in %, over the domains that are complete. Runs with other images, models or streams are not comparable.',
    ],
    foreign: false,
    head: [
      'run',
      'name',
      'status',
      'started',
      'input',
      'model',
      'schedule',
      'severities',
      'batch',
      'limit',
      'seed',
      'tags',
      ...methods,
    ],
    rows: runs.map(({ id, name, status, createdAt, inputName, modelName, options, tags, lanes }) => ({
      label: String(id),
      cells: [
        ...[
          name,
          status,
          new Date(createdAt).toISOString(),
          inputName,
          modelName,
          options.schedule,
          options.severities.join(' '),
          String(options.batchSize),
          options.limit === null ? 'all' : String(options.limit),
          String(options.seed),
          tags.join('; '),
        ].map(text),
        ...methods.map((method) => number(lanes.find(({ label }) => label === method)?.meanErrorPct ?? null)),
      ],
    })),
  }
}
