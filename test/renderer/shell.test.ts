// Palette, undo, tour, the end of long runs, the data folder and the log as a screen sees them: without a page.
import { describe, expect, test } from 'vitest'
import { createClient } from '#app/rpc/client.ts'
import { portPair } from '#app/rpc/port.ts'
import { serve, type Subscribers } from '#app/rpc/server.ts'
import { settingsSchema, type Settings } from '#contract/app/settings.ts'
import { atRest, type MoveState } from '#contract/data/data-place.ts'
import { PalmError } from '#contract/errors.ts'
import type { LogEntry } from '#contract/log.ts'
import { sweepDefinitionSchema } from '#contract/sweeps/sweep.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import type { Notifier } from '#renderer/lib/notifier.ts'
import { setLanguage, strings } from '#renderer/lib/strings/strings.svelte.ts'
import { systemLanguage } from '#renderer/lib/text/system-language.ts'
import { DataPlace } from '#renderer/state/app/data-place.svelte.ts'
import { LogReader } from '#renderer/state/app/log.svelte.ts'
import { Palette } from '#renderer/state/app/commands/palette.svelte.ts'
import { longRunMs, RunEnds, windowTitle } from '#renderer/state/app/run-ends.svelte.ts'
import { Sweeps } from '#renderer/state/sweeps/sweeps.svelte.ts'
import { Tour, tourSteps } from '#renderer/state/app/tour.svelte.ts'
import { Undo } from '#renderer/state/app/undo.svelte.ts'
import { emptySnapshot, tableOfHandlers, tableOfSubscribers } from '#test/app/rpc/tables.ts'

describe('the palette', () => {
  const made = () => {
    const did: string[] = []
    let recent: string[] = ['history']
    const items = ['stop', 'history', 'settings'].map((id) => ({
      id,
      title: `Go to ${id}`,
      group: 'command',
      shortcut: '',
      run: () => did.push(id),
    }))
    return {
      did,
      recent: () => recent,
      palette: new Palette({ items: () => items, recent: () => recent, remember: (ids) => (recent = ids) }),
    }
  }

  test('begins with what was chosen last; arrows go round, Enter does it and remembers it', () => {
    const { did, recent, palette } = made()
    expect(palette.found.map(({ choice }) => choice.id)).toEqual(['history', 'stop', 'settings'])
    palette.move(-1)
    expect(palette.current?.id).toBe('settings')
    palette.move(1)
    expect(palette.current?.id).toBe('history')
    palette.type('sett')
    expect(palette.choose()).toBe(true)
    expect(did).toEqual(['settings'])
    expect(recent()).toEqual(['settings', 'history'])
  })

  test('typing begins at the best again, and with nothing found nothing is done', () => {
    const { did, palette } = made()
    palette.move(2)
    palette.type('s')
    expect(palette.at).toBe(0)
    palette.type('qqq')
    expect([palette.current, palette.choose()]).toEqual([null, false])
    palette.move(1)
    expect(did).toEqual([])
  })
})

describe('undo', () => {
  test('takes back what was done last, once', async () => {
    const did: string[] = []
    const undo = new Undo()
    undo.offer(
      () => 'first',
      async () => void did.push('back 1'),
    )
    undo.offer(
      () => 'second',
      async () => void did.push('back 2'),
    )
    expect(undo.done).toBe('second')
    await undo.undo()
    await undo.undo()
    expect([did, undo.done]).toEqual([['back 2'], ''])
  })

  test('says why it could not be taken back', async () => {
    const undo = new Undo()
    undo.offer(
      () => 'done',
      () => Promise.reject(new PalmError('run-not-found', 'It is gone.')),
    )
    await undo.undo()
    expect(undo.problem).toBe('It is gone.')
  })
})

test('the tour goes forth and back, ends after its last step or when it is skipped, and tells so once', () => {
  let seen = 0
  const tour = new Tour(() => seen++)
  tour.next()
  expect([tour.step, seen]).toEqual([null, 0])
  tour.start()
  tour.back()
  expect(tour.step).toBe(tourSteps[0])
  for (const _ of tourSteps) tour.next()
  expect([tour.step, seen]).toEqual([null, 1])
  tour.start()
  tour.next()
  tour.end()
  tour.end()
  expect(seen).toBe(2)
  tour.start()
  tour.close() // in another window
  expect([tour.step, seen]).toEqual([null, 2])
})

