// The web host's doors, tried with raw requests: token, one-time code, cookie, key, Host, Origin, paths, headers, ports, message size.
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer, connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { writeHandOver } from '#app/hosts/hand-over.ts'
import { WebKeys } from '#app/hosts/web-keys.ts'
import { startWebHost } from '#app/hosts/web.ts'
import type { WebHost } from '#app/hosts/web.ts'
import { createClient } from '#app/rpc/client.ts'
import { openPort } from '#app/rpc/port.ts'
import type { Port } from '#app/rpc/port.ts'
import { serve } from '#app/rpc/server.ts'
import { tableOfHandlers, tableOfSubscribers } from '#test/app/rpc/tables.ts'

const folder = mkdtempSync(join(tmpdir(), 'palm-web-'))
const root = join(folder, 'renderer')
let host: WebHost
let token: string
let cookie: string
let key: string

beforeAll(async () => {
  mkdirSync(join(root, 'assets'), { recursive: true })
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>PALM Studio</title>')
  writeFileSync(join(root, 'assets', 'app-1.js'), 'export {}')
  writeFileSync(join(root, 'secret.sqlite'), 'rows')
  writeFileSync(join(folder, 'outside.js'), 'outside')
  symlinkSync(join(folder, 'outside.js'), join(root, 'link.js'))
  host = await startWebHost({
    staticFolder: root,
    port: null,
    onPort: (port) => void serve(port, tableOfHandlers({}), tableOfSubscribers({})),
  })
  token = new URL(host.address).searchParams.get('token') ?? ''
  ;({ cookie, key } = letIn(await ask(`/?token=${token}`)))
})
afterAll(async () => {
  await host.close()
  rmSync(folder, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends `path` as it is, which a URL parser would tidy up. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: host.port, path, method, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => (body += text))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** What a browser that was let in holds: the cookie, and the key behind the # that its next address has. */
function letIn({ headers, body }: Answer): { cookie: string; key: string } {
  return {
    cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '',
    key: /url=\/#key=([\w-]+)"/.exec(body)?.[1] ?? '',
  }
}

/** The port that a page has once the host has taken its key. */
async function enter(socket: WebSocket): Promise<Port> {
  socket.send(key)
  const [answer] = (await once(socket, 'message')) as [Buffer]
  expect(answer.toString()).toBe('ready')
  const feed = openPort({ send: (message) => socket.send(message), close: () => socket.close() })
  socket.on('message', (data: Buffer) => feed.receive(data.toString()))
  return feed.port
}

const own = () => ({ cookie, origin: `http://127.0.0.1:${host.port}` })

async function opened(headers: Record<string, string> = own()): Promise<WebSocket> {
  const socket = await upgrade(headers)
  if (typeof socket === 'number') return expect.fail(`refused with ${socket}`)
  return socket
}

function upgrade(headers: Record<string, string>, path = '/socket'): Promise<WebSocket | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}${path}`, { headers })
  return new Promise((resolve) => {
    socket.on('open', () => resolve(socket))
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      socket.terminate()
    })
    socket.on('error', () => undefined)
  })
}

describe('the token', () => {
  it('lets in: with a cookie that scripts and other sites cannot use, and a key that no server is sent again', async () => {
    const answer = await ask(`/?token=${token}`)
    expect(answer.status).toBe(200)
    expect(answer.headers['set-cookie']).toEqual([`${cookie}; Path=/; HttpOnly; SameSite=Strict`])
    expect(cookie).toMatch(new RegExp(`^palm-${host.port}=[\\w-]{43}$`))
    expect(answer.body).toContain(`content="0;url=/#key=${key}"`)
    expect((await ask('/', { cookie })).body).toContain('PALM Studio')
  })

  it('is not the cookie, nor the cookie the key: each is good for one thing', async () => {
    const value = cookie.split('=')[1] ?? ''
    expect(new Set([token, value, key]).size).toBe(3)
    for (const other of [value, key]) {
      expect((await ask(`/?token=${other}`)).status).toBe(401)
      expect((await ask(`/?code=${other}`)).status).toBe(401)
    }
    for (const other of [token, key])
      expect((await ask('/', { cookie: `palm-${host.port}=${other}` })).status).toBe(401)
  })

  it('is needed for everything', async () => {
    for (const path of [
      '/',
      '/index.html',
      '/assets/app-1.js',
      '/nothing',
      '/?token=wrong',
      `/?token=${token}x`,
      '/?code=wrong',
      '/?code=',
    ]) {
      const answer = await ask(path)
      expect(answer.status, path).toBe(401)
      expect(answer.body).not.toContain('<title>')
    }
    expect((await ask('/', { cookie: `palm-${host.port}=wrong` })).status).toBe(401)
    expect((await ask('/', { cookie: `palm-1=${token}` })).status).toBe(401)
  })
})

describe('a one-time code', () => {
  const codeOf = (address: string) => new URL(address).pathname + new URL(address).search

  it('lets in once', async () => {
    const path = codeOf(host.oneTimeAddress())
    expect((await ask(path, {}, 'HEAD')).status).toBe(401) // whoever only looks does not use it up
    expect(letIn(await ask(path))).toEqual({ cookie, key })
    const again = await ask(path)
    expect(again.status).toBe(401)
    expect(again.body).toContain('good for one visit')
    expect(again.headers['set-cookie']).toBeUndefined()
  })

  it('is worth nothing after two minutes', () => {
    let now = 0
    const keys = new WebKeys(1, () => now)
    const codes = [keys.code(), keys.code()] as const
    now = 120_000
    expect(keys.useCode(codes[0])).toBe(true)
    now = 120_001
    expect(keys.useCode(codes[1])).toBe(false)
  })

  it('is handed over in a file that only its owner can read, not among the arguments of a process', async () => {
    const target = host.oneTimeAddress()
    const handOver = await writeHandOver(target, folder)
    const { address } = handOver
    const file = fileURLToPath(address)
    expect(address).not.toContain(new URL(target).searchParams.get('code'))
    expect(readFileSync(file, 'utf8')).toContain(`content="0;url=${target}"`)
    if (process.platform !== 'win32') {
      expect(statSync(file).mode & 0o777).toBe(0o600)
      expect(statSync(dirname(file)).mode & 0o777).toBe(0o700)
    }
    await handOver.remove()
    expect(existsSync(dirname(file))).toBe(false)
  })
})

describe('Host and Origin', () => {
  it('refuses a name that merely points to this machine', async () => {
    for (const name of ['evil.example', `evil.example:${host.port}`, `127.0.0.1:${host.port + 1}`, '127.0.0.1']) {
      expect((await ask('/', { cookie, host: name })).status, name).toBe(421)
    }
    expect((await ask('/', { cookie, host: `localhost:${host.port}` })).status).toBe(200)
  })

  it('refuses a request that another site makes', async () => {
    expect((await ask('/', { cookie, origin: 'http://evil.example' })).status).toBe(403)
    expect((await ask('/', { cookie, origin: 'null' })).status).toBe(403)
    expect((await ask('/', { cookie, origin: `http://127.0.0.1:${host.port}` })).status).toBe(200)
  })

  it('opens the socket only for its own page with the cookie', async () => {
    const origin = `http://127.0.0.1:${host.port}`
    expect(await upgrade({ cookie })).toBe(403)
    expect(await upgrade({ cookie, origin: 'http://evil.example' })).toBe(403)
    expect(await upgrade({ origin })).toBe(401)
    expect(await upgrade({ cookie, origin, host: 'evil.example' })).toBe(421)
    expect(await upgrade({ cookie, origin }, '/other')).toBe(404)
    const socket = await opened({ cookie, origin })
    const client = createClient(await enter(socket))
    expect(await client.call('settings.get', {})).toMatchObject({ theme: 'system', order: '' })
    socket.terminate()
  })
})

