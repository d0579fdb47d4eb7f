// `palm branch`: a new run that goes on from a checkpoint of another.
import type { OptionRequest } from '#contract/runs/option-change.ts'
import { UsageError, type Command, type ParsedCommand } from './shared/command.ts'
import { followToEnd } from './shared/follow-run.ts'
import { jsonEvents, workers } from './shared/options.ts'
import { runIn, runOf } from './shared/run-number.ts'
import { number, workersFrom } from './shared/values.ts'
import type { CliParts } from './shared/parts.ts'
import { withWorkspace } from './shared/with-workspace.ts'

export const branch: Command = {
  name: 'branch',
  operands: 'RUN',
  summary: 'go on from a checkpoint of a run as a new run, perhaps with other options',
  options: {
    at: { value: 'STEP', help: 'after this step: one at which palm show lists checkpoints' },
    set: { value: 'LIST', help: 'other options of lanes from there on: palm.kappa=0.001,tent.learningRate=0.0005' },
    name: { value: 'TEXT', help: 'a name for the new run' },
    workers,
    json: jsonEvents,
  },
  notes:
    'The run that it comes from stays as it is. What can change: kappa, temperature, eta and lambda of PALM, the learning rate of other methods.',
  run: branchCommand,
}

function branchCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const wanted = runOf(parsed)
  const step = number(parsed.values, 'at')
  if (step === null)
    throw new UsageError(
      'palm branch needs --at STEP, after which it goes on',
      `palm show ${parsed.operands[0]} lists the checkpoints and their steps`,
    )
  if (!Number.isInteger(step) || step < 0)
    throw new UsageError(
      `--at takes a step, not '${parsed.values.get('at')}'`,
      `palm show ${parsed.operands[0]} lists the checkpoints and their steps`,
    )
  const options = optionRequests(parsed.values.get('set'))
  return withWorkspace(parsed, parts, workersFrom(parsed), (workspace) => {
    const run = runIn(workspace, wanted)
    const branch = workspace.runs.sessions.branch({ run, step, options, name: parsed.values.get('name') ?? '' })
    return followToEnd(workspace.runs, branch, { json: parsed.switches.has('json'), printError: parts.printError })
  })
}

/** `palm.kappa=0.001`: values of options by lane. */
function optionRequests(text: string | undefined): OptionRequest[] {
  return (text === undefined ? [] : text.split(',')).map((item) => {
    const match = /^\s*([a-z0-9][a-z0-9-]*)\.([a-zA-Z]+)=(.+)$/.exec(item)
    const value = Number(match?.[3])
    if (!match || !Number.isFinite(value))
      throw new UsageError(
        `--set needs LANE.OPTION=NUMBER, not '${item.trim()}'`,
        'palm branch --help lists what can change',
      )
    return { lane: match[1] as string, option: match[2] as string, value }
  })
}
