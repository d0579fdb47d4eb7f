// What a command of `palm` is: a row of the table in commands.ts.
import type { CliParts } from './parts.ts'

export interface OptionSpec {
  /** What stands for the value in the help; absent = a switch. */
  readonly value?: string
  readonly help: string
  readonly short?: string
}

/** How a command is written: what parsing, the help and the nearest-option advice read. */
export interface CommandSpec {
  readonly name: string
  /** What stands after the name in the usage line. */
  readonly operands: string
  readonly summary: string
  readonly options: Readonly<Record<string, OptionSpec>>
  /** Said below the options. */
  readonly notes?: string
}

export interface Command extends CommandSpec {
  /** Returns the exit code. Throws `UsageError` for what was written wrongly, any other error for what went wrong. */
  readonly run: (parsed: ParsedCommand, parts: CliParts) => Promise<number>
}

export interface ParsedCommand {
  readonly operands: readonly string[]
  readonly values: ReadonlyMap<string, string>
  readonly switches: ReadonlySet<string>
}

export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** A command that was not written as the help says. Exit code 2. */
export class UsageError extends Error {
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.name = 'UsageError'
    this.hint = hint
  }
}
