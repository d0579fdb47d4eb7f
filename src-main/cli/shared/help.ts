// The help texts, made from the table of commands and their options.
import type { CommandSpec, OptionSpec } from './command.ts'
import { commonOptions } from './options.ts'

const exitCodesText = 'Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.'
const lineWidth = 100

export function mainHelp(commands: readonly CommandSpec[]): string {
  const width = Math.max(...commands.map((command) => usageOf(command).length))
  return [
    'palm: adapt an image classifier on the device while its data drifts (PALM, AAAI 2025)',
    '',
    'Usage: palm COMMAND [options]',
    '',
    ...commands.map((command) => `  ${usageOf(command).padEnd(width)}  ${command.summary}`),
    '',
    '  palm COMMAND --help  shows the options of a command',
    '  palm --version       shows the version',
    '',
    'RUN is the number of a run, or last, last-1, …',
    '',
    'A first try: palm run --sample --limit 20',
    '',
    exitCodesText,
    '',
  ].join('\n')
}

export function commandHelp(command: CommandSpec): string {
  const options: [string, OptionSpec][] = [...Object.entries(command.options), ...Object.entries(commonOptions)]
  const names = options.map(
    ([name, spec]) => `${spec.short ? `-${spec.short}, ` : '    '}--${name}${spec.value ? ` ${spec.value}` : ''}`,
  )
  const width = Math.max(...names.map((name) => name.length))
  return [
    `palm ${command.name}: ${command.summary}`,
    '',
    `Usage: palm ${usageOf(command)} [options]`,
    '',
    ...options.flatMap(([, spec], index) => wrapped(`  ${(names[index] ?? '').padEnd(width)}  `, spec.help)),
    '',
    ...(command.notes ? [...wrapped('', command.notes), ''] : []),
    exitCodesText,
    '',
  ].join('\n')
}

const usageOf = (command: CommandSpec): string =>
  command.operands === '' ? command.name : `${command.name} ${command.operands}`

/** `text` behind `lead`, broken at spaces, later lines indented as far as `lead` is wide. */
function wrapped(lead: string, text: string): string[] {
  const lines: string[] = []
  let line = lead
  let empty = true
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > lineWidth) {
      lines.push(line)
      line = ' '.repeat(lead.length)
      empty = true
    }
    line += empty ? word : ` ${word}`
    empty = false
  }
  return [...lines, line]
}
