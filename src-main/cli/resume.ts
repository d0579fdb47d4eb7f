// `palm resume`: goes on with a run where it stopped.
import { type Command, type ParsedCommand } from './shared/command.ts'
import { followToEnd } from './shared/follow-run.ts'
import { device, jsonEvents, workers } from './shared/options.ts'
import { runIn, runOf } from './shared/run-number.ts'
import { deviceFrom, workersFrom } from './shared/values.ts'
import type { CliParts } from './shared/parts.ts'
import { withWorkspace } from './shared/with-workspace.ts'

export const resume: Command = {
  name: 'resume',
  operands: 'RUN',
  summary: 'go on with a run that was stopped or interrupted',
  options: {
    device: { ...device, help: 'other than the one that it began on: auto, cpu, cuda, webgpu' },
    workers,
    'halve-batch': {
      help: 'go on with batches of half the size, where memory ran out: other numbers from there on, recorded with the run',
    },
    json: jsonEvents,
  },
  run: resumeCommand,
}

function resumeCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const wanted = runOf(parsed)
  const other = deviceFrom(parsed)
  return withWorkspace(parsed, parts, workersFrom(parsed), (workspace) => {
    const run = runIn(workspace, wanted)
    workspace.runs.sessions.resume(run, other, parsed.switches.has('halve-batch'))
    return followToEnd(workspace.runs, run, { json: parsed.switches.has('json'), printError: parts.printError })
  })
}
