// The queue over the real store and run service; sessions end when the test says so.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RunQueue } from '#app/services/queue/run-queue.ts'
import type { SlotHold } from '#app/services/runs/machine-slots.ts'
import { takeRunLock } from '#app/services/runs/run-lock.ts'
import { openRuns, type Runs } from '#app/services/runs/runs.ts'
import type { DeviceChoice, DeviceKind } from '#contract/devices.ts'
import { wholeMachine, type DeviceSlot } from '#contract/runs/device-slots.ts'
import type { QueueState, QueuedWork } from '#contract/runs/queue.ts'
import { runOptionsSchema, type RunOptionsInput } from '#contract/runs/run-options.ts'
import { sweepDefinitionSchema } from '#contract/sweeps/sweep.ts'
import { openStore, type Store } from '#store/store.ts'
import { sampleOptions } from '#test/app/rpc/tables.ts'
import { ScriptedSessions } from '#test/helpers/scripted-sessions.ts'
import { storeRun } from '#test/helpers/stored-runs.ts'

interface Program {
  readonly store: Store
  readonly sessions: ScriptedSessions
  readonly runs: Runs
  readonly queue: RunQueue
  readonly sweep: FakeSweep
}

/** A sweep that is at work until the test ends it. */
class FakeSweep {
  active: number | null = null
  readonly started: number[] = []
  private readonly runs: Runs
  private settle: (() => void)[] = []
  private changed: () => void = () => undefined
  private holds: readonly SlotHold[] = []

  constructor(runs: Runs) {
    this.runs = runs
  }

  start(id: number): void {
    this.holds = this.runs.sessions.holdFor(id, null)
    this.active = id
    this.started.push(id)
  }
  stop(): void {
    this.end()
  }
  onChange(listener: () => void): () => void {
    this.changed = listener
    return () => undefined
  }
  async over(): Promise<string | null> {
    if (this.active !== null) await new Promise<void>((resolve) => this.settle.push(resolve))
    return null
  }
  end(): void {
    this.active = null
    for (const hold of this.holds) hold.release()
    this.changed()
    for (const resolve of this.settle.splice(0)) resolve()
  }
}

let folder: string
const programs: Program[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-queue-'))
})
afterEach(async () => {
  for (const program of programs.splice(0)) await end(program)
  rmSync(folder, { recursive: true, force: true })
})

async function end({ queue, runs, store }: Program): Promise<void> {
  queue.close()
  await runs.sessions.close()
  store.close()
}

/** Another program on the same data folder each time. */
function open(findSlots?: () => Promise<readonly DeviceSlot[]>): Program {
  const store = openStore(join(folder, 'palm.sqlite'))
  const sessions = new ScriptedSessions(store)
  const runs = openRuns({
    program: 'test',
    store,
    dataFolder: folder,
    resourcesFolder: '',
    startSession: sessions.start,
    findSlots,
    workers: null,
    preview: false,
    now: () => 0,
  })
  const sweep = new FakeSweep(runs)
  const queue = new RunQueue({
    store,
    runs,
    sweeps: sweep,
    now: () => 0,
    isMoving: () => false,
    everyMs: 5,
  })
  const program = { store, sessions, runs, queue, sweep }
  programs.push(program)
  return program
}

const work = (more: Partial<RunOptionsInput> = {}): QueuedWork => ({
  kind: 'start',
  options: runOptionsSchema.parse({ ...sampleOptions, ...more }),
})
const add = ({ queue }: Program, one: QueuedWork = work(), first = false) =>
  queue.add({ work: one, estimateMs: null, first })
const names = ({ queue }: Program) => queue.state().items.map(({ name }) => name)
/** Resolves when a session works on another run than `before`. */
const next = ({ sessions }: Program, before: number | null = null) =>
  expect.poll(() => sessions.run, { interval: 1 }).toSatisfy((run: number | null) => run !== null && run !== before)

