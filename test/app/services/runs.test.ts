// The run service over real child processes and the real store. How they end is chosen; they compute nothing.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { RunEvent } from '#contract/tables/report.ts'
import { forkSessions } from '#app/hosts/node.ts'
import { takeRunLock } from '#app/services/runs/run-lock.ts'
import type { SessionExit, SessionProcess } from '#app/services/processes/session-process.ts'
import { openRuns, type Runs } from '#app/services/runs/runs.ts'
import { claimFirstLaunch } from '#app/services/machine/settings.ts'
import { openStore } from '#store/store.ts'
import type { Store } from '#store/store.ts'
import { sampleOptions } from '#test/app/rpc/tables.ts'

const folder = mkdtempSync(join(tmpdir(), 'palm-runs-'))
const stores: Store[] = []
afterAll(() => {
  for (const store of stores) store.close()
  rmSync(folder, { recursive: true })
})

function freshStore(name: string): Store {
  mkdirSync(join(folder, name), { recursive: true })
  const store = openStore(join(folder, name, 'palm.sqlite'))
  stores.push(store)
  return store
}

function serviceOf(how: string, name: string): { runs: Runs; store: Store; dataFolder: string } {
  const store = freshStore(name)
  const dataFolder = join(folder, name)
  const startSession = forkSessions(join(import.meta.dirname, 'crashing-session.ts'), { PALM_TEST_CRASH: how })
  return {
    store,
    dataFolder,
    runs: openRuns({
      program: 'test',
      store,
      dataFolder,
      resourcesFolder: '',
      startSession,
      workers: null,
      preview: false,
      now: () => 0,
    }),
  }
}

