// The tables of a sweep as text.
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { tableKinds } from '#contract/sweeps/sweep.ts'
import { riskTables } from '#contract/tables/risk-table.ts'
import { tablesOf } from '#contract/tables/sweep-table.ts'
import { formatTable, transposed, type Table, type TableFormat } from '#contract/tables/table.ts'

/** `of` says which of the sweep's tables; `turn` makes rows of columns. */
export async function tableText(
  sweeps: SweepService,
  name: string,
  of: (typeof tableKinds)[number],
  format: TableFormat,
  turn: boolean,
): Promise<string> {
  const results = await sweeps.results(name)
  const tables =
    of === 'importance'
      ? importanceTables(await sweeps.importance(name), results.protocol)
      : of === 'risk'
        ? riskTables(await sweeps.risk(name), results)
        : tablesOf(results, of)
  return tables.map((table) => formatTable(turn ? transposed(table) : table, format)).join('\n')
}

function importanceTables(all: Awaited<ReturnType<SweepService['importance']>>, protocol: string): Table[] {
  return all.map(({ label, tensors, domains, values }) => ({
    title: `${label}: mean importance of each tensor while it was selected, domain by domain (- = frozen throughout)`,
    notes: [protocol],
    foreign: false,
    head: ['tensor', ...domains],
    rows: tensors.map((tensor, i) => ({
      label: tensor,
      cells: (values[i] ?? []).map((value) => ({ text: value === null ? '-' : value.toPrecision(3), best: false })),
    })),
  }))
}
