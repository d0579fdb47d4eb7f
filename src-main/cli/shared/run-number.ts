// The operand RUN.
import { UsageError, type ParsedCommand } from './command.ts'

export const runOf = (parsed: ParsedCommand): number => runNumber(parsed.operands[0] ?? '')

export function runNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`'${text}' is no run: give its number`, 'palm runs lists them')
  return Number(text)
}