describe('the run service', () => {
  it('records and tells a run as interrupted, with the reason, when its session dies; it can be resumed', async () => {
    const { runs } = serviceOf('kill', 'kill')
    const run = runs.sessions.start(sampleOptions)
    const events: RunEvent[] = []
    runs.feeds.follow(run, {
      snapshot: () => undefined,
      event: (event) => events.push(event),
      error: (error) => expect.fail(error.message),
    })
    await runs.sessions.over(run)
    expect(runs.catalogue.get(run)).toMatchObject({
      status: 'interrupted',
      error: { code: 'session-died', message: expect.stringContaining('SIGKILL') },
    })
    expect(events.map((event) => event.event === 'status' && event.status)).toContain('running')
    expect(runs.sessions.activeRuns).toEqual([])
    runs.sessions.resume(run)
    expect(runs.sessions.activeRuns).toEqual([run])
    await runs.sessions.over(run)
    expect(runs.catalogue.get(run).status).toBe('interrupted')
  })

  it('runs one run at a time and says which is under way', async () => {
    const { runs } = serviceOf('exit', 'busy')
    const run = runs.sessions.start(sampleOptions)
    expect(() => runs.sessions.start(sampleOptions)).toThrow(`Run ${run} is under way. Stop it first`)
    expect(runs.catalogue.list()).toHaveLength(1)
    await runs.sessions.over(run)
  })

  it('lets a run be resumed between its session’s last word and the end of the process', async () => {
    const store = freshStore('leaving')
    const exits: ((exit: SessionExit) => void)[] = []
    const startSession = (): SessionProcess => ({
      pid: null,
      send: () => undefined,
      onMessage: () => undefined,
      onExit: (listener) => void exits.push(listener),
      kill: () => undefined,
    })
    const runs = openRuns({
      program: 'test',
      store,
      dataFolder: join(folder, 'leaving'),
      resourcesFolder: '',
      startSession,
      workers: null,
      preview: false,
      now: () => 0,
    })
    const run = runs.sessions.start(sampleOptions)
    await runs.sessions.settled() // under way: nothing to wait for
    expect(() => runs.sessions.resume(run)).toThrow('is under way')
    store.runs.setStatus(run, 'stopped', null, 1) // the session wrote this, said it, and lingers
    const settled = runs.sessions.settled()
    exits.shift()?.({ code: 0, signal: null, stderrTail: '' })
    await settled
    runs.sessions.resume(run)
    expect(runs.sessions.activeRuns).toEqual([run])
    exits.shift()?.({ code: 0, signal: null, stderrTail: '' })
    await runs.sessions.over(run)
  })

  it('keeps the images that a run showed last until another one ends, for it may be over before anybody looks; not a camera’s', () => {
    const { runs, store } = serviceOf('exit', 'images')
    const shown = (run: number) => runs.feeds.snapshot(run).preview
    const place = { step: 0, position: 0, sample: 0, label: null, width: 1, height: 1 }
    const image = (id: string) => ({ ...place, id, clean: '', corrupted: '', predictions: {} })
    const over = (run: number, id: string) => {
      runs.feeds.sessionBegan(run)
      runs.feeds.heard(run, { event: 'preview', seq: 0, step: 0, images: [image(id)] })
      expect(shown(run).map((one) => one.id)).toEqual([id])
      runs.feeds.sessionEnded(run)
    }
    const files = [1, 2].map(() => store.runs.createRun(sampleOptions, 0)) as [number, number]
    const camera = store.runs.createRun(
      { ...sampleOptions, input: { kind: 'webcam', name: 'camera', spacingMs: 0 } },
      0,
    )
    over(files[0], 'a.png')
    expect(shown(files[0]).map(({ id }) => id)).toEqual(['a.png'])
    over(camera, 'frame')
    expect(shown(camera)).toEqual([])
    expect(shown(files[0]).map(({ id }) => id)).toEqual(['a.png'])
    over(files[1], 'b.png')
    expect([shown(files[0]), shown(files[1]).map(({ id }) => id)]).toEqual([[], ['b.png']])
    // It goes on: what it showed before is not what it shows now.
    runs.feeds.sessionBegan(files[1])
    expect(shown(files[1])).toEqual([])
    // The next run may have the number of one that was removed for good.
    const removed = store.runs.createRun(sampleOptions, 5)
    over(removed, 'c.png')
    store.runs.setDeleted(removed, 1)
    store.runs.purge(2)
    expect(store.runs.createRun(sampleOptions, 6)).toBe(removed)
    expect(shown(removed)).toEqual([])
  })

  it('refuses to pause, stop or resume what is not in a state for it', async () => {
    const { runs, store } = serviceOf('ended', 'states')
    expect(() => runs.sessions.stop(1)).toThrow('There is no run 1.')
    const run = runs.sessions.start(sampleOptions)
    await runs.sessions.over(run)
    expect(runs.catalogue.get(run).status).toBe('stopped')
    expect(() => runs.sessions.pause(run)).toThrow('is not under way (it is stopped)')
    store.runs.setStatus(run, 'done', null, 0)
    expect(() => runs.sessions.resume(run)).toThrow('is complete')
  })

  it('marks what a crashed program left behind as interrupted, but not what another program runs', () => {
    const { runs, store, dataFolder } = serviceOf('exit', 'recover')
    const [orphan, elsewhere, done] = [
      store.runs.createRun(sampleOptions, 0),
      store.runs.createRun(sampleOptions, 0),
      store.runs.createRun(sampleOptions, 0),
    ]
    store.runs.setStatus(orphan, 'running', null, 0)
    store.runs.setStatus(elsewhere, 'running', null, 0)
    store.runs.setStatus(done, 'done', null, 0)
    const lock = takeRunLock(dataFolder, elsewhere)
    runs.sessions.recover()
    expect([orphan, elsewhere, done].map((run) => runs.catalogue.get(run).status)).toEqual([
      'interrupted',
      'running',
      'done',
    ])
    expect(() => runs.sessions.resume(elsewhere)).toThrow('another window or command')
    lock?.release()
  })

  it('tells the list and each summary that changes', async () => {
    const { runs } = serviceOf('exit', 'list')
    const statuses: string[] = []
    runs.feeds.followList({
      snapshot: (list) => statuses.push(`${list.length} runs`),
      event: (summary) => statuses.push(summary.status),
      error: (error) => expect.fail(error.message),
    })
    await runs.sessions.over(runs.sessions.start(sampleOptions))
    expect(statuses[0]).toBe('0 runs')
    expect(statuses.at(-1)).toBe('interrupted')
  })

  it('takes nothing new once it is closing', async () => {
    const { runs } = serviceOf('exit', 'closing')
    await runs.sessions.close()
    expect(() => runs.sessions.start(sampleOptions)).toThrow('The program is closing')
  })
})

describe('the first launch', () => {
  it('is claimed once, and never where there are runs already', () => {
    const fresh = freshStore('fresh')
    expect([claimFirstLaunch(fresh), claimFirstLaunch(fresh)]).toEqual([true, false])
    const used = freshStore('used')
    used.runs.createRun(sampleOptions, 0)
    expect(claimFirstLaunch(used)).toBe(false)
  })
})
