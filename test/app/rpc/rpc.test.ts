// Client and server over real transports of strings: a pair in memory and a WebSocket. What each side does with messages that
// do not fit, with errors, with a port that closes, and on a drain.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { settingsSchema } from '#contract/app/settings.ts'
import { PalmError } from '#contract/errors.ts'
import type { WireError } from '#contract/errors.ts'
import { mostPixelBytes, type WebcamAnswer, type WebcamFrame } from '#contract/webcam.ts'
import { mostPackedBytes } from '#app/rpc/packing.ts'
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
  socket.on('message', (data: Buffer, isBinary) => feed.receive(isBinary ? new Uint8Array(data) : data.toString()))
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

  it('carries a frame and its answer as bytes, each with nothing lost', async () => {
    const [near, far] = await makePair()
    const seen: WebcamFrame[] = []
    const picture = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => i)
    serve(
      far,
      tableOfHandlers({
        'webcam.frame': (frame) => {
          seen.push(frame)
          return { ...frameAnswer, corrupted: frame.pixels.toReversed(), sketch: null }
        },
      }),
      noSubscribers,
    )
    const client = createClient(near)
    const answer = await client.call('webcam.frame', { run: 1, width: 8, height: 8, pixels: picture, truth: 3 })
    expect(seen).toEqual([{ run: 1, width: 8, height: 8, pixels: picture, truth: 3, sketch: null }])
    expect(answer).toEqual({ ...frameAnswer, corrupted: picture.toReversed(), sketch: null })
    await expect(client.call('webcam.frame', { run: 1, width: 8, height: 9, pixels: picture })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('The frame has 192 bytes, and 8 x 9 pixels have 216'),
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

const frameAnswer: Omit<WebcamAnswer, 'corrupted' | 'sketch'> = {
  frame: 0,
  unadapted: [{ index: 1, probability: 0.5 }],
  adapted: [],
  truth: { labelled: 0, unadapted: 0, adapted: 0 },
  window: { frames: 1, size: 4 },
  steps: 0,
  corruptMs: 0,
  predictMs: 1,
  adaptMs: null,
}

/** A binary message with this header, and a header length that may be a lie. */
function binary(header: unknown, bytes: Uint8Array, headerLength: number | null = null): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const message = new Uint8Array(4 + text.length + bytes.length)
  new DataView(message.buffer).setUint32(0, headerLength ?? text.length, true)
  message.set(text, 4)
  message.set(bytes, 4 + text.length)
  return message
}

describe('what does not fit', () => {
  const call = { type: 'call', id: 5, method: 'webcam.frame', request: { run: 1, width: 8, height: 8 } }
  const pixels = (length: number, name = 'pixels') => ({ ...call, bytes: [{ name, length }] })
  const malformed: readonly [string, Uint8Array, RegExp][] = [
    ['nothing', new Uint8Array(0), /too short/],
    ['a header that is longer than the message', binary(pixels(1), new Uint8Array(1), 1 << 20), /cannot have 1048576/],
    ['a header that is no JSON', binary('{', new Uint8Array(1)), /JSON/],
    ['a header that is no text', binary('', Uint8Array.from([0xff, 0xfe]), 2), /encoded data/],
    ['a header that says nothing of bytes', binary(call, new Uint8Array(1)), /bytes: /],
    ['fewer bytes than announced', binary(pixels(192), new Uint8Array(191)), /191 bytes after its header/],
    ['more bytes than announced', binary(pixels(192), new Uint8Array(193)), /193 bytes after its header/],
    ['more bytes than any picture has', binary(pixels(mostPixelBytes + 1), new Uint8Array(0)), /bytes\.0\.length/],
    ['a message of more bytes than are taken', new Uint8Array(mostPackedBytes + 1), /more than/],
    ['no payload', binary({ type: 'call', id: 5, method: 'webcam.frame', bytes: [] }, new Uint8Array(0)), /no request/],
    ['bytes under a name of no field', binary(pixels(192, '__proto__'), new Uint8Array(192)), /takes no bytes as/],
    [
      'bytes for a method that takes none',
      binary({ ...pixels(3), method: 'runs.stop' }, new Uint8Array(3)),
      /takes no/,
    ],
  ]
  it.each(malformed)(
    'a binary message with %s is answered and logged, and the next one is taken',
    async (_what, message, why) => {
      const [near, far] = portPair()
      const logged: string[] = []
      serve(far, tableOfHandlers({}), noSubscribers, (_said, reason) => void logged.push(reason))
      const answered = new Promise<string>((resolve) => near.onMessage((answer) => resolve(String(answer))))
      near.send(message)
      const answer = JSON.parse(await answered) as { type: string; error: WireError }
      expect(answer).toMatchObject({ type: 'error', error: { code: 'bad-request' } })
      expect(`${answer.error.message} ${answer.error.detail ?? ''} ${logged.join()}`).toMatch(why)
      await expect(createClient(near).call('settings.get', {})).resolves.toMatchObject({ theme: 'system' })
    },
  )

  it('an answer that the page does not understand fails the call, is said on the page, and is told to the program', async () => {
    const [near, far] = portPair()
    const said: string[] = []
    const logged: string[] = []
    const sent = Promise.withResolvers<void>()
    const misfit = JSON.stringify({ type: 'hello', id: 1 })
    const handlers = tableOfHandlers({
      'runs.list': () => {
        far.send(misfit)
        return new Promise<never>(() => undefined)
      },
    })
    serve(far, handlers, noSubscribers, (what, reason) => {
      logged.push(`${what} ${reason}`)
      sent.resolve()
    })
    const client = createClient(near, (reason) => void said.push(reason))
    await expect(client.call('runs.list', {})).rejects.toMatchObject({
      code: 'internal',
      message: 'The program sent an answer that is not understood.',
    })
    await sent.promise
    expect(said).toHaveLength(1)
    expect(logged).toEqual([expect.stringMatching(/^A page did not understand a message of this program\. .*type/s)])
  })

  it('answers a method that does not exist, and a message that is no request, with bad-request', async () => {
    const [near, far] = portPair()
    serve(far, tableOfHandlers({}), noSubscribers)
    const answers: { id: number }[] = []
    const done = new Promise<void>((resolve) => {
      near.onMessage((message) => {
        if (answers.push(JSON.parse(String(message)) as { id: number }) === 4) resolve()
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
      const frame = JSON.parse(String(message)) as { type: string; id: number }
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

describe('a page that asks for too much at once', () => {
  const call = (id: number, more: object = {}) =>
    JSON.stringify({ type: 'call', id, method: 'settings.get', request: {}, ...more })

  it('is refused the rest, and served again once some is answered', async () => {
    const [near, far] = portPair()
    const waiting: (() => void)[] = []
    const answers = new Map<number, string>()
    near.onMessage((message) => {
      const { id, type } = JSON.parse(String(message)) as { id: number; type: string }
      answers.set(id, type)
    })
    const settings = settingsSchema.parse({})
    serve(
      far,
      tableOfHandlers({ 'settings.get': () => new Promise((resolve) => waiting.push(() => resolve(settings))) }),
      noSubscribers,
    )
    for (let id = 1; id <= 600; id++) near.send(call(id))
    await expect.poll(() => answers.size).toBe(600 - 512)
    expect(new Set(answers.values())).toEqual(new Set(['error']))
    expect(waiting).toHaveLength(512)
    for (const answer of waiting.splice(0)) answer()
    await expect.poll(() => answers.size).toBe(600)
    near.send(call(601))
    await expect.poll(() => waiting.length).toBe(1)
    waiting[0]?.()
    await expect.poll(() => answers.get(601)).toBe('result')
  })

  it('may not hold more subscriptions than any page has', async () => {
    const [near, far] = portPair()
    const refused: number[] = []
    let open = 0
    near.onMessage((message) => refused.push((JSON.parse(String(message)) as { id: number }).id))
    serve(
      far,
      tableOfHandlers({}),
      tableOfSubscribers({
        log: () => {
          open += 1
          return () => (open -= 1)
        },
      }),
    )
    for (let id = 1; id <= 130; id++) near.send(JSON.stringify({ type: 'subscribe', id, name: 'log', request: {} }))
    await expect.poll(() => refused).toEqual([129, 130])
    expect(open).toBe(128)
    near.close()
    await expect.poll(() => open).toBe(0)
  })
})

describe('a port that nobody listens to yet', () => {
  it.each([
    ['many messages', 'x', 257],
    ['large messages', 'x'.repeat(4 << 20), 5],
  ])('keeps what arrives, and closes on too %s', (_what, message, count) => {
    let transport = 0
    const reasons: string[] = []
    const feed = openPort({ send: () => undefined, close: () => (transport += 1) })
    feed.port.onClose((reason) => reasons.push(reason))
    for (let i = 0; i < count - 1; i++) feed.receive(message)
    expect(reasons).toEqual([])
    feed.receive(message)
    feed.receive(message)
    expect(reasons).toEqual(['more arrived than anybody listens to'])
    expect(transport).toBe(1)
  })
})
