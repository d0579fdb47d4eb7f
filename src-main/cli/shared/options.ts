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
export const source: OptionSpec = {
  value: 'DIR',
  help: 'clean images of the kind the model was trained on, for the methods that need them',
}
export const labels: OptionSpec = {
  value: 'FILE',
  help: 'classes matched by hand, JSON: {"cat": 3, "other": null}; or how they are counted: from-0, from-1, order (sorted)',
}
export const limit: OptionSpec = { value: 'N', help: 'images in each domain (default: all)' }
export const guard: OptionSpec = { help: 'put a method that collapses back to its last good checkpoint' }
export const device: OptionSpec = {
  value: 'NAME',
  help: 'what computes: auto, cpu, cuda, webgpu (default: PALM_DEVICE, else as the settings say)',
}
export const workers: OptionSpec = {
  value: 'N',
  help: 'threads that decode and corrupt (default: by the number of cores)',
}
export const queue: OptionSpec = {
  value: 'ADDRESS',
  help: 'of a PostgreSQL server, postgres://USER@SERVER/DATABASE (default: PALM_QUEUE); the password is read from PGPASSWORD',
}