describe('the end of a long run', () => {
  const made = (
    some: Partial<Settings> = { notifications: 'on' },
    permission: ReturnType<Notifier['permission']> = 'granted',
  ) => {
    const told: string[] = []
    const world = { now: 0, away: true, settings: settingsSchema.parse(some) }
    const notifier: Notifier = {
      permission: () => permission,
      ask: async () => 'granted',
      isAway: () => world.away,
      tell: (_title, text, tag) => told.push(`${tag}: ${text}`),
    }
    return { told, world, ends: new RunEnds({ notifier, now: () => world.now, settings: () => world.settings }) }
  }
  const run = (status: RunSummary['status'], some: Partial<RunSummary> = {}): RunSummary => ({
    ...emptySnapshot(0).run,
    id: 7,
    name: 'Night',
    status,
    ...some,
  })
  const lanes = [{ id: 'palm', label: 'PALM', method: 'palm', meanErrorPct: 23.71 }]

  test('is told to who looks elsewhere, with what came out', () => {
    const { told, world, ends } = made()
    ends.run(run('running'), false)
    world.now = longRunMs
    ends.run(run('done', { lanes }), false)
    expect(told).toEqual(['palm-run-7: Run 7 (Night) is done. PALM makes the fewest errors: 23.7 %.'])
  })

  test.each([
    ['short', 1000, {}, 'done', false],
    ['stopped by hand', longRunMs, {}, 'stopped', false],
    ['a cell of a sweep', longRunMs, {}, 'done', true],
    ['looked at', longRunMs, { away: false }, 'done', false],
  ] as const)('is not told when it was %s', (_name, ms, some, status, ofSweep) => {
    const { told, world, ends } = made()
    Object.assign(world, some)
    ends.run(run('running'), false)
    world.now = ms
    ends.run(run(status), ofSweep)
    expect(told).toEqual([])
  })

  test('failures are told with their reason; old runs in the list are not', () => {
    const { told, world, ends } = made()
    ends.run(run('done', { id: 3 }), false)
    ends.run(run('running'), false)
    world.now = longRunMs
    ends.run(run('failed', { error: { code: 'disk-full', message: 'The disk is full.' } }), false)
    expect(told).toEqual(['palm-run-7: Run 7 (Night) failed. The disk is full.'])
  })

  test('nothing is told without a yes, which is asked for at the first long run only', async () => {
    const { told, world, ends } = made({ notifications: 'ask' }, 'default')
    ends.run(run('running'), false)
    ends.look()
    expect(ends.offering).toBe(false)
    world.now = longRunMs
    ends.look()
    expect(ends.offering).toBe(true)
    expect(await ends.accept()).toBe('on')
    ends.run(run('done'), false)
    expect([told, ends.offering]).toEqual([[], false])
    const off = made({ notifications: 'off' })
    off.ends.run(run('running'), false)
    off.world.now = longRunMs
    off.ends.look()
    expect(off.ends.offering).toBe(false)
  })

  test('a sweep’s end is told once', () => {
    const { told, ends } = made()
    const sweep = { id: 2, name: 'table1', title: '', createdAt: 0, cells: 4, done: 4, activeRuns: [], message: null }
    for (const state of ['done', 'running', 'running', 'done', 'done'] as const) ends.sweep({ ...sweep, state })
    expect(told).toEqual(['palm-sweep-2: The sweep “table1” is over.'])
  })

  test('the window’s title tells how far it is', () =>
    expect([windowTitle(42), windowTitle(null)]).toEqual(['42 % PALM Studio', 'PALM Studio']))
})

test('the language is the first one preferred that is spoken here', () => {
  expect([
    systemLanguage(['fr-CH', 'de-CH', 'en']),
    systemLanguage(['en-GB', 'de']),
    systemLanguage(['fr']),
    systemLanguage([]),
  ]).toEqual(['de', 'en', 'en', 'en'])
  setLanguage('de')
  expect(strings.settings.title).toBe('Einstellungen')
  setLanguage('en')
})

