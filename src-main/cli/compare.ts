// `palm compare`: the same comparison as the window's, as text or as a table for a paper.
import { comparisonOf } from '#app/services/runs/compare.ts'
import { mostCompared } from '#contract/compare/compare.ts'
import { mismatches, mismatchText, settingRows, type SettingRow } from '#contract/compare/compare-settings.ts'
import {
  compareTable,
  knownMeasures,
  matrixKinds,
  matrixMeasures,
  type MatrixKind,
  type MatrixMeasure,
} from '#contract/tables/compare-table.ts'
import { PalmError } from '#contract/errors.ts'
import { lastPart, placeKeys } from '#contract/places.ts'
import { formatTable, tableFormats, transposed, type TableFormat } from '#contract/tables/table.ts'
import { exitCodes, UsageError, type Command, type ParsedCommand } from './shared/command.ts'
import { json } from './shared/options.ts'
import { columns } from './shared/result-table.ts'
import { runIn, wantedRun } from './shared/run-number.ts'
import { member, number } from './shared/values.ts'
import type { CliParts } from './shared/parts.ts'
import { out, outJson, withWorkspace } from './shared/with-workspace.ts'

export const compare: Command = {
  name: 'compare',
  operands: 'RUN RUN…',
  summary: 'put the results and the differing settings of several runs side by side',
  options: {
    format: {
      value: 'NAME',
      help: 'text, csv, markdown, latex (default: text); the last three give the results alone',
    },
    of: { value: 'NAME', help: 'domains (by run and method), means (runs by method) (default: domains)' },
    measure: {
      value: 'NAME',
      help: 'error, confidence, entropy, agreement, estimate (default: error, where images have labels)',
    },
    digits: { value: 'N', help: 'after the point, 0 to 6 (default: 1); CSV has all' },
    transpose: { help: 'methods, or runs, as rows' },
    all: { help: 'settings that are the same too' },
    json,
  },
  notes: 'Runs that differ in nothing but their seed are put together: mean and standard deviation. At most 20 runs.',
  run: compareCommand,
}

const shownLetters = 40

function compareCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const named = parsed.operands.map(wantedRun)
  const hint = 'palm compare --help lists its options'
  const different = (count: number): void => {
    if (count < 2) throw new UsageError('palm compare needs two runs that are not the same', hint)
  }
  different(new Set(parsed.operands).size)
  if (named.length > mostCompared)
    throw new UsageError(`palm compare takes at most ${mostCompared} runs, not ${named.length}`, hint)
  const { values, switches } = parsed
  const format = member<TableFormat>(values.get('format') ?? 'text', 'format', tableFormats, [])
  const kind = member<MatrixKind>(values.get('of') ?? 'domains', 'of', matrixKinds, [])
  const chosen = values.has('measure')
    ? member<MatrixMeasure>(values.get('measure') ?? '', 'measure', matrixMeasures, [])
    : null
  const digits = number(values, 'digits') ?? 1
  if (!Number.isInteger(digits) || digits < 0 || digits > 6)
    throw new UsageError('--digits needs a whole number from 0 to 6', hint)
  return withWorkspace(parsed, parts, null, (workspace) => {
    const wanted = [...new Set(named.map((one) => runIn(workspace, one)))]
    different(wanted.length)
    const { runs, missing } = comparisonOf(workspace.store, wanted)
    if (missing.length > 0)
      throw new PalmError('run-not-found', `There is no run ${missing.join(', ')}. \`palm runs\` lists them.`)
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
          rows.map((row) => [row.path, ...namesOf(row).map((value) => short(value ?? ''))]),
        ),
      )
    out(`\n${formatTable({ ...table, notes: table.notes.filter((note) => !warnings.includes(note)) }, 'text')}`)
    return exitCodes.ok
  })
}

/** Of places their names, where these tell them apart. */
function namesOf({ path, values }: SettingRow): SettingRow['values'] {
  if (!placeKeys.includes(path.split('.').at(-1) ?? '')) return values
  const names = values.map((value) => value && lastPart(value))
  return new Set(names).size === new Set(values).size ? names : values
}

const short = (text: string): string => (text.length <= shownLetters ? text : `${text.slice(0, shownLetters - 1)}…`)
