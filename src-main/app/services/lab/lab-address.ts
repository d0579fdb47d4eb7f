// Where a lab's queue is: a PostgreSQL server, with its password from the environment and the connection encrypted unless the server is this machine.
import { readFileSync } from 'node:fs'
import { PalmError } from '#contract/errors.ts'
import { labPlaceSchema, type LabPlace } from '#contract/sweeps/lab-view.ts'

export interface LabAddress {
  /** Without a password. */
  readonly url: string
  readonly password: string | undefined
  /** As it was asked for; null = unless the server is this machine. */
  readonly encrypted: boolean | null
  /** What the server's certificate is checked against; null = the system's authorities. */
  readonly ca: string | null
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
  const mode = url.searchParams.get('sslmode')
  const ca = url.searchParams.get('sslrootcert')
  for (const name of url.searchParams.keys())
    if (name !== 'sslmode' && name !== 'sslrootcert') throw wrong(`Nothing is known of “${name}” in an address.`)
  if (mode !== null && !['disable', 'require', 'verify-ca', 'verify-full'].includes(mode))
    throw wrong(`sslmode is disable, require, verify-ca or verify-full, not “${mode}”.`)
  url.search = ''
  return addressOf(url, password, mode === null ? null : mode !== 'disable', ca === null ? null : certificate(ca))
}

/** Where a place of the app's form is. */
export const addressOfPlace = (
  { server, database, user, encrypted, certificate: ca }: LabPlace,
  password: string | undefined,
): LabAddress =>
  addressOf(
    new URL(`postgres://${encodeURIComponent(user)}@${server}/${encodeURIComponent(database)}`),
    password,
    encrypted,
    ca === '' ? null : ca,
  )

/** PALM_QUEUE's place and its password; null = the variable is not set, or names none. */
export function placeOfEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
): { readonly place: LabPlace; readonly password: string | undefined } | null {
  if (!environment['PALM_QUEUE']) return null
  try {
    const { url: text, password, encrypted, ca } = labAddress(null, environment)
    const url = new URL(text)
    const place = labPlaceSchema.parse({
      server: url.host || 'localhost',
      database: decodeURIComponent(url.pathname.slice(1)),
      user: decodeURIComponent(url.username),
      encrypted,
      certificate: ca ?? '',
    })
    return { place, password }
  } catch {
    return null
  }
}

/** `encrypted` null: unless the server is this machine. */
function addressOf(url: URL, password: string | undefined, encrypted: boolean | null, ca: string | null): LabAddress {
  url.password = ''
  const here = thisMachine.has(url.hostname)
  const tls = encrypted ?? !here
  const shown = `${url.hostname || 'localhost'}${url.port === '' ? '' : `:${url.port}`}${url.pathname}`
  return {
    url: url.href,
    password: password === '' ? undefined : password,
    encrypted,
    ca,
    ssl: tls ? { rejectUnauthorized: true, ...(ca === null ? {} : { ca }) } : false,
    shown,
    warning: tls || here ? null : `The connection to ${shown} is not encrypted: others on the network can read it.`,
  }
}

function certificate(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new PalmError('input-unreadable', `The certificate ${path} cannot be read.`, String(cause), { cause })
  }
}