describe('the queue', () => {
  it('begins at once when nothing is under way, and then one after the other in their order', async () => {
    const program = open()
    const { sessions, queue, store } = program
    for (const name of ['one', 'two', 'three']) add(program, work({ name }))
    await next(program)
    expect([names(program), queue.state().waitsFor]).toEqual([['two', 'three'], { kind: 'run', run: 1 }])
    sessions.end('done')
    await next(program, 1)
    sessions.end('stopped') // also when a person stops one
    await next(program, 2)
    expect([names(program), queue.state().waitsFor]).toEqual([[], { kind: 'run', run: 3 }])
    expect(store.runs.list().map(({ name }) => name)).toEqual(['three', 'two', 'one'])
  })

  it('waits for a run that was started without it, and for a sweep between its runs', async () => {
    const program = open()
    const { runs, sessions, sweep, queue } = program
    runs.sessions.start(sampleOptions)
    await next(program)
    add(program)
    expect([sessions.began, queue.state().waitsFor]).toEqual([[1], { kind: 'run', run: 1 }])
    sessions.end('done')
    await next(program, 1)
    sessions.end('done')
    await runs.sessions.over(2)
    sweep.start(7)
    add(program)
    expect([sessions.run, queue.state().waitsFor]).toEqual([null, { kind: 'sweep', sweep: 7 }])
    sweep.end()
    await next(program)
  })

  it('is put in another order, held, and what is taken out comes back to where it was', async () => {
    const program = open()
    const { runs, sessions, queue } = program
    runs.sessions.start(sampleOptions)
    await next(program)
    const [a = 0, b = 0, c = 0] = ['a', 'b', 'c'].map((name) => add(program, work({ name })))
    add(program, work({ name: 'first' }), true)
    expect(names(program)).toEqual(['first', 'a', 'b', 'c'])
    queue.move(c, 0)
    queue.move(a, 9)
    expect(names(program)).toEqual(['c', 'first', 'b', 'a'])
    queue.remove(b)
    expect(names(program)).toEqual(['c', 'first', 'a'])
    expect(() => queue.move(b, 0)).toThrow('not in the queue any more')
    queue.restore(b)
    expect(names(program)).toEqual(['c', 'first', 'b', 'a'])
    queue.hold(c, true)
    sessions.end('done')
    await next(program, 1)
    expect(names(program)).toEqual(['c', 'b', 'a'])
    expect(runs.catalogue.get(2).name).toBe('first')
    queue.hold(c, false)
    sessions.end('done')
    await next(program, 2)
    expect(runs.catalogue.get(3).name).toBe('c')
  })

  it('begins nothing while it is paused, also after a restart, until it goes on', async () => {
    const program = open()
    program.queue.pause(true)
    add(program)
    expect([program.sessions.run, program.queue.isPending]).toEqual([null, false])
    await end(program)
    programs.pop()
    const again = open()
    expect(again.queue.state()).toMatchObject({ paused: 'user', items: [{ kind: 'start' }] })
    again.queue.pause(false)
    await next(again)
  })

  it('is there after a restart and says why it does not begin by itself; a person who lines up more starts it', async () => {
    const program = open()
    program.runs.sessions.start(sampleOptions)
    await next(program)
    add(program, work({ name: 'kept' }))
    await end(program)
    programs.pop()
    const again = open()
    expect(again.queue.state()).toMatchObject({ paused: 'reopened', waitsFor: null, items: [{ name: 'kept' }] })
    expect(again.queue.isPending).toBe(false)
    expect(again.runs.catalogue.get(1).status).toBe('stopped') // what was under way is left for a person
    add(again, work({ name: 'new' }))
    await next(again)
    expect(again.runs.catalogue.get(2).name).toBe('kept')
  })

  it('says of one whose images are gone that they are, passes it over, and tries it again when asked', async () => {
    const program = open()
    const path = join(folder, 'photos')
    const lost = add(program, work({ name: 'lost', input: { kind: 'folder', path } }))
    add(program, work({ name: 'fine' }))
    await next(program)
    expect(program.runs.catalogue.get(1).name).toBe('fine')
    expect(program.queue.state().items).toMatchObject([
      { name: 'lost', problem: { code: 'input-unreadable', message: expect.stringContaining(`${path} is not there`) } },
    ])
    mkdirSync(path)
    program.queue.hold(lost, false)
    program.sessions.end('done')
    await next(program, 1)
    expect(program.runs.catalogue.get(2).name).toBe('lost')
  })

  it('goes on after a run that fails, but not where the next one would fail in the same way', async () => {
    const program = open()
    for (const name of ['a', 'b', 'c']) add(program, work({ name }))
    await next(program)
    program.sessions.end('failed', { code: 'input-labels', message: 'One class only.' })
    await next(program, 1)
    program.sessions.end('failed', { code: 'disk-full', message: 'The disk is full.' })
    await expect.poll(() => program.queue.state()).toMatchObject({ paused: 'trouble', trouble: 'The disk is full.' })
    expect([program.sessions.run, names(program)]).toEqual([null, ['c']])
    program.queue.pause(false)
    await next(program, 2)
  })

  it('resumes and branches when their turn comes; what cannot be is told and passed over', async () => {
    const program = open()
    const { store, sessions, queue } = program
    const done = storeRun(store)
    const stopped = storeRun(store)
    store.runs.setStatus(stopped, 'stopped', null, 1)
    store.runs.setProgress(stopped, 4, {
      step: 4,
      totalSteps: 10,
      images: 80,
      imagesPerSecond: 10,
      etaMs: null,
      waitShare: 0,
    })
    queue.pause(true)
    add(program, { kind: 'resume', run: done })
    add(program, { kind: 'branch', run: done, step: 3, options: [], name: '' })
    add(program, { kind: 'resume', run: stopped })
    add(program, { kind: 'resume', run: 99 })
    expect(queue.state().items[2]).toMatchObject({ run: stopped, step: 4, estimateMs: { low: 9600, high: 15_600 } })
    queue.pause(false)
    await next(program)
    expect(sessions.began).toEqual([stopped])
    sessions.end('done')
    await expect
      .poll(() => queue.state().items.map(({ problem }) => problem?.message))
      .toEqual([
        expect.stringContaining('is complete'),
        expect.stringContaining('has no checkpoint'),
        expect.stringContaining('There is no run 99'),
      ])
  })

  it('takes a sweep as one place, and what comes after it waits for all of it', async () => {
    const program = open()
    const { store, sweep, queue, sessions } = program
    queue.pause(true)
    add(program, { kind: 'sweep', sweep: 4 })
    add(program)
    expect(queue.state().items[0]?.problem?.code).toBe('sweep-not-found')
    queue.pause(false)
    await next(program) // a sweep that is gone is passed over
    expect(sweep.started).toEqual([])
    sessions.end('done')
    const definition = {
      name: 'mine',
      title: 'My sweep',
      inputs: [{ kind: 'sample' }],
      models: [{ kind: 'sample' }],
      preset: 'sample',
      methods: ['source', 'palm'],
    }
    const id = store.sweeps.put(sweepDefinitionSchema.parse(definition), 0)
    add(program, { kind: 'sweep', sweep: id })
    expect(queue.state().items.at(-1)).toMatchObject({ name: 'My sweep', methods: ['source', 'palm'], problem: null })
    await expect.poll(() => sweep.started).toEqual([id])
    add(program)
    expect(queue.state().waitsFor).toEqual({ kind: 'sweep', sweep: id })
    sweep.end()
    await next(program, 1)
  })

  it('puts something in the place of what is under way, before what is lined up', async () => {
    const program = open()
    const { runs, queue, sessions } = program
    runs.sessions.start(sampleOptions)
    await next(program)
    add(program, work({ name: 'lined up' }))
    expect(await queue.instead(work({ name: 'now' }))).toBe(2)
    expect([runs.catalogue.get(1).status, runs.catalogue.get(2).name]).toEqual(['stopped', 'now'])
    await next(program, 1)
    await expect(queue.instead({ kind: 'branch', run: 2, step: 9, options: [], name: '' })).rejects.toThrow(
      'no checkpoint',
    )
    expect(sessions.run).toBe(2) // not stopped for nothing
    sessions.end('done')
    await next(program, 2)
    expect(runs.catalogue.get(3).name).toBe('lined up')
  })

  it('two programs on one data folder never begin the same one, nor two at once', async () => {
    const [one, two] = [open(), open()]
    const elsewhere = takeRunLock(folder, 50)
    for (const name of ['a', 'b', 'c', 'd']) add(one, work({ name }))
    expect(one.queue.state().waitsFor).toEqual({ kind: 'elsewhere', run: 50 })
    two.queue.pause(false) // the second one found some lined up, and waits for a person otherwise
    elsewhere?.release()
    const at = () => [one, two].filter(({ sessions }) => sessions.run !== null)
    for (let left = 4; left > 0; left--) {
      await expect.poll(() => at().length, { interval: 1 }).toBe(1)
      expect(one.store.queue.list()).toHaveLength(left - 1)
      at()[0]?.sessions.end('done')
    }
    expect([...one.sessions.began, ...two.sessions.began].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4])
    expect(one.store.runs.list().map(({ name }) => name)).toEqual(['d', 'c', 'b', 'a'])
  })

  it('tells each change, whole, also what another program changed; and takes no webcam', async () => {
    const [one, two] = [open(), open()]
    const told: QueueState[] = []
    one.queue.pause(true)
    one.queue.follow({
      snapshot: (state) => told.push(state),
      event: (state) => told.push(state),
      error: (error) => expect.fail(error.message),
    })
    two.store.queue.add(work({ name: 'from elsewhere' }), { low: 5, high: 6 }, 1, false)
    await expect
      .poll(() => told.at(-1)?.items)
      .toMatchObject([{ name: 'from elsewhere', estimateMs: { low: 5, high: 6 } }])
    const count = told.length
    one.queue.look()
    expect(told).toHaveLength(count)
    expect(() => add(one, work({ input: { kind: 'webcam', name: 'cam' } }))).toThrow('cannot be lined up')
  })
})

