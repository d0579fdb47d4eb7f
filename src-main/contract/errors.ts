// Errors as they cross every boundary of the program: a stable code, a sentence for a person, optional technical detail.
// Not a list of all failures: a module that knows more says it in `message`.
import { z } from 'zod'

export const errorCodes = [
  'bad-request', // a message, an option or a setting that does not fit its schema
  'input-unreadable', // a folder or file that cannot be opened
  'input-empty', // no images where images were expected
  'input-labels', // one class only, more classes than the model has, labels that do not match
  'input-size', // images of mixed sizes where one size is needed
  'model-unreadable', // a weights file that is not what it says, or is cut short
  'model-unsupported', // readable weights of an architecture that we do not build
  'method-unsupported', // a method that this model cannot take
  'native-missing', // no native TensorFlow library or no compiled binding
  'device-wrong', // a device that computes other numbers than the processor
  'device-missing', // a device that was asked for and is not there
  'device-lost', // a card that went, or whose driver failed, in the middle of it
  'out-of-memory',
  'disk-full',
  'store-damaged', // a database that cannot be read or is newer than this program
  'port-taken',
  'not-granted', // a page named a place of the machine that nobody allowed it
  'not-let-in', // a page of an earlier start of the program, or of a browser that never had its address
  'run-not-found',
  'run-busy', // the run is not in a state that allows this
  'checkpoint-not-found',
  'sweep-not-found',
  'model-not-found',
  'session-died', // the session process ended without saying why
  'cancelled',
  'internal', // a fault of ours
] as const

export type ErrorCode = (typeof errorCodes)[number]

export const wireErrorSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  detail: z.string().optional(),
})

/** An error as plain data, as it is sent between processes. */
export interface WireError {
  readonly code: ErrorCode
  readonly message: string
  readonly detail?: string | undefined
}

/** An error with a stable code. `message` is for a person: it names the file or setting and says what to do. */
export class PalmError extends Error {
  readonly code: ErrorCode
  readonly detail: string | undefined

  constructor(code: ErrorCode, message: string, detail?: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'PalmError'
    this.code = code
    this.detail = detail
  }
}

/** Any thrown value as plain data; what is not a `PalmError` becomes `internal` with its stack as detail. */
export function toWireError(thrown: unknown): WireError {
  if (thrown instanceof PalmError) {
    return thrown.detail === undefined
      ? { code: thrown.code, message: thrown.message }
      : { code: thrown.code, message: thrown.message, detail: thrown.detail }
  }
  const known = systemError(thrown)
  if (known) return known
  if (thrown instanceof Error) {
    return { code: 'internal', message: thrown.message || thrown.name, detail: thrown.stack ?? thrown.name }
  }
  return { code: 'internal', message: String(thrown) }
}

/** Rebuilds the error on the receiving side. */
export function fromWireError(wire: WireError): PalmError {
  return new PalmError(wire.code, wire.message, wire.detail)
}

function systemError(thrown: unknown): WireError | null {
  if (!(thrown instanceof Error) || !('code' in thrown)) return null
  const path = 'path' in thrown && typeof thrown.path === 'string' ? thrown.path : 'the data folder'
  switch (thrown.code) {
    case 'ENOSPC':
    case 'SQLITE_FULL':
      return {
        code: 'disk-full',
        message: `The disk is full (writing ${path}). Free some space, then resume the run: what was recorded is kept.`,
        detail: thrown.message,
      }
    case 'EACCES':
    case 'EPERM':
      return { code: 'input-unreadable', message: `No permission to open ${path}.`, detail: thrown.message }
    case 'ENOENT':
      return { code: 'input-unreadable', message: `${path} does not exist.`, detail: thrown.message }
    default:
      return null
  }
}
