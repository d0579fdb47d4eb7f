// `palm table`: the results of a sweep.
import { tableKinds } from '#contract/sweeps/sweep.ts'
import { tableFormats, type TableFormat } from '#contract/tables/table.ts'
import { exitCodes, type Command, type ParsedCommand } from './shared/command.ts'
import { json } from './shared/options.ts'
import { tableText } from './shared/sweep-text.ts'
import type { CliParts } from './shared/parts.ts'
import { out, outJson } from './shared/with-workspace.ts'
import { member } from './shared/values.ts'
import { withSweeps } from './shared/with-sweeps.ts'

export const table: Command = {
  name: 'table',
  operands: 'SWEEP',
  summary: 'show the results of a sweep',
  options: {
    format: { value: 'NAME', help: 'text, csv, markdown, latex (default: text)' },
    of: { value: 'NAME', help: 'errors, curve, importance, adapted, costs, risk (default: the sweep’s own)' },
    transpose: { help: 'methods as columns' },
    json,
  },
  run: tableCommand,
}

function tableCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  return withSweeps(parsed, parts, {}, async (_workspace, sweeps) => {
    const name = parsed.operands[0] ?? ''
    const format = member<TableFormat>(parsed.values.get('format') ?? 'text', 'format', tableFormats, [])
    const results = await sweeps.results(name)
    if (parsed.switches.has('json')) {
      outJson(results)
      return exitCodes.ok
    }
    const of = member(parsed.values.get('of') ?? results.definition.shows, 'of', tableKinds, [])
    out(await tableText(sweeps, name, of, format, parsed.switches.has('transpose')))
    return exitCodes.ok
  })
}
