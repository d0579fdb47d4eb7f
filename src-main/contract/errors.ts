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
  'store-busy', // another program has been writing to the database for longer than anybody waits
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

/** No room, or none for this user. */
export const isDiskFull = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOSPC' || thrown.code === 'EDQUOT')

function systemError(thrown: unknown): WireError | null {
  const code = systemCode(thrown)
  if (code === null || !(thrown instanceof Error)) return null
  // Of a copy the place that it was to go to is what is full; what could not be opened is more often where it came from.
  const names: object = isDiskFull(thrown) && 'dest' in thrown ? { path: thrown.dest } : thrown
  const known = systemFailure(code, 'path' in names && typeof names.path === 'string' ? names.path : null)
  return known && { ...known, detail: thrown.message }
}

/** Of an error of the system or of SQLite; null for any other. */
export function systemCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || thrown instanceof PalmError) return null
  if (!('code' in thrown) || typeof thrown.code !== 'string') return null
  // Our statements fit our schema: where they do not, the file is another one than we wrote.
  const misfit = thrown.code === 'SQLITE_ERROR' && /^(no such (table|column)|malformed JSON)/.test(thrown.message)
  return misfit ? 'SQLITE_CORRUPT' : thrown.code
}

/** What the system or SQLite means by a code, said of a file (null = which is not known); null for codes that say nothing to a person. */
export function systemFailure(code: string, file: string | null): Pick<WireError, 'code' | 'message'> | null {
  const path = file ?? (code.startsWith('SQLITE_') ? 'the database' : 'the data folder')
  const say = (as: ErrorCode, message: string) => ({
    code: as,
    message: message.replace(/^./, (first) => first.toUpperCase()),
  })
  // SQLite's codes say in their ending what happened where: SQLITE_IOERR_FSYNC.
  switch (code.startsWith('SQLITE_') ? code.split('_').slice(0, 2).join('_') : code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'SQLITE_FULL':
      return say(
        'disk-full',
        `The disk is full (writing ${path}). Free some space, then resume the run: what was recorded is kept.`,
      )
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return say(
        'store-busy',
        `Another program has been writing to ${path} for too long. Wait for it or close it, then try again: what was recorded is kept.`,
      )
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return say(
        'store-damaged',
        `${path} is not a readable database. Move it away (nothing in it is deleted) and start again, or use another data folder (--data).`,
      )
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_READONLY':
    case 'SQLITE_PERM':
      return say(
        'input-unreadable',
        `${path} cannot be opened for writing. Check the folder’s permissions, or use another data folder (--data).`,
      )
    case 'SQLITE_IOERR':
    case 'EIO':
    case 'ESTALE':
    case 'ENODEV':
      return say(
        'input-unreadable',
        `The disk failed, or was taken away (${path}). Connect it again, then try again: what was recorded is kept.`,
      )
    case 'EROFS':
      return say('input-unreadable', `${path} cannot be written: its disk is read-only.`)
    case 'EACCES':
    case 'EPERM':
      return say('input-unreadable', `No permission to open ${path}.`)
    case 'ENOENT':
      return say('input-unreadable', `${path} does not exist.`)
    default:
      return null
  }
}
