// The answering side of rpc: one handler table over one port, whatever the host. Requests are parsed before a handler sees
// them; what a handler throws crosses as {code, message, detail}; subscriptions end with their port.
import type { z } from 'zod'
import { apiMethods } from '#contract/api.ts'
import type { ApiMethod, ApiResponse } from '#contract/api.ts'
import type { ApiRow } from '#contract/api-row.ts'
import { subscriptions } from '#contract/subscriptions.ts'
import type { SubscriptionName } from '#contract/subscriptions.ts'
import { PalmError, toWireError } from '#contract/errors.ts'
import type { WireError } from '#contract/errors.ts'
import { createDrain } from './drain.ts'
import { describeMisfit, parseFrame, toServerSchema } from './messages.ts'
import { packMessage } from './packing.ts'
import type { ToClient, ToServer } from './messages.ts'
import type { Port } from './port.ts'

/** A request as a handler gets it: parsed, defaults filled in. */
export type ParsedRequest<M extends ApiMethod> = z.output<(typeof apiMethods)[M]['request']>

export type Handlers = {
  readonly [M in ApiMethod]: (request: ParsedRequest<M>) => ApiResponse<M> | Promise<ApiResponse<M>>
}

export interface Sink<Snapshot, Event> {
  snapshot(snapshot: Snapshot): void
  event(event: Event): void
  error(error: WireError): void
}

/** Starts a subscription and gives back what ends it. May throw: the subscriber then gets that error. */
export type Subscribers = {
  readonly [N in SubscriptionName]: (
    request: z.output<(typeof subscriptions)[N]['request']>,
    sink: Sink<z.output<(typeof subscriptions)[N]['snapshot']>, z.output<(typeof subscriptions)[N]['event']>>,
  ) => () => void
}

/** What one page may have under way at once: far more than its screens ask for. */
const most = { calls: 512, lengthOfCalls: 64 << 20, subscriptions: 128 }

export interface Connection {
  /** Takes no more requests, answers those under way, then closes the port. */
  drain(): Promise<void>
}

/** Answers what arrives at `port` until it closes; `onMisfit` hears of messages that either side did not understand. */
export function serve(
  port: Port,
  handlers: Handlers,
  subscribers: Subscribers,
  onMisfit: (what: string, reason: string) => void = () => undefined,
): Connection {
  const work = createDrain()
  const open = new Map<number, () => void>()
  const underWay = { calls: 0, length: 0 }
  const sendFrame = (frame: ToClient): void => port.send(JSON.stringify(frame))
  const fail = (id: number, thrown: unknown): void => sendFrame({ type: 'error', id, error: toWireError(thrown) })

  async function answer(frame: Call, byteFields: readonly string[], length: number): Promise<void> {
    if (underWay.calls >= most.calls || underWay.length + length > most.lengthOfCalls)
      return fail(frame.id, new PalmError('bad-request', 'This page asks for too much at once. Wait for some answers.'))
    underWay.calls += 1
    underWay.length += length
    try {
      const { response, bytes } = await dispatch(handlers, frame, byteFields)
      port.send(packMessage({ type: 'result', id: frame.id, response }, 'response', bytes))
    } catch (thrown) {
      fail(frame.id, thrown)
    } finally {
      underWay.calls -= 1
      underWay.length -= length
    }
  }

  function subscribe(frame: Extract<ToServer, { type: 'subscribe' }>): void {
    const { id } = frame
    let live = true
    const end = (): void => {
      live = false
      open.delete(id)
    }
    try {
      if (open.size >= most.subscriptions)
        throw new PalmError('bad-request', `This page has ${most.subscriptions} subscriptions open already.`)
      if (open.has(id)) throw new PalmError('bad-request', `Subscription ${id} is open already.`)
      const stop = start(subscribers, frame.name, frame.request, {
        snapshot: (snapshot) => live && sendFrame({ type: 'snapshot', id, snapshot }),
        event: (event) => live && sendFrame({ type: 'event', id, event }),
        error: (error) => {
          if (!live) return
          open.get(id)?.()
          end()
          sendFrame({ type: 'error', id, error })
        },
      })
      if (!live) return stop()
      open.set(id, () => {
        end()
        stop()
      })
    } catch (thrown) {
      fail(id, thrown)
    }
  }

  port.onMessage((message) => {
    const parsed = parseFrame(toServerSchema, message, 'request')
    if (!parsed.ok) {
      onMisfit('A page sent a message that is not a request of this program.', parsed.reason)
      const refusal = 'This message is not a request of this program.'
      return fail(parsed.id, new PalmError('bad-request', refusal, parsed.reason))
    }
    const { frame, byteFields } = parsed
    if (frame.type === 'unsubscribe') return open.get(frame.id)?.()
    if (frame.type === 'misfit') return onMisfit('A page did not understand a message of this program.', frame.reason)
    if (work.draining) return fail(frame.id, new PalmError('cancelled', 'The program is closing.'))
    if (frame.type === 'subscribe') return subscribe(frame)
    void work.track(answer(frame, byteFields, message.length))
  })
  port.onClose(() => {
    for (const stop of [...open.values()]) stop()
  })

  return {
    async drain() {
      await work.drained()
      port.close()
    },
  }
}

type Call = Extract<ToServer, { type: 'call' }>

/** The handler's answer, and which of its fields travel as bytes. */
async function dispatch(
  handlers: Handlers,
  { method, request }: Call,
  byteFields: readonly string[],
): Promise<{ readonly response: unknown; readonly bytes: readonly string[] }> {
  if (!isKey(apiMethods, method)) throw new PalmError('bad-request', `There is no method '${method}'.`)
  const row: ApiRow = apiMethods[method]
  const unexpected = byteFields.find((name) => !row.bytes?.request.includes(name))
  if (unexpected !== undefined) throw new PalmError('bad-request', `${method} takes no bytes as '${unexpected}'.`)
  const parsed = row.request.safeParse(request)
  if (!parsed.success)
    throw new PalmError('bad-request', `The request to ${method} does not fit: ${describeMisfit(parsed.error)}.`)
  // The table's type ties each handler to its own method's schema, which has just parsed the request.
  const handler = handlers[method] as (request: unknown) => unknown
  return { response: await handler(parsed.data), bytes: row.bytes?.response ?? [] }
}

function start(subscribers: Subscribers, name: string, request: unknown, sink: Sink<unknown, unknown>): () => void {
  if (!isKey(subscriptions, name)) throw new PalmError('bad-request', `There is no subscription '${name}'.`)
  const parsed = subscriptions[name].request.safeParse(request)
  if (!parsed.success)
    throw new PalmError('bad-request', `The subscription to ${name} does not fit: ${describeMisfit(parsed.error)}.`)
  const subscriber = subscribers[name] as (request: unknown, sink: Sink<unknown, unknown>) => () => void
  return subscriber(parsed.data, sink)
}

function isKey<T extends object>(table: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(table, key)
}
