// `palm compare`: the same comparison as the window's, as text or as a table for a paper.
import { comparisonOf } from '#app/services/runs/compare.ts'
import { mostCompared } from '#contract/compare/compare.ts'
import { mismatches, mismatchText, settingRows } from '#contract/compare/compare-settings.ts'
import {
  compareTable,
  knownMeasures,
  matrixKinds,
  matrixMeasures,
  type MatrixKind,
  type MatrixMeasure,
} from '#contract/tables/compare-table.ts'
import { PalmError } from '#contract/errors.ts'
import { formatTable, tableFormats, transposed, type TableFormat } from '#contract/tables/sweep-table.ts'
import { runNumber } from './commands.ts'
import { exitCodes } from './shared/help.ts'
import { UsageError, type ParsedCommand } from './shared/parse.ts'
import { member, number } from './shared/run-request.ts'
import { columns } from './shared/result-table.ts'
import { out, outJson, withWorkspace, type CliParts } from './shared/with-workspace.ts'

const shownLetters = 40

export function compareCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const wanted = [...new Set(parsed.operands.map(runNumber))]
  const hint = 'palm compare --help lists its options'
  if (wanted.length < 2) throw new UsageError('palm compare needs two runs that are not the same', hint)
  if (wanted.length > mostCompared)
    throw new UsageError(`palm compare takes at most ${mostCompared} runs, not ${wanted.length}`, hint)
  const { values, switches } = parsed
  const format = member(values.get('format') ?? 'text', 'format', tableFormats, []) as TableFormat
  const kind = member(values.get('of') ?? 'domains', 'of', matrixKinds, []) as MatrixKind
  const chosen = values.has('measure')
    ? (member(values.get('measure') ?? '', 'measure', matrixMeasures, []) as MatrixMeasure)
    : null
  const digits = number(values, 'digits') ?? 1
  if (!Number.isInteger(digits) || digits < 0 || digits > 6)
    throw new UsageError('--digits needs a whole number from 0 to 6', hint)
  return withWorkspace(parsed, parts, null, ({ store }) => {
    const { runs, missing } = comparisonOf(store, wanted)
    if (missing.length > 0)
      throw new PalmError(
        'run-not-found',
        `There is no run ${missing.join(', ')}. \`palm runs\` lists those that there are.`,
      )
    const measure = chosen ?? knownMeasures(runs)[0] ?? 'error'
    const rows = settingRows(runs).filter(({ differs }) => differs || switches.has('all'))
    if (switches.has('json')) {
      outJson({
        runs,
        mismatches: mismatches(runs),
        settings: rows,
        table: compareTable(runs, { kind, measure, digits }),
      })
      return exitCodes.ok
    }
    const made = compareTable(runs, { kind, measure, digits })
    const table = switches.has('transpose') === (kind === 'domains') ? made : transposed(made)
    if (format !== 'text') {
      out(formatTable(table, format))
      return exitCodes.ok
    }
    const warnings = mismatches(runs).map(mismatchText)
    // The warnings stand at the top here, not below the table as in a file.
    out(`${warnings.map((warning) => `Warning: ${warning}\n`).join('')}${warnings.length > 0 ? '\n' : ''}`)
    if (rows.length === 0) out('No setting differs.\n')
    else
      out(
        columns(
          [['setting', ...runs.map(({ summary }) => `run ${summary.id}`)]],
          rows.map(({ path, values: own }) => [path, ...own.map((value) => short(value ?? ''))]),
        ),
      )
    out(`\n${formatTable({ ...table, notes: table.notes.filter((note) => !warnings.includes(note)) }, 'text')}`)
    return exitCodes.ok
  })
}

const short = (text: string): string => (text.length <= shownLetters ? text : `${text.slice(0, shownLetters - 1)}…`)
