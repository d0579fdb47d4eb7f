// The command `palm`: finds the command, wires its parts, turns errors into one plain line and an exit code.
import { toWireError } from '#contract/errors.ts'
import type { WireError } from '#contract/errors.ts'
import {
  branchCommand,
  doctorCommand,
  exportCommand,
  resumeCommand,
  runCommand,
  runsCommand,
  showCommand,
} from '#cli/commands.ts'
import { compareCommand } from '#cli/compare.ts'
import type { CliParts } from '#cli/shared/with-workspace.ts'
import { commandHelp, exitCodes, mainHelp } from '#cli/shared/help.ts'
import { inputsCommand, modelsCommand } from '#cli/models.ts'
import { methodsCommand, sweepCommand, sweepsCommand, tableCommand } from '#cli/sweep.ts'
import { UsageError, findCommand, parseCommand } from '#cli/shared/parse.ts'
import { appVersion } from '#app/wiring/abilities.ts'

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(mainHelp())
    return name === undefined ? exitCodes.usage : exitCodes.ok
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${appVersion()}\n`)
    return exitCodes.ok
  }
  const command = findCommand(name)
  const parsed = parseCommand(command, rest)
  if (parsed.switches.has('help')) {
    process.stdout.write(commandHelp(command))
    return exitCodes.ok
  }
  if (command.name === 'parity') {
    const { parityCommand } = await import('#cli/parity.ts')
    return parityCommand([...parsed.operands, ...(parsed.switches.has('json') ? ['--json'] : [])])
  }
  const { cliParts } = await import('#cli/shared/parts.ts')
  const parts = cliParts((error) => printError(error, parsed.switches.has('verbose')))
  return commandsByName[command.name as keyof typeof commandsByName](parsed, parts)
}

const commandsByName = {
  run: runCommand,
  runs: runsCommand,
  show: showCommand,
  compare: compareCommand,
  resume: resumeCommand,
  branch: branchCommand,
  export: exportCommand,
  doctor: doctorCommand,
  methods: methodsCommand,
  sweep: sweepCommand,
  sweeps: sweepsCommand,
  table: tableCommand,
  models: modelsCommand,
  inputs: inputsCommand,
} satisfies Record<string, (parsed: ReturnType<typeof parseCommand>, parts: CliParts) => Promise<number>>

function printError(error: WireError, verbose: boolean): void {
  process.stderr.write(`palm: ${error.message}\n`)
  if (error.detail === undefined) return
  process.stderr.write(
    verbose
      ? `${error.detail}\n`
      : error.code === 'internal'
        ? 'This is a fault of the program; --verbose shows the detail.\n'
        : '',
  )
}

// A reader that goes away early (`palm runs | head`) is no fault.
process.stdout.on('error', () => undefined)

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (thrown) {
  if (thrown instanceof UsageError) {
    process.stderr.write(`palm: ${thrown.message}\n${thrown.hint}\n`)
    process.exitCode = exitCodes.usage
  } else {
    printError(toWireError(thrown), process.argv.includes('--verbose'))
    process.exitCode = exitCodes.failed
  }
}