describe('a machine with several devices', () => {
  beforeEach(() => void vi.stubEnv('PALM_DEVICE', 'auto'))
  afterEach(() => void vi.unstubAllEnvs())
  const slot = (id: string, kind: DeviceKind): DeviceSlot => ({ id, kind, name: id, card: null })
  const machine = [slot('cuda:0', 'cuda'), slot('cuda:1', 'cuda'), slot('cpu', 'cpu')]
  const openWith = async (slots: readonly DeviceSlot[]): Promise<Program> => {
    const program = open(async () => slots)
    await program.runs.sessions.slots.find()
    return program
  }
  const on = (device: DeviceChoice, name: string): QueuedWork => work({ device, name })
  const uses = ({ queue }: Program) =>
    queue.state().slots.map(({ id, use }) => [id, use?.kind === 'run' ? use.run : use])

  it('computes one run on each at a time, whatever order they were lined up in', async () => {
    const program = await openWith(machine)
    const { sessions, queue } = program
    queue.pause(true)
    for (const [device, name] of [
      ['cpu', 'p1'],
      ['cpu', 'p2'],
      ['cuda', 'g1'],
      ['auto', 'g2'],
      ['cuda', 'g3'],
    ] as const)
      add(program, on(device, name))
    queue.pause(false)
    await expect.poll(() => sessions.runs.length).toBe(3)
    expect(names(program)).toEqual(['p2', 'g3'])
    expect(uses(program)).toEqual([
      ['cuda:0', 2],
      ['cuda:1', 3],
      ['cpu', 1],
    ])
    sessions.end('done', null, 3) // a card is free: the one that waits for a card overtakes the one that waits for the processor
    await expect.poll(() => sessions.runs).toEqual([1, 2, 4])
    expect([names(program), queue.state().waitsFor]).toEqual([['p2'], { kind: 'run', run: 1 }])
    sessions.end('stopped', null, 1)
    await expect.poll(() => sessions.runs).toEqual([2, 4, 5])
    expect(names(program)).toEqual([])
  })

  it('refuses a second run on one device, says which is there, and begins it beside one on another', async () => {
    const program = await openWith(machine)
    const { sessions } = program.runs
    expect(sessions.start(runOptionsSchema.parse({ ...sampleOptions, device: 'cpu' }))).toBe(1)
    expect(() => sessions.start(runOptionsSchema.parse({ ...sampleOptions, device: 'cpu' }))).toThrow(
      'Run 1 is under way',
    )
    expect(program.store.runs.list()).toHaveLength(1)
    expect(sessions.start(sampleOptions)).toBe(2)
    expect(sessions.activeRuns).toEqual([1, 2])
    await expect.poll(() => program.sessions.runs).toEqual([1, 2])
    sessions.stop(1)
    await sessions.over(1)
    expect([sessions.activeRuns, program.runs.catalogue.get(2).status]).toEqual([[2], 'running'])
  })

  it('puts a run only in the place of the one on the device that it asks for', async () => {
    const program = await openWith(machine)
    const { queue, sessions, runs } = program
    for (const [device, name] of [
      ['cpu', 'p'],
      ['cuda', 'g'],
    ] as const)
      add(program, on(device, name))
    await expect.poll(() => sessions.runs).toEqual([1, 2])
    expect(await queue.instead(on('cpu', 'now'))).toBe(3)
    expect(runs.catalogue.get(1).status).toBe('stopped')
    expect(runs.catalogue.get(2).status).toBe('running')
    expect(await queue.instead(on('auto', 'beside'))).toBe(4) // the second card is free
    expect(sessions.runs).toEqual([2, 3, 4])
  })

  it('gives a sweep each free card, and the processor to others meanwhile', async () => {
    const program = await openWith(machine)
    const { queue, sweep, sessions } = program
    sweep.start(7)
    expect(uses(program)).toEqual([
      ['cuda:0', { kind: 'sweep', sweep: 7 }],
      ['cuda:1', { kind: 'sweep', sweep: 7 }],
      ['cpu', null],
    ])
    add(program, on('auto', 'waits'))
    add(program, on('cpu', 'begins'))
    await next(program)
    expect([names(program), queue.state().waitsFor]).toEqual([['waits'], { kind: 'sweep', sweep: 7 }])
    sweep.end()
    await expect.poll(() => sessions.runs).toEqual([1, 2])
  })

  it('counts as one until somebody has looked; then what began before is on the first that it may have taken', async () => {
    let found: (slots: readonly DeviceSlot[]) => void = () => undefined
    const program = open(() => new Promise((resolve) => (found = resolve)))
    const { queue, sessions, runs } = program
    runs.sessions.start(runOptionsSchema.parse({ ...sampleOptions, device: 'cpu' }))
    add(program, on('auto', 'second'))
    expect(queue.state().slots).toEqual([{ ...wholeMachine, use: { kind: 'run', run: 1 } }])
    await next(program)
    expect(sessions.runs).toEqual([1])
    void runs.sessions.slots.find()
    found(machine)
    await expect.poll(() => sessions.runs).toEqual([1, 2])
    expect(uses(program)).toEqual([
      ['cuda:0', 2],
      ['cuda:1', null],
      ['cpu', 1],
    ])
  })

  it('leaves to a run of another program what that computes on', async () => {
    const program = await openWith(machine)
    const { queue, store, sessions } = program
    const elsewhere = storeRun(store)
    const lock = takeRunLock(folder, elsewhere)
    add(program, on('cpu', 'waits'))
    add(program, on('cuda', 'begins'))
    await next(program)
    expect([names(program), queue.state().waitsFor]).toEqual([['waits'], { kind: 'elsewhere', run: elsewhere }])
    lock?.release()
    queue.look()
    await expect.poll(() => sessions.runs).toHaveLength(2)
  })
})
