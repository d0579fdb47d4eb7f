// The history without a page: its list over the program's own messages, answered by the real run service and store.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createClient } from '#app/rpc/client.ts'
import { portPair } from '#app/rpc/port.ts'
import { serve } from '#app/rpc/server.ts'
import { openRuns } from '#app/services/runs/runs.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import { openStore, type Store } from '#store/store.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import type { HistoryView } from '#contract/runs/history.ts'
import { formatTable } from '#contract/tables/table.ts'
import { filterValues, passes } from '#renderer/lib/runs/run-filters.ts'
import { runsTable } from '#renderer/lib/runs/runs-table.ts'
import { bestLane } from '#renderer/lib/runs/run-filters.ts'
import { History } from '#renderer/state/history/history.svelte.ts'
import { sampleOptions, tableOfHandlers, tableOfSubscribers } from '#test/app/rpc/tables.ts'

let folder: string
let store: Store
let all: RunSummary[]
let history: History
let kept: HistoryView | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-history-'))
  store = openStore(join(folder, 'palm.sqlite'))
  const runs = openRuns({
    program: 'test',
    store,
    dataFolder: folder,
    resourcesFolder: '',
    startSession: () => {
      throw new Error('nothing is started here')
    },
    workers: null,
    preview: false,
    now: () => 1000,
  })
  for (const [i, name] of ['Fog on the roof', 'Night bus', 'Roof again'].entries()) {
    const run = store.runs.createRun({ ...sampleOptions, name }, i)
    store.runs.setStatus(run, i === 1 ? 'running' : 'done', null, 10)
    store.steps.insertDomain(run, {
      lane: 'source',
      domain: 0,
      images: 10,
      labelled: 10,
      correct: [7, 2, 9][i]!,
      confidence: null,
      entropy: null,
      agreement: null,
      estimate: null,
    })
  }
  const [near, far] = portPair()
  const done = (..._changed: readonly unknown[]) => ({})
  serve(
    far,
    tableOfHandlers({
      'runs.change': ({ run, changes }) => done(runs.catalogue.change(run, changes)),
      'runs.archive': ({ runs: these, archived }) => done(runs.catalogue.archive(these, archived)),
      'runs.remove': ({ runs: these }) => done(runs.catalogue.remove(these)),
      'runs.tag': ({ runs: these, add, remove }) => done(runs.catalogue.tag(these, add, remove)),
      'runs.restore': ({ runs: these }) => done(runs.catalogue.restore(these)),
    }),
    tableOfSubscribers({ runs: (_request, sink) => runs.feeds.followList(sink) }),
  )
  const client = createClient(near)
  all = []
  client.subscribe(
    'runs',
    {},
    {
      snapshot: (list) => (all = list),
      event: (summary) => (all = all.map((run) => (run.id === summary.id ? summary : run))),
      error: (error) => expect.fail(error.message),
    },
  )
  kept = undefined
  history = new History(client, () => all, undefined, { view: undefined, keep: (view) => (kept = view) })
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

test('filters of one field widen each other, other fields narrow; they are kept with the order and come back', async () => {
  await listed()
  history.addFilter({ field: 'status', value: 'done' })
  expect(ids()).toEqual([3, 1])
  history.addFilter({ field: 'status', value: 'running' })
  expect(ids()).toEqual([3, 2, 1])
  history.addFilter({ field: 'error', from: 25, to: 90 })
  expect(ids()).toEqual([2, 1])
  history.addFilter({ field: 'error', from: null, to: 20 }) // another range takes its place
  expect(ids()).toEqual([3])
  history.sortBy('best')
  expect(kept).toEqual({ filters: history.filters, sort: 'best', rising: true })
  const again = new History(null as never, () => all, undefined, { view: kept, keep: () => undefined })
  expect(again.found.map(({ id }) => id)).toEqual([3])
  history.removeFilter(history.filters[2]!)
  expect(ids()).toEqual([3, 1, 2])
  history.setFilters([])
  expect(kept?.filters).toEqual([])
})

