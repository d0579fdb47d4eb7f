// The command `palm`: finds the command and runs it; errors become one plain line and an exit code.
import { version } from '#app/wiring/version.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import { commands, findCommand } from './commands.ts'
import { exitCodes, UsageError } from './shared/command.ts'
import { commandHelp, mainHelp } from './shared/help.ts'
import { parseCommand } from './shared/parse.ts'

/** `args` is what was typed after `palm`. Returns the exit code; never rejects. */
export async function palm(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args)
  } catch (thrown) {
    if (thrown instanceof UsageError) {
      process.stderr.write(`palm: ${thrown.message}\n${thrown.hint}\n`)
      return exitCodes.usage
    }
    printError(toWireError(thrown), args.includes('--verbose'))
    return exitCodes.failed
  }
}

async function dispatch([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(mainHelp(commands))
    return name === undefined ? exitCodes.usage : exitCodes.ok
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${version()}\n`)
    return exitCodes.ok
  }
  const command = findCommand(name)
  const parsed = parseCommand(command, rest)
  if (parsed.switches.has('help')) {
    process.stdout.write(commandHelp(command))
    return exitCodes.ok
  }
  // Only now: the help is shown without loading the rest of the program.
  const { cliParts } = await import('./shared/parts.ts')
  return command.run(
    parsed,
    cliParts((error) => printError(error, parsed.switches.has('verbose'))),
  )
}

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
