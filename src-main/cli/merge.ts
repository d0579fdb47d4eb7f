// `palm merge`: joins files of runs that other machines computed.
import { resolve } from 'node:path'
import { mergeFiles } from '#app/services/sweeps/merge.ts'
import { exitCodes, type Command, type ParsedCommand } from './shared/command.ts'
import { json } from './shared/options.ts'
import { columns } from './shared/result-table.ts'
import type { CliParts } from './shared/parts.ts'
import { out, outJson, withWorkspace } from './shared/with-workspace.ts'

export const merge: Command = {
  name: 'merge',
  operands: 'FILE…',
  summary: 'take in what other machines computed (palm sweep --shard)',
  options: { json },
  notes:
    'Files that do not fit together (other versions, other images, another model, other settings under the same name) are refused before anything is taken. `palm table SWEEP` shows the whole.',
  run: mergeCommand,
}

function mergeCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  return withWorkspace(parsed, parts, null, (workspace) => {
    const merged = mergeFiles(
      workspace.store,
      parsed.operands.map((file) => resolve(file)),
    )
    if (parsed.switches.has('json')) outJson(merged)
    else
      out(
        columns(
          [['file', 'sweeps', 'runs', 'cells', 'known', 'unfinished']],
          merged.map(({ file, sweeps, runs, cells, known, unfinished }) => [
            file,
            sweeps.join(', '),
            String(runs),
            String(cells),
            String(known),
            String(unfinished),
          ]),
        ),
      )
    return exitCodes.ok
  })
}
