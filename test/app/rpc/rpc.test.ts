// Client and server over real transports of strings: a pair in memory and a WebSocket. What each side does with messages that
// do not fit, with errors, with a port that closes, and on a drain.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { PalmError } from '#contract/errors.ts'
import type { WireError } from '#contract/errors.ts'
import type { RunEvent, RunSnapshot } from '#contract/tables/report.ts'
import { createClient } from '#app/rpc/client.ts'
import { openPort, portPair } from '#app/rpc/port.ts'
import type { Port } from '#app/rpc/port.ts'
import { serve } from '#app/rpc/server.ts'
import { emptySnapshot, statusEvent, tableOfHandlers, tableOfSubscribers } from './tables.ts'

const cleanUps: (() => void)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

async function socketPair(): Promise<[Port, Port]> {
  const server = createServer().listen(0, '127.0.0.1')
  const sockets = new WebSocketServer({ server })
  const accepted = new Promise<WebSocket>((resolve) => sockets.on('connection', resolve))
  await once(server, 'listening')
  const near = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await once(near, 'open')
  cleanUps.push(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.close()
  })
  return [overSocket(near), overSocket(await accepted)]
}

function overSocket(socket: WebSocket): Port {
  const feed = openPort({ send: (message) => socket.send(message), close: () => socket.close() })
  socket.on('message', (data: Buffer) => feed.receive(data.toString()))
  socket.on('close', () => feed.closed('closed by the other side'))
  return feed.port
}

const transports: readonly [string, () => Promise<[Port, Port]> | [Port, Port]][] = [
  ['a pair in memory', portPair],
  ['a WebSocket', socketPair],
]

const noSubscribers = tableOfSubscribers({})

