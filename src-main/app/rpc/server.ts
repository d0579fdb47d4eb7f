// The answering side of rpc: one handler table over one port, whatever the host. Requests are parsed before a handler sees
// them; what a handler throws crosses as {code, message, detail}; subscriptions end with their port.
import type { z } from 'zod'
import { apiMethods, subscriptions } from '#contract/api.ts'
import type { ApiMethod, ApiResponse, SubscriptionName } from '#contract/api.ts'
import { PalmError, toWireError } from '#contract/errors.ts'
import type { WireError } from '#contract/errors.ts'
import { createDrain } from './drain.ts'
import { describeMisfit, parseFrame, toServerSchema } from './messages.ts'
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

export interface Connection {
  /** Takes no more requests, answers those under way, then closes the port. */
  drain(): Promise<void>
}

/** Answers what arrives at `port` until it closes. */
export function serve(port: Port, handlers: Handlers, subscribers: Subscribers): Connection {
  const work = createDrain()
  const open = new Map<number, () => void>()
  const sendFrame = (frame: ToClient): void => port.send(JSON.stringify(frame))
  const fail = (id: number, thrown: unknown): void => sendFrame({ type: 'error', id, error: toWireError(thrown) })

  async function answer(frame: Extract<ToServer, { type: 'call' }>): Promise<void> {
    try {
      sendFrame({ type: 'result', id: frame.id, response: await dispatch(handlers, frame.method, frame.request) })
    } catch (thrown) {
      fail(frame.id, thrown)
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
    const frame = parseFrame(toServerSchema, message)
    if (!frame)
      return fail(idOf(message), new PalmError('bad-request', 'This message is not a request of this program.'))
    if (frame.type === 'unsubscribe') return open.get(frame.id)?.()
    if (work.draining) return fail(frame.id, new PalmError('cancelled', 'The program is closing.'))
    if (frame.type === 'subscribe') return subscribe(frame)
    void work.track(answer(frame))
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

async function dispatch(handlers: Handlers, method: string, request: unknown): Promise<unknown> {
  if (!isKey(apiMethods, method)) throw new PalmError('bad-request', `There is no method '${method}'.`)
  const parsed = apiMethods[method].request.safeParse(request)
  if (!parsed.success)
    throw new PalmError('bad-request', `The request to ${method} does not fit: ${describeMisfit(parsed.error)}.`)
  // The table's type ties each handler to its own method's schema, which has just parsed the request.
  const handler = handlers[method] as (request: unknown) => unknown
  return handler(parsed.data)
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

/** The id of a message that is no frame, so that its sender can be told; 0 (which no client uses) when it has none. */
function idOf(message: string): number {
  try {
    const json: unknown = JSON.parse(message)
    if (
      typeof json === 'object' &&
      json !== null &&
      'id' in json &&
      typeof json.id === 'number' &&
      Number.isInteger(json.id) &&
      json.id >= 0
    )
      return json.id
  } catch {
    // Not JSON: nobody to answer by id.
  }
  return 0
}
