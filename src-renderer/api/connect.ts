// A client over the preload's port (Electron) or over a WebSocket to the page's own origin (web host).
import { createClient, type PalmClient } from '#app/rpc/client.ts'
import type { Message } from '#app/rpc/packing.ts'
import { openPort } from '#app/rpc/port.ts'
import { PalmError } from '#contract/errors.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { pageKey } from './page-key.ts'

interface PreloadPort {
  send(message: Message): void
  onMessage(listener: (message: Message) => void): void
  onClose(listener: (reason: string) => void): void
}

export interface Connection {
  readonly client: PalmClient
  onClose(listener: (reason: string) => void): void
}

/** Resolves once messages can be sent; rejects with `cancelled` when the host does not answer, with `not-let-in` when it does not know this page. */
export function connect(): Promise<Connection> {
  const preload = (window as { palmPort?: PreloadPort }).palmPort
  return preload ? Promise.resolve(overPreload(preload)) : overSocket()
}

function overPreload(preload: PreloadPort): Connection {
  const feed = openPort({ send: (message) => preload.send(message), close: () => undefined })
  preload.onMessage((message) => feed.receive(message))
  preload.onClose((reason) => feed.closed(reason))
  return { client: createClient(feed.port), onClose: (listener) => feed.port.onClose(listener) }
}

/** As app/hosts/web.ts closes a socket whose page does not know the key of this start. */
const keyWrong = 4401

function overSocket(): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/socket`)
    socket.binaryType = 'arraybuffer'
    const feed = openPort({
      send: (message) => void (socket.readyState === WebSocket.OPEN && socket.send(message as string | BufferSource)),
      close: () => socket.close(),
    }) // on its way out it takes no more; whoever waits is told that it is closed
    const first = (): void => {
      // The host has taken the key: what follows are messages.
      socket.addEventListener('message', (event: MessageEvent<string | ArrayBuffer>) =>
        feed.receive(typeof event.data === 'string' ? event.data : new Uint8Array(event.data)),
      )
      resolve({ client: createClient(feed.port), onClose: (listener) => feed.port.onClose(listener) })
    }
    socket.addEventListener('message', first, { once: true })
    socket.addEventListener('open', () => socket.send(pageKey()))
    socket.addEventListener('close', (event) => {
      const reason = event.reason || strings.charts.noAnswer
      feed.closed(reason)
      if (event.code === keyWrong) return reject(new PalmError('not-let-in', strings.shell.otherStart, reason))
      void isLetIn().then((letIn) =>
        reject(letIn ? new PalmError('cancelled', reason) : new PalmError('not-let-in', strings.shell.otherStart)),
      )
    })
  })
}

/** Whether the host still knows this browser; yes where it does not answer at all. */
const isLetIn = (): Promise<boolean> =>
  fetch('/', { method: 'HEAD', cache: 'no-store' }).then(
    ({ status }) => status !== 401,
    () => true,
  )