describe.each(transports)('rpc over %s', (_name, makePair) => {
  it('answers a call with what the handler gave, defaults of the request filled in', async () => {
    const [near, far] = await makePair()
    serve(far, tableOfHandlers({ 'settings.set': (settings) => settings }), noSubscribers)
    const client = createClient(near)
    expect(await client.call('settings.set', {})).toMatchObject({ theme: 'system', order: '' })
  })

  it('carries an error of a handler as code, message and detail', async () => {
    const [near, far] = await makePair()
    const handlers = tableOfHandlers({
      'runs.stop': () => {
        throw new PalmError('run-not-found', 'There is no run 7.', 'looked in the store')
      },
    })
    serve(far, handlers, noSubscribers)
    const failure = await createClient(near)
      .call('runs.stop', { run: 7 })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(PalmError)
    expect(failure).toMatchObject({
      code: 'run-not-found',
      message: 'There is no run 7.',
      detail: 'looked in the store',
    })
  })

  it('refuses a request that does not fit its schema, naming the field', async () => {
    const [near, far] = await makePair()
    serve(far, tableOfHandlers({}), noSubscribers)
    await expect(createClient(near).call('runs.stop', { run: -1 })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('run:'),
    })
  })

  it('sends the snapshot first, then events in order, until the client ends the subscription', async () => {
    const [near, far] = await makePair()
    let emit: (event: RunEvent) => void = () => undefined
    let stopped = 0
    serve(far, tableOfHandlers({}), {
      ...noSubscribers,
      run: (_request, sink) => {
        emit = (event) => sink.event(event)
        sink.snapshot(emptySnapshot(3))
        sink.event(statusEvent(4))
        return () => stopped++
      },
    })
    const client = createClient(near)
    const seen: number[] = []
    await new Promise<void>((resolve) => {
      const stop = client.subscribe(
        'run',
        { run: 1 },
        {
          snapshot: (snapshot: RunSnapshot) => seen.push(-snapshot.seq),
          event: (event) => {
            seen.push(event.seq)
            if (event.seq === 4) emit(statusEvent(5))
            if (event.seq === 5) {
              stop()
              resolve()
            }
          },
          error: (error) => expect.fail(error.message),
        },
      )
    })
    await client.call('settings.get', {}) // comes after the unsubscribe that went before it
    emit(statusEvent(6))
    await client.call('settings.get', {})
    expect(seen).toEqual([-3, 4, 5])
    expect(stopped).toBe(1)
  })

  it('ends subscriptions on the server and rejects pending calls when the port closes', async () => {
    const [near, far] = await makePair()
    let stopped = 0
    const asked = Promise.withResolvers<void>()
    const handlers = tableOfHandlers({
      'runs.list': () => {
        asked.resolve()
        return new Promise<never>(() => undefined)
      },
    })
    serve(far, handlers, { ...noSubscribers, runs: () => () => stopped++ })
    const client = createClient(near)
    const lost = Promise.withResolvers<WireError>()
    client.subscribe('runs', {}, { snapshot: () => undefined, event: () => undefined, error: lost.resolve })
    const pending = client.call('runs.list', {})
    await asked.promise
    const closed = new Promise<string>((resolve) => far.onClose(resolve))
    client.close()
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' })
    expect(await lost.promise).toMatchObject({ code: 'cancelled' })
    await closed
    expect(stopped).toBe(1)
    await expect(client.call('runs.list', {})).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('answers what is under way before it closes on a drain, and takes nothing new', async () => {
    const [near, far] = await makePair()
    const gate = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const handlers = tableOfHandlers({
      'runs.list': async () => {
        asked.resolve()
        await gate.promise
        return []
      },
    })
    const connection = serve(far, handlers, noSubscribers)
    const client = createClient(near)
    const slow = client.call('runs.list', {})
    await asked.promise
    const drained = connection.drain()
    const late = client.call('settings.get', {})
    await expect(late).rejects.toMatchObject({ code: 'cancelled', message: 'The program is closing.' })
    gate.resolve()
    expect(await slow).toEqual([])
    await drained
  })
})

describe('what does not fit', () => {
  it('answers a method that does not exist, and a message that is no request, with bad-request', async () => {
    const [near, far] = portPair()
    serve(far, tableOfHandlers({}), noSubscribers)
    const answers: { id: number }[] = []
    const done = new Promise<void>((resolve) => {
      near.onMessage((message) => {
        if (answers.push(JSON.parse(message) as { id: number }) === 4) resolve()
      })
    })
    near.send(JSON.stringify({ type: 'call', id: 1, method: 'toString', request: {} }))
    near.send(JSON.stringify({ type: 'subscribe', id: 2, name: '__proto__', request: {} }))
    near.send(JSON.stringify({ type: 'call', id: 3, method: 'app.info', request: {}, extra: true }))
    near.send('not json')
    await done
    expect(answers.toSorted((a, b) => a.id - b.id)).toMatchObject([
      { type: 'error', id: 0, error: { code: 'bad-request' } },
      { type: 'error', id: 1, error: { code: 'bad-request' } },
      { type: 'error', id: 2, error: { code: 'bad-request' } },
      { type: 'error', id: 3, error: { code: 'bad-request' } },
    ])
  })

  it('rejects an answer, and ends a subscription whose event, does not fit its schema', async () => {
    const [near, far] = portPair()
    const client = createClient(near)
    far.onMessage((message) => {
      const frame = JSON.parse(message) as { type: string; id: number }
      if (frame.type === 'call') far.send(JSON.stringify({ type: 'result', id: frame.id, response: { theme: 'pink' } }))
      if (frame.type === 'subscribe')
        far.send(JSON.stringify({ type: 'event', id: frame.id, event: { event: 'step' } }))
    })
    await expect(client.call('settings.get', {})).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('settings.get'),
    })
    const error = await new Promise<WireError>((resolve) => {
      client.subscribe(
        'run',
        { run: 1 },
        { snapshot: () => undefined, event: () => expect.fail('an event got through'), error: resolve },
      )
    })
    expect(error.code).toBe('internal')
  })
})
