// The connection over a fake socket and fake timers: one loop at a time, a back-off with a limit, faults of our own shown and logged. Then the app over it.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { serve, type Handlers, type Subscribers } from '#app/rpc/server.ts'
import type { Message } from '#app/rpc/packing.ts'
import { openPort, type PortFeed } from '#app/rpc/port.ts'
import type { AppInfo } from '#contract/app/app-info.ts'
import { PalmError } from '#contract/errors.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import { connect } from '#renderer/api/connect.ts'
import type { Cameras } from '#renderer/lib/webcam/frame-source.ts'
import type { Notifier } from '#renderer/lib/notifier.ts'
import { AppState } from '#renderer/state/app/app-state.svelte.ts'
import type { Session, ViewStateMaker } from '#renderer/state/app/view-states.svelte.ts'
import { emptySnapshot, tableOfHandlers, tableOfSubscribers } from '#test/app/rpc/tables.ts'

const info: AppInfo = {
  version: '0.1.0',
  host: 'web',
  dataFolder: '/data',
  firstLaunch: false,
  native: { ok: true, settingUp: false, reason: null },
  activeRun: null,
  canPickFiles: false,
  picksEither: true,
  canOpenFolders: false,
  tour: false,
}

const key = 'the key of this start'

/** What answers the page's sockets. `up`: whether there is a program; a socket that finds none closes as a browser's does. */
class Host {
  up = true
  readonly sockets: FakeSocket[] = []
  handlers: Partial<Handlers> = { 'app.info': () => info }
  subscribers: Partial<Subscribers> = {}

  get newest(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('no socket yet')
    return socket
  }
}
let host: Host

class FakeSocket extends EventTarget {
  static readonly OPEN = 1
  readyState = 0
  private hasKey = false
  private readonly far: PortFeed

  constructor() {
    super()
    host.sockets.push(this)
    this.far = openPort({
      send: (message) => queueMicrotask(() => this.tell('message', message)),
      close: () => this.drop(),
    })
    // oxlint-disable-next-line house/no-sleep -- a socket opens later, on the test's own clock: timers are faked here
    setTimeout(() => {
      if (!host.up) return this.drop()
      this.readyState = FakeSocket.OPEN
      serve(this.far.port, tableOfHandlers(host.handlers), tableOfSubscribers(host.subscribers))
      this.tell('open')
    }, 1)
  }

  /** The first message is the page's key, which the host answers. */
  send(message: Message): void {
    if (this.hasKey) return queueMicrotask(() => this.far.receive(message))
    this.hasKey = true
    queueMicrotask(() => (message === key ? this.tell('message', 'ready') : this.drop(4401)))
  }

  close(): void {
    this.drop()
  }

  drop(code = 1006): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.far.closed('dropped')
    this.tell('close', '', code)
  }

  private tell(type: string, data: Message = '', code = 0): void {
    if (type === 'message' && this.readyState !== FakeSocket.OPEN) return
    this.dispatchEvent(Object.assign(new Event(type), { data, reason: '', code }))
  }
}

const cameras: Cameras = {
  list: async () => [],
  open: () => Promise.reject(new Error('none')),
  openVideo: () => Promise.reject(new Error('none')),
  onChange: () => () => undefined,
}
const notifier: Notifier = {
  permission: () => 'none',
  ask: async () => 'none',
  isAway: () => false,
  tell: () => undefined,
}
const opened = (states: readonly ViewStateMaker[] = []): AppState =>
  new AppState({ connect, cameras, notifier, states })
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
let logged: string[]
/** What the browser has kept: the key, and whether the host knows its cookie. */
let stored: string
let letIn: boolean

