// `palm runs`: the list of all runs.
import { exitCodes, type Command, type ParsedCommand } from './shared/command.ts'
import { json } from './shared/options.ts'
import { columns, percent } from './shared/result-table.ts'
import type { CliParts } from './shared/parts.ts'
import { out, outJson, tellDamaged, withWorkspace } from './shared/with-workspace.ts'

export const runs: Command = {
  name: 'runs',
  operands: '',
  summary: 'list the runs',
  options: { json },
  run: runsCommand,
}

function runsCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  return withWorkspace(parsed, parts, null, ({ runs, store }) => {
    const list = runs.catalogue.list()
    tellDamaged(store.runs.damaged())
    if (parsed.switches.has('json')) outJson(list)
    else if (list.length === 0) out('No run yet. A first one: palm run --sample --limit 20\n')
    else {
      const rows = list.map((run) => [
        String(run.id),
        run.status,
        `${run.step}/${run.totalSteps}`,
        new Date(run.createdAt).toISOString().slice(0, 16).replace('T', ' '),
        `${run.inputName} / ${run.modelName}`,
        run.lanes.map((lane) => `${lane.label} ${percent(lane.meanErrorPct)}`).join(', '),
      ])
      out(columns([['run', 'status', 'steps', 'started (UTC)', 'input / model', 'mean error %']], rows))
    }
    return exitCodes.ok
  })
}
