// What people say of runs, and deletion that can be undone: nothing goes before its time.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { openStore } from '#store/store.ts'

const options = runOptionsSchema.parse({
  name: 'first',
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  lanes: [
    { id: 'norm', label: 'BN-1', options: { method: 'norm' } },
    { id: 'palm', label: 'PALM', options: { method: 'palm' } },
  ],
})
let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-history-'))
  file = join(folder, 'palm.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('changes are kept, one by one, and each tag once', () => {
  const store = openStore(file)
  const run = store.runs.createRun(options, 1)
  store.runs.change(run, { tags: ['a', 'b', 'a'] })
  store.runs.change(run, { note: 'to be shown on Friday', archived: true })
  store.runs.change(run, { name: 'better' })
  expect(store.runs.get(run)).toMatchObject({
    name: 'better',
    note: 'to be shown on Friday',
    tags: ['a', 'b'],
    archived: true,
  })
  expect(() => store.runs.change(99, { name: 'x' })).toThrow('There is no run 99')
  store.close()
})

test('what is deleted is out of the list, comes back, and goes for good only after its time, with all that belongs to it', () => {
  const store = openStore(file)
  const [kept, gone] = [store.runs.createRun(options, 1), store.runs.createRun(options, 2)]
  store.steps.insertDomain(gone, {
    lane: 'palm',
    domain: 0,
    images: 4,
    labelled: 4,
    correct: 3,
    confidence: null,
    entropy: null,
    agreement: null,
    estimate: null,
  })
  store.runs.setDeleted(gone, 1000)
  expect(store.runs.list().map(({ id }) => id)).toEqual([kept])
  expect(store.runs.list({ deleted: true }).map(({ id }) => id)).toEqual([gone, kept])
  store.runs.purge(1000)
  store.runs.setDeleted(gone, null)
  expect(store.runs.get(gone).lanes.map(({ meanErrorPct }) => meanErrorPct)).toEqual([null, 25])
  store.runs.setDeleted(gone, 1000)
  store.runs.purge(1001)
  expect(store.runs.list({ deleted: true }).map(({ id }) => id)).toEqual([kept])
  expect(store.steps.domains(gone)).toEqual([])
  expect(() => store.runs.setDeleted(gone, null)).toThrow('There is no run 2')
  store.close()
})
