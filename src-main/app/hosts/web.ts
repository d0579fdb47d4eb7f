// The web host: the renderer's files over HTTP and the rpc over one WebSocket, on the loopback interface only. Who may use it is in web-keys.ts: a token or a
// one-time code in the address lets a browser in, a cookie fetches the files, a key that the page holds opens the socket. Host and Origin are checked on
// everything, so that neither a web page nor a name that points to 127.0.0.1 gets in.
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { PalmError } from '#contract/errors.ts'
import { mostMessageBytes } from '#app/rpc/packing.ts'
import { openPort } from '#app/rpc/port.ts'
import type { Port } from '#app/rpc/port.ts'
import { securityHeaders } from './security.ts'
import { readStaticFile } from './static-files.ts'
import { WebKeys } from './web-keys.ts'

export const defaultWebPort = 7256
const portsTried = 50

/** A page that falls this far behind is disconnected; it comes back with a snapshot and has lost nothing. */
const maxBufferedBytes = 64 << 20

/** Whoever opened the socket has so long to show the page's key. */
const keyMs = 10_000

/** Close codes of our own (4000 to 4999 are for programs). `src-renderer/api/connect.ts` knows the same. */
const keyWrong = 4401

/** More than a person opens; a page that goes on opening sockets gets no more. */
const mostSockets = 64

export interface WebHostOptions {
  /** The built renderer. */
  readonly staticFolder: string
  /** Exactly this port, or null: the default one or the next that is free. */
  readonly port: number | null
  /** Gets each page that connects. */
  readonly onPort: (port: Port) => void
}

export interface WebHost {
  readonly port: number
  /** With the token: whoever opens it is let in. For the terminal of whoever started the program. */
  readonly address: string
  /** An address that lets in once, within two minutes. */
  oneTimeAddress(): string
  close(): Promise<void>
}

/** Listens on 127.0.0.1. Throws `port-taken`. */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const server = createServer()
  await listen(server, options.port)
  const { port } = server.address() as AddressInfo
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const guard: Guard = {
    keys: new WebKeys(port),
    hosts,
    headers: securityHeaders(hosts.map((host) => `ws://${host}`)),
  }
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostMessageBytes, perMessageDeflate: false })

  server.on('request', (request, response) => {
    void answer(request, response, guard, options.staticFolder).catch(() => response.destroy())
  })
  server.on('upgrade', (request, socket, head) => {
    const refusal = refuseUpgrade(request, guard)
    if (refusal !== null) return refuse(socket, refusal)
    if (sockets.clients.size >= mostSockets) return refuse(socket, '503 Service Unavailable')
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      askForKey(webSocket, guard.keys, () => options.onPort(webSocketPort(webSocket))),
    )
  })

  return {
    port,
    address: `http://127.0.0.1:${port}/?token=${guard.keys.token}`,
    oneTimeAddress: () => `http://127.0.0.1:${port}/?code=${guard.keys.code()}`,
    close() {
      for (const socket of sockets.clients) socket.close(1001, 'the program is closing')
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
        server.closeAllConnections()
      }, 1_000).unref()
      return closed
    },
  }
}

interface Guard {
  readonly keys: WebKeys
  readonly hosts: readonly string[]
  readonly headers: Readonly<Record<string, string>>
}