test('a filter by days takes both of them in, where the person is; methods, models, inputs and tags are counted', async () => {
  await listed()
  const at = new Date(2026, 4, 17, 23, 59).getTime()
  const run = { ...all[0]!, createdAt: at, tags: ['roof'] }
  const on = (from: string | null, to: string | null) => passes(run, [{ field: 'started', from, to }])
  expect([
    on('2026-05-17', '2026-05-17'),
    on(null, '2026-05-16'),
    on('2026-05-18', null),
    on('2026-05-01', null),
  ]).toEqual([true, false, false, true])
  expect(filterValues([run, ...all], 'method')).toEqual([{ value: 'source', label: 'Source', runs: 4 }])
  expect(filterValues([run, ...all], 'tag')).toEqual([{ value: 'roof', label: 'roof', runs: 1 }])
  expect(filterValues(all, 'status').map(({ value, runs }) => [value, runs])).toEqual([
    ['running', 1],
    ['done', 2],
  ])
})

test('several are tagged and untagged, and undo touches only those that were changed', async () => {
  await listed()
  history.chosen = 1
  await history.setTags('roof')
  await expect.poll(() => history.run?.tags).toEqual(['roof'])
  history.markAll()
  expect(await history.tag([1, 2, 3], ' roof ', true)).toBe(true)
  expect(history.done).toBe(strings.compare.bulk.tagged(2, 'roof'))
  await expect.poll(() => all.map(({ tags }) => tags)).toEqual([['roof'], ['roof'], ['roof']])
  expect(history.marked.size).toBe(3)
  await history.undo()
  await expect
    .poll(() => all.map(({ id, tags }) => [id, tags]))
    .toEqual([
      [3, []],
      [2, []],
      [1, ['roof']],
    ])
  expect(await history.tag([1, 2], 'roof', false)).toBe(true)
  await expect.poll(() => all.find(({ id }) => id === 1)?.tags).toEqual([])
  expect(await history.tag([1], 'a, b', true)).toBe(false)
  expect(history.problem).toBe(strings.compare.bulk.tagWrong)
})

test('twenty-one tags are refused for all of the runs', async () => {
  await listed()
  history.chosen = 3
  await history.setTags(Array.from({ length: 20 }, (_, i) => `tag ${i}`).join())
  await expect.poll(() => history.run?.tags.length).toBe(20)
  expect(await history.tag([1, 3], 'one more', true)).toBe(false)
  expect(history.problem).toMatch(/Run 3 would have more than 20 tags/)
  expect(store.runs.get(1).tags).toEqual([])
})

test('a range is marked from the last mark on, grows and shrinks, and leaves other marks alone', async () => {
  await listed()
  history.mark(1)
  history.mark(3)
  history.markTo(2, history.found)
  expect([...history.marked].sort((a, b) => a - b)).toEqual([1, 2, 3])
  history.markTo(3, history.found)
  expect([...history.marked].sort((a, b) => a - b)).toEqual([1, 3])
  history.unmark()
  history.markTo(2, history.found, 3) // with Shift and an arrow, from the run that has the focus
  expect([...history.marked].sort((a, b) => a - b)).toEqual([2, 3])
})

test('marked runs can be compared, unless there are none or too many', async () => {
  await listed()
  expect([history.comparable(), history.problem]).toEqual([[], strings.compare.tooFew])
  history.markAll()
  expect([history.comparable(), history.problem]).toEqual([[1, 2, 3], ''])
  for (let i = 0; i < 20; i++) all = [...all, { ...all[0]!, id: 100 + i }]
  history.markEach(history.found)
  expect([history.comparable(), history.problem]).toEqual([[], strings.compare.tooMany(23, 20)])
})

test('a table of the marked runs holds their errors in full, and no formula', async () => {
  await listed()
  const rows = formatTable(runsTable([{ ...all[2]!, name: '=1+1' }], 'Runs'), 'csv').split('\n')
  expect(rows[0]).toBe('run,name,status,started,input,model,schedule,severities,batch,limit,seed,tags,Source')
  expect(rows[1]).toBe(
    "1,'=1+1,done,1970-01-01T00:00:00.000Z,EuroSAT sample,EuroSAT ResNet-20,continual,5,100,all,0,,30",
  )
})
