// The commands of `palm`, in the order of the help.
import { branch } from './branch.ts'
import { compare } from './compare.ts'
import { damage } from './damage.ts'
import { doctor } from './doctor.ts'
import { exportModel } from './export.ts'
import { inputs } from './inputs.ts'
import { lab } from './lab.ts'
import { merge } from './merge.ts'
import { methods } from './methods.ts'
import { models } from './models.ts'
import { parity } from './parity.ts'
import { resume } from './resume.ts'
import { run } from './run.ts'
import { runs } from './runs.ts'
import { worker } from './worker.ts'
import { UsageError, type Command } from './shared/command.ts'
import { nearest } from './shared/nearest.ts'
import { show } from './show.ts'
import { sweep } from './sweep.ts'
import { sweeps } from './sweeps.ts'
import { table } from './table.ts'

export const commands: readonly Command[] = [
  run,
  methods,
  sweep,
  sweeps,
  table,
  merge,
  worker,
  lab,
  runs,
  compare,
  show,
  resume,
  branch,
  exportModel,
  models,
  inputs,
  damage,
  doctor,
  parity,
]

/** The command called `name`. Throws `UsageError` with the nearest one. */
export function findCommand(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name)
  if (command) return command
  const near = nearest(
    name,
    commands.map((candidate) => candidate.name),
  )
  throw new UsageError(
    `there is no command '${name}'${near ? `; did you mean '${near}'?` : ''}`,
    'palm --help lists the commands',
  )
}