async function listen(server: Server, wanted: number | null): Promise<void> {
  const ports =
    wanted !== null ? [wanted] : [...Array.from({ length: portsTried }, (_, index) => defaultWebPort + index), 0]
  for (const port of ports) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
          server.off('error', reject)
          resolve()
        })
      })
      return
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? cause.code : null
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw cause
      if (wanted === null) continue
      const why = code === 'EACCES' ? 'may not be used by this user' : 'is in use by another program'
      throw new PalmError(
        'port-taken',
        `Port ${port} ${why}. Choose another one with --port, or leave --port out to take a free one.`,
        String(cause),
        { cause },
      )
    }
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  guard: Guard,
  staticFolder: string,
): Promise<void> {
  for (const [name, value] of Object.entries(guard.headers)) response.setHeader(name, value)
  response.setHeader('Cache-Control', 'no-store')
  const text = (status: number, message: string): void => {
    response
      .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' })
      .end(request.method === 'HEAD' ? undefined : `${message}\n`)
  }
  if (!isOwnHost(request, guard)) return text(421, 'This program answers to 127.0.0.1 and localhost only.')
  if (request.headers.origin !== undefined && !isOwnOrigin(request, guard))
    return text(403, 'This program does not answer other sites.')
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'Only GET.')
  const [path, query] = splitTarget(request.url ?? '/')
  const { keys } = guard
  const given = new URLSearchParams(query)
  const [token, code] = [given.get('token'), given.get('code')]
  if (path === '/' && (token !== null || code !== null)) {
    const letIn = token !== null ? keys.isToken(token) : request.method === 'GET' && keys.useCode(code ?? '')
    if (!letIn) return text(401, code === null ? signInAdvice : codeAdvice)
    const page = letInPage(keys.key)
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Set-Cookie': keys.cookie })
    response.end(request.method === 'HEAD' ? undefined : page)
    return
  }
  if (!keys.hasCookie(request.headers.cookie)) return text(401, signInAdvice)
  const file = await readStaticFile(staticFolder, path)
  if (!file && path === '/') return text(503, 'The user interface is not built yet: run `npm start` once.')
  if (!file) return text(404, 'There is nothing here.')
  if (file.immutable) response.setHeader('Cache-Control', 'private, max-age=31536000, immutable')
  response.writeHead(200, { 'Content-Type': file.contentType, 'Content-Length': file.body.byteLength })
  response.end(request.method === 'HEAD' ? undefined : file.body)
}

const signInAdvice = 'Open the address that PALM Studio printed when it started: it carries the token of this start.'

const codeAdvice =
  'This address was good for one visit, and for two minutes. Open the address that PALM Studio printed when it started.'

/**
 * Leads on to the program with the page's key behind the #, which no server is sent. Not a redirect: the next request shall come from our own
 * page, or a browser that was led here by a file would keep the cookie to itself (SameSite=Strict).
 */
const letInPage = (key: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,">` + // or a browser asks for one
  `<meta http-equiv="refresh" content="0;url=/#key=${key}">` +
  `<title>PALM Studio</title><p><a href="/#key=${key}">PALM Studio</a></p></html>\n`

/** The status line that refuses an upgrade, or null when it may go on. A browser always sends an Origin with it. */
function refuseUpgrade(request: IncomingMessage, guard: Guard): string | null {
  if (!isOwnHost(request, guard)) return '421 Misdirected Request'
  if (!isOwnOrigin(request, guard)) return '403 Forbidden'
  if (!guard.keys.hasCookie(request.headers.cookie)) return '401 Unauthorized'
  if (splitTarget(request.url ?? '/')[0] !== '/socket') return '404 Not Found'
  return null
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => undefined)
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function isOwnHost(request: IncomingMessage, guard: Guard): boolean {
  return request.headers.host !== undefined && guard.hosts.includes(request.headers.host.toLowerCase())
}

function isOwnOrigin(request: IncomingMessage, guard: Guard): boolean {
  return guard.hosts.includes(request.headers.host ?? '') && request.headers.origin === `http://${request.headers.host}`
}

function splitTarget(target: string): [string, string] {
  const mark = target.indexOf('?')
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
}

/** The first message must be the page's key; it is answered with `ready`. Until then nothing else is heard. */
function askForKey(socket: WebSocket, keys: WebKeys, opened: () => void): void {
  const refuse = (): void => socket.close(keyWrong, 'this page is not of this start of the program')
  const timer = setTimeout(refuse, keyMs)
  socket.on('error', () => undefined)
  socket.once('close', () => clearTimeout(timer))
  socket.once('message', (data, isBinary) => {
    clearTimeout(timer)
    if (isBinary || !keys.isKey((data as Buffer).toString())) return refuse()
    opened()
    socket.send('ready')
  })
}

function webSocketPort(socket: WebSocket): Port {
  const feed = openPort({
    send(message) {
      if (socket.bufferedAmount > maxBufferedBytes) socket.terminate()
      else socket.send(message, () => undefined) // a failure to send shows as the close that causes it
    },
    close: () => socket.close(1000),
  })
  socket.on('message', (data, isBinary) => {
    const bytes = data as Buffer // what ws gives unless it is told otherwise
    feed.receive(isBinary ? bytes : bytes.toString())
  })
  socket.on('error', () => undefined)
  socket.on('close', (_code, reason) => feed.closed(reason.toString() || 'the page was closed'))
  return feed.port
}