describe('over the program’s messages', () => {
  const client = (handlers: Parameters<typeof tableOfHandlers>[0], subscribers: Partial<Subscribers>) => {
    const [near, far] = portPair()
    serve(far, tableOfHandlers(handlers), tableOfSubscribers(subscribers))
    return createClient(near)
  }

  test('the data folder: what is typed is checked, an older answer does not take a newer one’s place, a move is followed', async () => {
    let tell: (state: MoveState) => void = () => undefined
    const answers: (() => void)[] = []
    const data = new DataPlace(
      client(
        {
          'data.info': () => ({ folder: '/data', sizeBytes: 10, old: null }),
          'data.check': ({ folder }) =>
            new Promise((resolve) =>
              answers.push(() =>
                resolve({ neededBytes: 1, freeBytes: 2, problem: folder === '/bad' ? 'Not there.' : null }),
              ),
            ),
          'data.move': () => ({}),
        },
        {
          data: (_request, sink) => {
            sink.snapshot(atRest)
            tell = (state) => sink.event(state)
            return () => undefined
          },
        },
      ),
    )
    await expect.poll(() => data.info?.folder).toBe('/data')
    const first = data.setTarget('/bad')
    const second = data.setTarget('/good')
    await expect.poll(() => answers.length).toBe(2)
    answers[1]?.()
    await second
    answers[0]?.()
    await first
    expect(data.check?.problem).toBeNull()
    await data.begin()
    tell({ ...atRest, phase: 'copying', folder: '/good', doneBytes: 1, totalBytes: 2 })
    await expect.poll(() => data.isMoving).toBe(true)
    tell({ ...atRest, phase: 'failed', folder: '/good', error: { code: 'disk-full', message: 'full' } })
    await expect.poll(() => data.isMoving).toBe(false)
  })

  test('the log: filtered by level and words, newest kept, text to copy', async () => {
    let tell: (entry: LogEntry) => void = () => undefined
    const entry = (message: string, level: LogEntry['level'] = 'info'): LogEntry => ({
      at: 0,
      level,
      source: 'runs',
      code: null,
      message,
      detail: null,
    })
    const log = new LogReader(
      client(
        {},
        {
          log: (_request, sink) => {
            sink.snapshot([entry('Run 1: running'), entry('It failed', 'error')])
            tell = (one) => sink.event(one)
            return () => undefined
          },
        },
      ),
    )
    await expect.poll(() => log.loaded).toBe(true)
    tell(entry('Run 2: running'))
    await expect.poll(() => log.found.length).toBe(3)
    log.query = 'RUN running'
    expect(log.found.map(({ message }) => message)).toEqual(['Run 1: running', 'Run 2: running'])
    log.toggle('info')
    expect(log.found).toEqual([])
    log.query = ''
    expect(log.text).toBe('1970-01-01T00:00:00.000Z error runs: It failed')
    for (let i = 0; i < 1200; i++) tell(entry(`Run ${i}`, 'error'))
    await expect.poll(() => log.entries.length).toBe(1000)
  })

  test('a sweep that was removed is written down again when that is taken back', async () => {
    const definition = sweepDefinitionSchema.parse({
      name: 'mine',
      inputs: [{ kind: 'sample' }],
      models: [{ kind: 'sample' }],
      preset: 'sample',
      methods: ['source'],
      seeds: [0],
    })
    const defined: unknown[] = []
    const undo = new Undo()
    const sweeps = new Sweeps(
      client(
        {
          'sweeps.plan': () => ({
            id: 1,
            name: 'mine',
            title: '',
            cells: 0,
            done: 0,
            runs: 0,
            images: 0,
            estimateMs: null,
            refused: [],
            preset: 'sample',
            batchSize: 100,
            imageOrder: 'shuffled',
            differences: [],
          }),
          'sweeps.results': () => ({
            id: 1,
            definition,
            inputNames: [''],
            modelNames: [''],
            domains: {},
            protocol: '',
            guessing: [],
            differences: [],
            paper: null,
            rows: [],
          }),
          'sweeps.remove': () => ({}),
          'sweeps.define': (what) => {
            defined.push(what)
            return { sweep: 2 }
          },
        },
        {
          sweeps: (_request, sink) => {
            sink.snapshot([
              {
                id: 1,
                name: 'mine',
                title: '',
                createdAt: 0,
                state: 'idle',
                cells: 1,
                done: 0,
                activeRuns: [],
                message: null,
              },
            ])
            return () => undefined
          },
        },
      ),
      undo,
    )
    await expect.poll(() => sweeps.results?.id).toBe(1)
    await sweeps.remove()
    expect([undo.done, sweeps.list.length]).toEqual([strings.shell.sweepRemoved('mine'), 0])
    await undo.undo()
    expect(defined).toEqual([definition])
  })
})
