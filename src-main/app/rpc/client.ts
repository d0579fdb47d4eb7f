// The calling side of rpc: typed calls and subscriptions over a port. Runs in a window, in Node and in tests alike.
// Everything that arrives is parsed; a port that closes rejects what is pending. It does not reconnect: that is its owner's choice.
import type { z } from 'zod'
import { apiMethods } from '#contract/api.ts'
import type { ApiMethod, ApiRequest, ApiResponse } from '#contract/api.ts'
import type { ApiRow } from '#contract/api-row.ts'
import { subscriptions } from '#contract/subscriptions.ts'
import type { SubscriptionName } from '#contract/subscriptions.ts'
import { PalmError, fromWireError } from '#contract/errors.ts'
import type { WireError } from '#contract/errors.ts'
import { describeMisfit, parseFrame, toClientSchema } from './messages.ts'
import type { ToServer } from './messages.ts'
import { packMessage } from './packing.ts'
import type { Port } from './port.ts'

export type SubscriptionRequest<N extends SubscriptionName> = z.input<(typeof subscriptions)[N]['request']>
export type SubscriptionSnapshot<N extends SubscriptionName> = z.output<(typeof subscriptions)[N]['snapshot']>
export type SubscriptionEvent<N extends SubscriptionName> = z.output<(typeof subscriptions)[N]['event']>

/** One snapshot, then events in order. `error` ends the subscription; nothing follows it. */
export interface SubscriptionHandlers<N extends SubscriptionName> {
  readonly snapshot: (snapshot: SubscriptionSnapshot<N>) => void
  readonly event: (event: SubscriptionEvent<N>) => void
  readonly error: (error: WireError) => void
}

export interface PalmClient {
  /** Rejects with a `PalmError`: the server's, or `cancelled` when the port closes first. */
  call<M extends ApiMethod>(method: M, request: ApiRequest<M>): Promise<ApiResponse<M>>
  /** The returned function ends the subscription; no handler is called after it. */
  subscribe<N extends SubscriptionName>(
    name: N,
    request: SubscriptionRequest<N>,
    handlers: SubscriptionHandlers<N>,
  ): () => void
  close(): void
}

interface PendingCall {
  readonly method: ApiMethod
  resolve(response: unknown): void
  reject(error: PalmError): void
}

interface Subscription {
  snapshot(payload: unknown): void
  event(payload: unknown): void
  readonly error: (error: WireError) => void
}

/** `onMisfit` hears of messages that this side did not understand; the other side is told as well, and writes them to its log. */
export function createClient(
  port: Port,
  onMisfit: (reason: string) => void = (reason) =>
    console.error(`A message of the program was not understood: ${reason}`),
): PalmClient {
  const calls = new Map<number, PendingCall>()
  const subscribed = new Map<number, Subscription>()
  let nextId = 1
  let closedBecause: string | null = null

  const sendFrame = (frame: ToServer): void => port.send(JSON.stringify(frame))
  const lost = (): WireError => ({
    code: 'cancelled',
    message: `The connection to the program is gone (${closedBecause ?? 'closed'}).`,
  })

  /** Whoever waits for it is told, and so is the other side. */
  function refuse(id: number, reason: string): void {
    onMisfit(reason)
    sendFrame({ type: 'misfit', id, reason })
    const error: WireError = {
      code: 'internal',
      message: 'The program sent an answer that is not understood.',
      detail: reason,
    }
    calls.get(id)?.reject(fromWireError(error))
    subscribed.get(id)?.error(error)
    calls.delete(id)
    if (subscribed.delete(id)) sendFrame({ type: 'unsubscribe', id })
  }

  port.onMessage((message) => {
    const parsed = parseFrame(toClientSchema, message, 'response')
    if (!parsed.ok) return refuse(parsed.id, parsed.reason)
    const { frame } = parsed
    const subscription = subscribed.get(frame.id)
    const call = calls.get(frame.id)
    switch (frame.type) {
      case 'result': {
        if (!call) return
        calls.delete(frame.id)
        const response = apiMethods[call.method].response.safeParse(frame.response)
        if (response.success) return call.resolve(response.data)
        const message = `The answer to ${call.method} does not fit its schema.`
        return call.reject(new PalmError('internal', message, describeMisfit(response.error)))
      }
      case 'error':
        calls.delete(frame.id)
        subscribed.delete(frame.id)
        call?.reject(fromWireError(frame.error))
        subscription?.error(frame.error)
        return
      case 'snapshot':
        subscription?.snapshot(frame.snapshot)
        return
      case 'event':
        subscription?.event(frame.event)
    }
  })

  port.onClose((reason) => {
    closedBecause = reason
    const pending = [...calls.values()]
    const ended = [...subscribed.values()]
    calls.clear()
    subscribed.clear()
    for (const call of pending) call.reject(fromWireError(lost()))
    for (const subscription of ended) subscription.error(lost())
  })

  return {
    call<M extends ApiMethod>(method: M, request: ApiRequest<M>): Promise<ApiResponse<M>> {
      if (closedBecause !== null) return Promise.reject(fromWireError(lost()))
      const id = nextId++
      return new Promise<ApiResponse<M>>((resolve, reject) => {
        // Parsed by this method's own schema before it gets here.
        calls.set(id, { method, resolve: (response) => resolve(response as ApiResponse<M>), reject })
        const row: ApiRow = apiMethods[method]
        port.send(packMessage({ type: 'call', id, method, request }, 'request', row.bytes?.request ?? []))
      })
    },
    subscribe(name, request, handlers) {
      if (closedBecause !== null) {
        handlers.error(lost())
        return () => undefined
      }
      const id = nextId++
      const end = (error: WireError): void => {
        subscribed.delete(id)
        sendFrame({ type: 'unsubscribe', id })
        handlers.error(error)
      }
      const deliver = <T>(schema: z.ZodType, payload: unknown, to: (value: T) => void): void => {
        const parsed = schema.safeParse(payload)
        if (parsed.success) to(parsed.data as T)
        else
          end({
            code: 'internal',
            message: `What '${name}' sent does not fit its schema.`,
            detail: describeMisfit(parsed.error),
          })
      }
      subscribed.set(id, {
        snapshot: (payload) =>
          deliver(subscriptions[name].snapshot, payload, (value: SubscriptionSnapshot<typeof name>) =>
            handlers.snapshot(value),
          ),
        event: (payload) =>
          deliver(subscriptions[name].event, payload, (value: SubscriptionEvent<typeof name>) => handlers.event(value)),
        error: (error) => handlers.error(error),
      })
      sendFrame({ type: 'subscribe', id, name, request })
      return () => {
        if (subscribed.delete(id)) sendFrame({ type: 'unsubscribe', id })
      }
    },
    close: () => port.close(),
  }
}
