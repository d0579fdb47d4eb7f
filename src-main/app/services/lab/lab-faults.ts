// Why a lab's server cannot be used, in words that say what to look at.
import { PalmError, toWireError } from '#contract/errors.ts'
import type { LabAddress } from './lab-address.ts'

/** What is wrong, by what Node, PostgreSQL and its client call it. The first that fits. */
const faults: readonly (readonly [fits: RegExp, said: (shown: string) => string])[] = [
  [
    /ENOTFOUND|EAI_AGAIN/,
    (shown) => `The queue at ${shown} cannot be used: no machine of that name is known here. Is it spelt right?`,
  ],
  [
    /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ECONNRESET|EPIPE|timeout|terminated|not queryable/i,
    (shown) =>
      `The queue at ${shown} cannot be used: nobody answers there. Does the server run, is the port right, and does it listen to other machines (listen_addresses)?`,
  ],
  [
    /28P01|SCRAM-SERVER-FIRST-MESSAGE|SASL/,
    (shown) => `The queue at ${shown} cannot be used: the password is wrong, or none was given.`,
  ],
  [
    /28000/,
    (shown) =>
      `The queue at ${shown} cannot be used: the server does not let this user in from this machine. The server’s pg_hba.conf says who may come.`,
  ],
  [
    /3D000/,
    (shown) =>
      `The queue at ${shown} cannot be used: the server has no such database. On the server: createdb --owner USER DATABASE.`,
  ],
  [
    /42501/,
    (shown) =>
      `The queue at ${shown} cannot be used: this user may not make tables in that database. Its owner may: createdb --owner USER DATABASE.`,
  ],
  [
    /53300/,
    (shown) =>
      `The queue at ${shown} cannot be used: it has as many connections as it takes. Raise max_connections on the server, or stop some workers.`,
  ],
  [
    /does not support SSL/,
    (shown) =>
      `The queue at ${shown} cannot be used: the server speaks no TLS. Switch it on there (ssl = on), or, in a network that you trust, ask for a connection without encryption.`,
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    (shown) =>
      `The queue at ${shown} cannot be used: the server’s certificate is for another name. Call the server as its certificate does, or make one with this name.`,
  ],
  [
    /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    (shown) =>
      `The queue at ${shown} cannot be used: the server’s certificate is not valid today. Is the clock right? Else make a new one.`,
  ],
  [
    /SELF_SIGNED|UNABLE_TO_|CERT_|ERR_TLS|ERR_SSL|EPROTO|certificate/i,
    (shown) =>
      `The queue at ${shown} cannot be used: the server’s certificate is not one that this machine trusts. Copy the server’s certificate here and name it.`,
  ],
]

/** What Node, TLS and PostgreSQL say of a fault: codes and sentences of it and of what caused it. */
function signsOf(thrown: unknown): string {
  const signs: string[] = []
  let at: unknown = thrown
  for (let depth = 0; depth < 4 && at instanceof Error; depth++) {
    if ('code' in at && typeof at.code === 'string') signs.push(at.code)
    signs.push(at.message)
    if (at instanceof AggregateError) signs.push(...at.errors.map(signsOf))
    at = at.cause
  }
  return signs.join(' ')
}

/** Why a server cannot be used, with what to look at. */
export function unreachable(thrown: unknown, { shown }: Pick<LabAddress, 'shown'>): PalmError {
  if (thrown instanceof PalmError) return thrown
  const signs = signsOf(thrown)
  const known = faults.find(([fits]) => fits.test(signs))
  const message = known
    ? known[1](shown)
    : `The queue at ${shown} cannot be used: ${toWireError(thrown).message}. Does the server run, may this user write to that database, and is the password right?`
  return new PalmError('bad-request', message, signs, { cause: thrown })
}
