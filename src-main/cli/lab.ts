// `palm lab`: what a lab's queue holds and which machines work on it.
import { exitCodes, type Command, type ParsedCommand } from './shared/command.ts'
import { labLine } from './shared/lab-text.ts'
import { json, queue } from './shared/options.ts'
import { columns } from './shared/result-table.ts'
import type { CliParts } from './shared/parts.ts'
import { out, outJson } from './shared/with-workspace.ts'

export const lab: Command = {
  name: 'lab',
  operands: '',
  summary: 'show the machines and cells of a queue',
  options: { queue, json },
  run: labCommand,
}

async function labCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const { queue: opened, shown } = await parts.queue(parsed.values.get('queue') ?? null, (note) => {
    process.stderr.write(`${note}\n`)
  })
  try {
    const state = await opened.state()
    if (parsed.switches.has('json')) outJson(state)
    else {
      out(`${shown}: ${labLine(state)}\n`)
      if (state.workers.length > 0)
        out(
          columns(
            [['machine', 'on', 'computes', 'cells sent']],
            state.workers.map(({ name, device, cell, done }) => [name, device, cell ?? 'waits', String(done)]),
          ),
        )
      for (const { label, worker, error } of state.asideCells)
        out(`Set aside: ${label} (${worker}): ${error.message}\n`)
    }
    return exitCodes.ok
  } finally {
    await opened.close()
  }
}
