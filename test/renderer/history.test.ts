// The history without a page: its list over the program's own messages, answered by the real run service and store.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createClient } from '../../src-main/app/rpc/client.ts'
import { portPair } from '../../src-main/app/rpc/port.ts'
import { serve } from '../../src-main/app/rpc/server.ts'
import { RunService } from '../../src-main/app/services/runs.ts'
import type { RunSummary } from '../../src-main/contract/report.ts'
import { openStore, type Store } from '../../src-main/store/store.ts'
import { strings } from '../../src-renderer/lib/strings/strings.svelte.ts'
import { bestLane, History } from '../../src-renderer/state/history.svelte.ts'
import { sampleOptions, tableOfHandlers, tableOfSubscribers } from '../app/rpc/tables.ts'

let folder: string
let store: Store
let all: RunSummary[]
let history: History

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-history-'))
  store = openStore(join(folder, 'palm.sqlite'))
  const runs = new RunService({ store, dataFolder: folder, resourcesFolder: '', startSession: () => { throw new Error('nothing is started here') }, workers: null, preview: false, now: () => 1000 })
  for (const [i, name] of ['Fog on the roof', 'Night bus', 'Roof again'].entries()) {
    const run = store.runs.createRun({ ...sampleOptions, name }, i)
    store.runs.setStatus(run, i === 1 ? 'running' : 'done', null, 10)
    store.steps.insertDomain(run, { lane: 'source', domain: 0, images: 10, labelled: 10, correct: [7, 2, 9][i]!, confidence: null, entropy: null, agreement: null, estimate: null })
  }
  const [near, far] = portPair()
  const done = (_: void) => ({})
  serve(far, tableOfHandlers({
    'runs.change': ({ run, changes }) => done(runs.change(run, changes)),
    'runs.archive': ({ runs: these, archived }) => done(runs.archive(these, archived)),
    'runs.remove': ({ runs: these }) => done(runs.remove(these)),
    'runs.restore': ({ runs: these }) => done(runs.restore(these)),
  }), tableOfSubscribers({ runs: (_request, sink) => runs.followList(sink) }))
  const client = createClient(near)
  all = []
  client.subscribe('runs', {}, { snapshot: (list) => (all = list), event: (summary) => (all = all.map((run) => (run.id === summary.id ? summary : run))), error: (error) => expect.fail(error.message) })
  history = new History(client, () => all)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

const ids = () => history.found.map(({ id }) => id)
const listed = () => expect.poll(() => all.length).toBe(3)

test('runs are found by every word of a search, and sorted by any column, both ways', async () => {
  await listed()
  expect(ids()).toEqual([3, 2, 1])
  history.query = 'roof AGAIN'
  expect(ids()).toEqual([3])
  history.query = 'source roof'
  expect(ids()).toEqual([3, 1])
  history.query = ''
  history.sortBy('best')
  expect(ids()).toEqual([3, 1, 2])
  history.sortBy('best')
  expect(ids()).toEqual([2, 1, 3])
  history.sortBy('name')
  expect(ids()).toEqual([1, 2, 3])
  expect(bestLane(all.find(({ id }) => id === 3)!)?.meanErrorPct).toBeCloseTo(10, 9)
})

test('name, note and tags are changed, and the last change is taken back', async () => {
  await listed()
  history.chosen = 1
  expect(await history.setTags(' demo, roof ,, demo')).toBe(true)
  await expect.poll(() => history.run?.tags).toEqual(['demo', 'roof'])
  expect(await history.change({ name: 'Renamed' })).toBe(true)
  await expect.poll(() => history.run?.name).toBe('Renamed')
  expect(history.done).toBe(strings.history.changed(1))
  await history.undo()
  await expect.poll(() => history.run?.name).toBe('Fog on the roof')
  expect(history.run?.tags).toEqual(['demo', 'roof'])
  expect([await history.setTags('x'.repeat(41)), history.problem]).toEqual([false, strings.history.tagsWrong])
})

test('several are archived, deleted and brought back at once; one that is under way stops them all', async () => {
  await listed()
  history.markAll()
  expect(await history.remove(history.markedOf(history.found))).toBe(false)
  expect(history.problem).toBe('Run 2 is under way: stop it first. Nothing was deleted.')
  expect(ids()).toEqual([3, 2, 1])
  history.mark(2)
  expect(history.markedOf(history.found)).toEqual([3, 1])
  expect(await history.remove(history.markedOf(history.found))).toBe(true)
  await expect.poll(ids).toEqual([2])
  history.show('deleted')
  expect(ids()).toEqual([3, 1])
  await history.undo()
  await expect.poll(ids).toEqual([])
  history.show('kept')
  expect(ids()).toEqual([3, 2, 1])
  expect(await history.archive([1], true)).toBe(true)
  await expect.poll(ids).toEqual([3, 2])
  history.show('archived')
  expect(ids()).toEqual([1])
})

test('what is marked but out of sight is not touched', async () => {
  await listed()
  history.markAll()
  history.query = 'again'
  expect(history.markedOf(history.found)).toEqual([3])
})
