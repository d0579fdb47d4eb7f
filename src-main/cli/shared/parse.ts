// Reads what was typed after a command's name, by the command's table of options.
import { parseArgs } from 'node:util'
import { UsageError, type CommandSpec, type OptionSpec, type ParsedCommand } from './command.ts'
import { nearest } from './nearest.ts'
import { commonOptions } from './options.ts'

/** Reads what stands after a command's name. Throws `UsageError`. */
export function parseCommand(command: CommandSpec, args: readonly string[]): ParsedCommand {
  const specs: Readonly<Record<string, OptionSpec>> = { ...command.options, ...commonOptions }
  const hint = `palm ${command.name} --help lists its options`
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      {
        type: spec.value === undefined ? ('boolean' as const) : ('string' as const),
        ...(spec.short === undefined ? {} : { short: spec.short }),
      },
    ]),
  )
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const operands: string[] = []
  const values = new Map<string, string>()
  const switches = new Set<string>()
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value)
    if (token.kind !== 'option') continue
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined
    if (spec === undefined) {
      const near = nearest(token.name, Object.keys(specs))
      throw new UsageError(
        `palm ${command.name} has no option ${token.rawName}${near ? `; did you mean --${near}?` : ''}`,
        hint,
      )
    }
    if (values.has(token.name)) throw new UsageError(`--${token.name} is given twice`, hint)
    if (spec.value === undefined) {
      if (token.value !== undefined) throw new UsageError(`--${token.name} takes no value`, hint)
      switches.add(token.name)
    } else {
      if (token.value === undefined || (!token.inlineValue && /^--[a-z]/.test(token.value)))
        throw new UsageError(`--${token.name} needs a value: --${token.name} ${spec.value}`, hint)
      values.set(token.name, token.value)
    }
  }
  const places = command.operands === '' ? [] : command.operands.split(' ')
  const least = places.filter((place) => !place.startsWith('[')).length
  const most = places.at(-1)?.endsWith('…') ? Number.POSITIVE_INFINITY : places.length
  if (!switches.has('help') && (operands.length < least || operands.length > most)) {
    const surplus = operands.length > most ? operands[places.length] : undefined
    throw new UsageError(
      surplus === undefined
        ? `palm ${command.name} needs ${command.operands}`
        : `palm ${command.name} does not take '${surplus}'`,
      hint,
    )
  }
  return { operands, values, switches }
}
