// A two-way pipe for messages, text or bytes: the only thing that rpc knows about a transport. Electron's ipc, a WebSocket and
// a pair in memory each make one. Messages arrive whole and in order, or the port closes; nothing is lost silently.
import type { Message } from './packing.ts'

export interface Port {
  /** Hands a message to the transport. Does nothing on a closed port. */
  send(message: Message): void
  /** Calls `listener` for every message that arrives; the returned function stops that. */
  onMessage(listener: (message: Message) => void): () => void
  /** Calls `listener` once when the port closes, from either end, with a reason for a person. At once if it is closed already. */
  onClose(listener: (reason: string) => void): () => void
  close(): void
}

/** The transport's side of a port: what arrives and that it closed is told through here. */
export interface PortFeed {
  readonly port: Port
  receive(message: Message): void
  closed(reason: string): void
}

/** What may wait for the first listener, which comes in the same moment that a host is given the port. */
const mostEarly = { messages: 256, length: 16 << 20 }

/** A port over a transport that can `send` a message and can be `close`d. What arrives before the first listener is kept for it, up to a limit: then the port closes. */
export function openPort(transport: { send(message: Message): void; close(): void }): PortFeed {
  const messageListeners = new Set<(message: Message) => void>()
  const closeListeners = new Set<(reason: string) => void>()
  let early: Message[] = []
  let earlyLength = 0
  let closedBecause: string | null = null

  function closed(reason: string): void {
    if (closedBecause !== null) return
    closedBecause = reason
    for (const listener of [...closeListeners]) listener(reason)
    closeListeners.clear()
    messageListeners.clear()
  }

  function keep(message: Message): void {
    early.push(message)
    earlyLength += message.length
    if (early.length <= mostEarly.messages && earlyLength <= mostEarly.length) return
    early = []
    transport.close()
    closed('more arrived than anybody listens to')
  }

  return {
    port: {
      send(message) {
        if (closedBecause === null) transport.send(message)
      },
      onMessage(listener) {
        messageListeners.add(listener)
        const kept = early
        early = []
        earlyLength = 0
        for (const message of kept) listener(message)
        return () => messageListeners.delete(listener)
      },
      onClose(listener) {
        if (closedBecause !== null) {
          listener(closedBecause)
          return () => undefined
        }
        closeListeners.add(listener)
        return () => closeListeners.delete(listener)
      },
      close() {
        if (closedBecause !== null) return
        transport.close()
        closed('closed on this side')
      },
    },
    receive(message) {
      if (closedBecause !== null) return
      if (messageListeners.size === 0) keep(message)
      for (const listener of [...messageListeners]) listener(message)
    },
    closed,
  }
}

/** Two ends of a pipe in memory. Messages arrive in a later microtask, in order, as over any real transport. */
export function portPair(): [Port, Port] {
  const left: PortFeed = openPort({
    send: (message) => queueMicrotask(() => right.receive(message)),
    close: () => queueMicrotask(() => right.closed('closed by the other side')),
  })
  const right: PortFeed = openPort({
    send: (message) => queueMicrotask(() => left.receive(message)),
    close: () => queueMicrotask(() => left.closed('closed by the other side')),
  })
  return [left.port, right.port]
}