describe('the key', () => {
  /** Another server on this machine that the user looks at: it was sent our cookie, and claims our Host and Origin. */
  const thief = () => ({ ...own(), host: `127.0.0.1:${host.port}` })
  const call = JSON.stringify({ type: 'call', id: 1, method: 'settings.get', request: {} })

  it('is asked for before anything is heard', async () => {
    for (const first of [call, token, '', `${key}x`, Buffer.from(key)]) {
      const socket = await opened(thief())
      let heard = ''
      socket.on('message', (data: Buffer) => (heard += data.toString()))
      socket.send(first)
      socket.send(call)
      const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
      expect(code).toBe(4401)
      expect(reason.toString()).toContain('not of this start')
      expect(heard).toBe('')
    }
  })

  it('is not in anything that the cookie alone fetches', async () => {
    for (const path of ['/', '/assets/app-1.js']) {
      const { body, headers } = await ask(path, { cookie })
      expect(body + JSON.stringify(headers)).not.toContain(key)
    }
  })

  it('is not waited for without an end by more sockets than a person opens', async () => {
    const sockets: WebSocket[] = []
    let refused = 0
    for (let i = 0; i < 70; i++) {
      const socket = await upgrade(own())
      if (typeof socket === 'number') {
        expect(socket).toBe(503)
        refused += 1
      } else sockets.push(socket)
    }
    expect(sockets.length).toBeLessThanOrEqual(64)
    expect(refused).toBeGreaterThan(0)
    for (const socket of sockets) socket.terminate()
    await expect.poll(async () => typeof (await upgrade(own()))).toBe('object')
  })
})

