// The calls of the queue: rows of the api (contract/api.ts).
import { z } from 'zod'
import type { ApiRow } from '#contract/api-row.ts'
import { mostQueued, queueAddSchema, queuedWorkSchema } from './queue.ts'

const queued = z.strictObject({ id: z.number().int().positive() })
const nothing = z.strictObject({})

export const queueMethods = {
  /** Lines something up; it begins by itself when its turn comes. */
  'queue.add': { access: 'writes', request: queueAddSchema, response: z.object({ id: z.number().int() }) },
  /** To a place of the order, counted from 0. */
  'queue.move': {
    access: 'writes',
    request: queued.extend({ to: z.number().int().min(0).max(mostQueued) }),
    response: nothing,
  },
  /** Passed over, or not any more; what could not begin is tried again. */
  'queue.hold': { access: 'writes', request: queued.extend({ held: z.boolean() }), response: nothing },
  'queue.remove': { access: 'writes', request: queued, response: nothing },
  'queue.restore': { access: 'writes', request: queued, response: nothing },
  /** Of the whole queue: nothing begins by itself until it goes on. */
  'queue.pause': { access: 'writes', request: z.strictObject({ paused: z.boolean() }), response: nothing },
  /** Stops what is under way and does this in its place, before what is lined up. Gives its run; null = it is a sweep. */
  'queue.instead': {
    access: 'writes',
    request: z.strictObject({ work: queuedWorkSchema }),
    response: z.object({ run: z.number().int().nullable() }),
  },
} as const satisfies Readonly<Record<string, ApiRow>>
