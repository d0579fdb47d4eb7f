// The options that several commands share.
import type { OptionSpec } from './command.ts'

/** Of every command. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  data: { value: 'DIR', help: 'where runs are kept (default: PALM_DATA, else the system’s place)' },
  verbose: { help: 'say the technical detail of an error too' },
  help: { help: 'show this help', short: 'h' },
}

export const json: OptionSpec = { help: 'print JSON instead of text' }
export const jsonEvents: OptionSpec = { help: 'print one JSON event a line; the last one has the result' }
export const workers: OptionSpec = {
  value: 'N',
  help: 'threads that decode and corrupt (default: by the number of cores)',
}