describe('files', () => {
  it('come from the renderer folder only, whatever the path says', async () => {
    const paths = [
      '/../outside.js',
      '/%2e%2e/outside.js',
      '/..%2foutside.js',
      '/assets/../../outside.js',
      '/..\\outside.js',
      '/%2e%2e%5coutside.js',
      '/link.js',
      '//etc/passwd',
      '/%00.js',
      '/%ff.js',
      '/secret.sqlite',
      '/assets',
      '/assets/',
    ]
    for (const path of paths) {
      const answer = await ask(path, { cookie })
      expect(answer.status, path).toBe(404)
      expect(answer.body).not.toContain('outside')
    }
    expect((await ask('/assets/app-1.js', { cookie })).headers['content-type']).toBe('text/javascript; charset=utf-8')
  })

  it('are only read', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await ask('/', { cookie }, method)).status, method).toBe(405)
  })

  it('carry a policy without inline scripts, eval, frames or other origins, refused requests too', async () => {
    for (const answer of [await ask('/', { cookie }), await ask('/'), await ask('/', { host: 'evil.example' })]) {
      const policy = String(answer.headers['content-security-policy'])
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self';")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe-eval')
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
      expect(answer.headers['referrer-policy']).toBe('no-referrer')
      expect(answer.headers['cross-origin-opener-policy']).toBe('same-origin')
      expect(answer.headers['cross-origin-embedder-policy']).toBe('require-corp')
      expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin')
      expect(answer.headers['origin-agent-cluster']).toBe('?1')
      expect(answer.headers['x-permitted-cross-domain-policies']).toBe('none')
      expect(answer.headers['x-powered-by']).toBeUndefined()
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    }
  })
})

describe('the socket', () => {
  it('is closed on a message that is too large, text or bytes', async () => {
    for (const message of ['x'.repeat((5 << 20) + 1), Buffer.alloc((5 << 20) + 1)]) {
      const socket = await opened()
      await enter(socket)
      socket.send(message)
      expect((await once(socket, 'close'))[0]).toBe(1009)
    }
  })

  it('answers bytes that are no message of ours', async () => {
    const socket = await opened()
    await enter(socket)
    socket.send(Buffer.from([1, 2, 3]))
    const [answer] = (await once(socket, 'message')) as [Buffer]
    expect(JSON.parse(answer.toString())).toMatchObject({ type: 'error', id: 0, error: { code: 'bad-request' } })
    socket.terminate()
  })
})

describe('the port', () => {
  it('is on the loopback interface only', async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((address) => address && address.family === 'IPv4' && !address.internal)
    if (!outside) return
    const socket = connect({ host: outside.address, port: host.port })
    const [error] = await once(socket, 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('is the next free one when none was asked for, and an error in plain words when it was', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const taken = (other.address() as AddressInfo).port
    await expect(startWebHost({ staticFolder: root, port: taken, onPort: () => undefined })).rejects.toMatchObject({
      code: 'port-taken',
      message: expect.stringContaining(`Port ${taken} is in use`),
    })
    other.close()
    const second = await startWebHost({ staticFolder: root, port: null, onPort: () => undefined })
    expect(second.port).not.toBe(host.port)
    await second.close()
  })
})
