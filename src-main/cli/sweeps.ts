// `palm sweeps`: the list of sweeps.
import { readySweepNames } from '#contract/sweeps/ready-sweeps.ts'
import { exitCodes, type Command, type ParsedCommand } from './shared/command.ts'
import { json } from './shared/options.ts'
import { columns } from './shared/result-table.ts'
import type { CliParts } from './shared/parts.ts'
import { out, outJson, tellDamaged } from './shared/with-workspace.ts'
import { withSweeps } from './shared/with-sweeps.ts'

export const sweeps: Command = {
  name: 'sweeps',
  operands: '',
  summary: 'list the sweeps',
  options: { json },
  run: sweepsCommand,
}

function sweepsCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  return withSweeps(parsed, parts, {}, async ({ store }, sweeps) => {
    const states = await sweeps.list()
    tellDamaged(store.sweeps.damaged())
    if (parsed.switches.has('json')) outJson(states)
    else if (states.length === 0) out(`No sweep yet. Ready-made ones: palm sweep ${readySweepNames.join(' | ')}\n`)
    else
      out(
        columns(
          [['sweep', 'state', 'cells', 'title']],
          states.map(({ name, state, done, cells, title }) => [name, state, `${done}/${cells}`, title]),
        ),
      )
    return exitCodes.ok
  })
}