beforeEach(() => {
  stored = key
  letIn = true
  vi.useFakeTimers()
  host = new Host()
  logged = []
  vi.stubGlobal('window', {})
  vi.stubGlobal('location', { protocol: 'http:', host: 'program' })
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('localStorage', { getItem: () => stored })
  vi.stubGlobal('fetch', () =>
    host.up ? Promise.resolve({ status: letIn ? 200 : 401 }) : Promise.reject(new TypeError('no answer')),
  )
  vi.spyOn(console, 'error').mockImplementation((...what: unknown[]) => void logged.push(what.join(' ')))
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('the connection', () => {
  test('of another start of the program, or of a browser that was never let in, says so and does not try again', async () => {
    stored = 'the key of an earlier start'
    const { connection } = opened()
    await pass(20_000)
    expect(connection.state).toMatchObject({ at: 'failed', fault: { code: 'not-let-in' } })
    expect(host.sockets.length).toBe(1)
    stored = key
    connection.retry()
    await pass(5)
    expect(connection.state.at).toBe('open')
    letIn = false
    host.newest.drop()
    await pass(600)
    expect(connection.state.at).toBe('open') // its key still fits
    connection.stop()
  })

  test('opens, and opens again half a second after it was lost', async () => {
    const { connection } = opened()
    expect(connection.state.at).toBe('connecting')
    await pass(5)
    expect([connection.state.at, connection.client === null]).toEqual(['open', false])
    host.newest.drop()
    expect([connection.state.at, connection.client]).toEqual(['waiting', null])
    await pass(499)
    expect(host.sockets.length).toBe(1)
    await pass(10)
    expect([connection.state.at, host.sockets.length]).toEqual(['open', 2])
    connection.stop()
  })

  test('that drops during app.info is opened again by one loop', async () => {
    host.handlers = { 'app.info': () => new Promise<never>(() => host.newest.drop()) }
    const { connection } = opened()
    await pass(100)
    expect(host.sockets.length).toBe(1)
    await pass(500)
    expect(host.sockets.length).toBe(2)
    await pass(60_000)
    // After 0.5, 0.5, 1, 2, 4, 8, 8 … seconds.
    expect(host.sockets.length).toBeLessThan(14)
    connection.stop()
  })

  test('waits longer each time that nobody answers, up to eight seconds, and is quick again when it was open', async () => {
    host.up = false
    const { connection } = opened()
    const waits: number[] = []
    for (let i = 0; i < 7; i++) {
      await pass(2)
      const { state } = connection
      if (state.at !== 'waiting') throw new Error(state.at)
      waits.push(state.delayMs)
      await pass(state.delayMs - 1)
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000])
    expect(connection.state.misses).toBe(7)
    host.up = true
    await pass(9000)
    expect([connection.state.at, connection.state.misses]).toEqual(['open', 0])
    host.newest.drop()
    expect(connection.state).toMatchObject({ at: 'waiting', delayMs: 500 })
    expect(logged).toEqual([])
    connection.stop()
  })

  test.each([
    ['of the program', () => Promise.reject(new PalmError('store-damaged', 'The store is damaged.')), 'store'],
    ['an answer that does not fit', () => ({}) as AppInfo, 'does not fit its schema'],
  ])('shows and logs a fault: %s; it tries again when it is told to', async (_name, answer, words) => {
    host.handlers = { 'app.info': answer }
    const { connection } = opened()
    await pass(60_000)
    expect(host.sockets.length).toBe(1)
    expect(connection.state).toMatchObject({
      at: 'failed',
      fault: { message: expect.stringContaining(words) as string },
    })
    expect(logged).toEqual([expect.stringContaining(words)])
    host.handlers = { 'app.info': () => info }
    connection.retry()
    await pass(5)
    expect([connection.state.at, host.sockets.length]).toEqual(['open', 2])
    connection.stop()
  })

  test('a fault in what is built from it is shown and logged, and a new program is met again', async () => {
    class Broken {}
    let faulty = true
    const maker: ViewStateMaker<Broken> = {
      of: Broken,
      make() {
        if (faulty) throw new TypeError('undefined is not a function')
        return new Broken()
      },
    }
    const app = opened([maker])
    await pass(60_000)
    expect(app.connection.state).toMatchObject({ at: 'failed', fault: { code: 'internal' } })
    expect(logged[0]).toContain('undefined is not a function')
    faulty = false
    host.newest.drop() // the program ended, and began again
    await pass(2000)
    expect([app.connection.state.at, app.states.get(Broken) instanceof Broken]).toEqual(['open', true])
    app.connection.stop()
  })

  test('stopped, it stays so: in the middle of connecting too', async () => {
    const { connection } = opened()
    connection.stop()
    await pass(60_000)
    expect([connection.state.at, connection.client, host.sockets.length]).toEqual(['stopped', null, 1])
    expect(host.newest.readyState).toBe(3)
  })

  test('without it a call says so', () => {
    const app = opened()
    expect(() => app.connection.need()).toThrow('no connection')
    app.connection.stop()
  })
})

describe('the app over it', () => {
  const run = (id: number, some: Partial<RunSummary> = {}): RunSummary => ({
    ...emptySnapshot(0).run,
    id,
    status: 'done',
    ...some,
  })
  class Shown {
    readonly heard: number[] = []
    readonly session: Session
    constructor(session: Session) {
      this.session = session
    }
  }
  const shown: ViewStateMaker<Shown> & { befores: (Shown | null)[] } = {
    of: Shown,
    befores: [],
    make(session, before) {
      this.befores.push(before)
      const made = new Shown(session)
      session.onRun(({ id }) => made.heard.push(id))
      return made
    },
  }

  test('a view’s state is made once a connection, knows what was before, and hears runs until it is lost', async () => {
    let tell: (run: RunSummary) => void = () => undefined
    host.subscribers = {
      runs: (_request, sink) => {
        sink.snapshot([run(2, { archived: true }), run(1)])
        tell = (one) => sink.event(one)
        return () => undefined
      },
    }
    const app = opened([shown])
    expect(app.states.get(Shown)).toBeNull()
    await pass(5)
    const first = app.states.get(Shown)
    tell(run(3))
    await pass(100)
    expect(first?.heard).toEqual([3])
    expect([app.runs.all.map(({ id }) => id), app.runs.kept.map(({ id }) => id)]).toEqual([
      [3, 2, 1],
      [3, 1],
    ])
    host.newest.drop()
    await pass(1000)
    tell(run(1))
    await pass(100)
    expect([first?.heard, app.states.get(Shown)?.heard]).toEqual([[3], [1]])
    expect(shown.befores).toEqual([null, first])
    app.connection.stop()
  })

  test('the run under way is shown first, and asked for again after a loss; what was open stays open', async () => {
    const asked: number[] = []
    host.handlers = { 'app.info': () => ({ ...info, activeRun: 1 }) }
    host.subscribers = {
      runs: (_request, sink) => {
        sink.snapshot([run(2), run(1)])
        return () => undefined
      },
      run: ({ run: id }, sink) => {
        asked.push(id)
        sink.snapshot({ ...emptySnapshot(0), run: run(id) })
        return () => undefined
      },
    }
    const app = opened()
    await pass(50)
    expect([app.run.live?.id, asked]).toEqual([1, [1]])
    app.openRun(2)
    await pass(50)
    expect([app.run.live?.id, app.navigation.view]).toEqual([2, 'live'])
    host.newest.drop()
    await pass(1000)
    expect([app.run.live?.id, asked]).toEqual([2, [1, 2, 2]])
    expect(app.problems.current).toBeNull()
    app.connection.stop()
  })

  test('settings are changed at once and put back where they are refused; the reason is shown', async () => {
    let accepted = true
    host.handlers = {
      ...host.handlers,
      'settings.change': ({ changes }) => {
        if (!accepted) throw new PalmError('bad-request', 'Not now.')
        return { ...app.settings.values, ...changes }
      },
    }
    const app = opened()
    await pass(5)
    const first = app.settings.change({ theme: 'dark' })
    expect(app.settings.values.theme).toBe('dark')
    await pass(5)
    expect([await first, app.problems.current]).toEqual([true, null])
    accepted = false
    const second = app.settings.change({ theme: 'light' })
    await pass(5)
    expect([await second, app.settings.values.theme, app.problems.current?.message]).toEqual([
      false,
      'dark',
      'Not now.',
    ])
    app.problems.dismiss()
    expect(app.problems.current).toBeNull()
    app.connection.stop()
  })

  test('while the native library is set up it is asked for until it is there', async () => {
    let asked = 0
    host.handlers = {
      'app.info': () => {
        asked += 1
        return { ...info, native: { ok: asked > 3, settingUp: asked <= 3, reason: null } }
      },
    }
    const app = opened()
    await pass(20_000)
    expect([asked, app.program.info?.native.ok]).toEqual([4, true])
    app.connection.stop()
  })
})
