// Where a lab's queue is: a PostgreSQL server, with its password from the environment and the connection encrypted unless the server is this machine.
import { readFileSync } from 'node:fs'
import { PalmError, toWireError } from '#contract/errors.ts'

export interface LabAddress {
  /** Without a password. */
  readonly url: string
  readonly password: string | undefined
  readonly ssl: false | { readonly rejectUnauthorized: true; readonly ca?: string }
  /** For screens and logs: server, port and database. */
  readonly shown: string
  /** What is said before it is used; null = nothing. */
  readonly warning: string | null
}

const wrong = (what: string) =>
  new PalmError('bad-request', `${what} A queue is given as postgres://USER@SERVER/DATABASE.`)

const thisMachine = new Set(['', 'localhost', '127.0.0.1', '[::1]'])

/**
 * `text`: of the command; null = PALM_QUEUE of the environment, where it may hold a password.
 * @throws PalmError `bad-request`, also for a password in a command, which other users of the machine can read
 */
export function labAddress(text: string | null, environment: NodeJS.ProcessEnv = process.env): LabAddress {
  const given = text ?? environment['PALM_QUEUE'] ?? ''
  let url: URL
  try {
    url = new URL(given)
  } catch {
    throw wrong(given === '' ? 'No queue was named.' : 'That is no address of a queue.')
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    throw wrong('A queue lies on a PostgreSQL server.')
  if (text !== null && url.password !== '')
    throw new PalmError(
      'bad-request',
      'A password in a command can be read by other users of this machine. Leave it out of the address and give it in the environment variable PGPASSWORD, or the whole address in PALM_QUEUE.',
    )
  const password = url.password === '' ? environment['PGPASSWORD'] : decodeURIComponent(url.password)
  url.password = ''
  const mode = url.searchParams.get('sslmode')
  const ca = url.searchParams.get('sslrootcert')
  for (const name of [...url.searchParams.keys()]) {
    if (name !== 'sslmode' && name !== 'sslrootcert') throw wrong(`Nothing is known of “${name}” in an address.`)
    url.searchParams.delete(name)
  }
  if (mode !== null && !['disable', 'require', 'verify-ca', 'verify-full'].includes(mode))
    throw wrong(`sslmode is disable, require, verify-ca or verify-full, not “${mode}”.`)
  const here = thisMachine.has(url.hostname)
  const encrypted = mode === null ? !here : mode !== 'disable'
  const shown = `${url.hostname || 'localhost'}${url.port === '' ? '' : `:${url.port}`}${url.pathname}`
  return {
    url: url.href,
    password: password === '' ? undefined : password,
    ssl: encrypted ? { rejectUnauthorized: true, ...(ca === null ? {} : { ca: certificate(ca) }) } : false,
    shown,
    warning:
      encrypted || here
        ? null
        : `The connection to ${shown} is not encrypted (sslmode=disable): others on the network can read it.`,
  }
}

function certificate(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new PalmError('input-unreadable', `The certificate ${path} cannot be read.`, String(cause), { cause })
  }
}

/** Why a server cannot be used, with what to look at. */
export function unreachable(thrown: unknown, { shown }: LabAddress): PalmError {
  if (thrown instanceof PalmError) return thrown
  const { message } = toWireError(thrown)
  return new PalmError(
    'bad-request',
    `The queue at ${shown} cannot be used: ${message}. Does the server run, may this user write to that database, and is the password right (PGPASSWORD)?`,
    undefined,
    { cause: thrown },
  )
}
