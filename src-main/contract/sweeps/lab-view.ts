// The app's connection to a lab's queue: where it is, how it stands, and the sweeps that are computed there. The password goes one way, from the form to the host process; nothing
// here gives it back.
import { z } from 'zod'
import type { ApiRow } from '#contract/api-row.ts'
import { labStateSchema } from './lab.ts'

const plain = (what: string) =>
  z
    .string()
    .trim()
    .min(1, `${what} is missing`)
    .max(200)
    .refine((text) => !/[\s\p{Cc}]/u.test(text), 'has spaces in it')

/** A server's name or number, with its port where it is not PostgreSQL's usual one. */
const serverSchema = plain('the server').refine(
  (text) => /^(\[[0-9a-f:.]+\]|[\p{L}\p{N}._-]+)(:\d{1,5})?$/iu.test(text),
  'is no name of a server, as lab-server or lab-server:5432',
)

const certificateSchema = z
  .string()
  .max(200_000)
  .refine(
    (text) => text === '' || (/-----BEGIN CERTIFICATE-----/.test(text) && !/PRIVATE KEY-----/.test(text)),
    'is no certificate (a text that begins with -----BEGIN CERTIFICATE-----)',
  )

/** Where a queue is. Without a password, which is not part of the address anywhere. */
export const labPlaceSchema = z.strictObject({
  server: serverSchema,
  database: plain('the database'),
  user: plain('the user'),
  /** Whether the connection is encrypted and the server's certificate checked; null = unless the server is this machine. */
  encrypted: z.boolean().nullable(),
  /** What the server is known by, as text (PEM); empty = by the system's authorities. */
  certificate: certificateSchema,
})
export type LabPlace = z.output<typeof labPlaceSchema>

export const usualLabPlace: LabPlace = {
  server: '',
  database: 'lab',
  user: 'lab',
  encrypted: null,
  certificate: '',
}

/** A sweep whose cells are computed in the lab. */
const labSweepSchema = z.object({
  sweep: z.number().int(),
  name: z.string(),
  /** `reading`: what images and models hold; `putting`: into the queue; `waiting`: for results; `over`: all are here, or set aside. */
  phase: z.enum(['reading', 'putting', 'waiting', 'over', 'failed']),
  cells: z.number().int(),
  /** Put into the queue so far, or there already. */
  put: z.number().int(),
  done: z.number().int(),
  aside: z.number().int(),
  /** What was said on the way: what is too large to travel. */
  notes: z.array(z.string()),
  error: z.string().nullable(),
})
export type LabSweepView = z.output<typeof labSweepSchema>

export const passwordSources = ['none', 'environment', 'session', 'kept'] as const

export const labViewSchema = z.object({
  /** The last one, or the environment's; null = none was ever named. */
  place: labPlaceSchema.nullable(),
  /** `lost`: it was connected, and the server does not answer now; it is tried again by itself. */
  phase: z.enum(['off', 'connecting', 'on', 'lost']),
  /** Server and database, for people. */
  shown: z.string(),
  /** Why it is off or lost, or that it is not encrypted. */
  problem: z.string().nullable(),
  warning: z.string().nullable(),
  /** Where the password comes from; itself it is told to nobody. */
  password: z.enum(passwordSources),
  /** Why the system's key store cannot keep it; null = it can. */
  keepRefused: z.string().nullable(),
  state: labStateSchema.nullable(),
  sweeps: z.array(labSweepSchema),
})
export type LabView = z.output<typeof labViewSchema>

const nothing = z.strictObject({})
const sweepId = z.strictObject({ sweep: z.number().int().positive() })

export const labMethods = {
  /** `password` null: the one that is known. `keep`: in the system's key store; else it is forgotten with the program. Answers when it is connected. */
  'lab.connect': {
    access: 'writes',
    request: z.strictObject({
      place: labPlaceSchema,
      password: z.string().min(1).max(1000).nullable(),
      keep: z.boolean(),
    }),
    response: nothing,
  },
  /** The sweeps in the queue stay there. */
  'lab.disconnect': { access: 'writes', request: nothing, response: nothing },
  /** Out of the key store and out of memory. */
  'lab.forgetPassword': { access: 'writes', request: nothing, response: nothing },
  /** Puts a sweep's missing cells in, and takes their results as they come. Answers at once; the subscription `lab` tells how far it is. */
  'lab.put': { access: 'writes', request: sweepId, response: nothing },
  /** Takes the waiting cells of a sweep out of the queue, for everybody, and waits for none any more. */
  'lab.takeOut': { access: 'writes', request: sweepId, response: z.object({ cells: z.number().int() }) },
  /** A cell that was set aside is tried again. */
  'lab.again': {
    access: 'writes',
    request: z.strictObject({ key: z.string().regex(/^[0-9a-f]{64}$/) }),
    response: nothing,
  },
} as const satisfies Readonly<Record<string, ApiRow>>
