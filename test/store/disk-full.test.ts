// A database that cannot grow stands for a full disk: SQLite answers with the same error.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { openDatabase } from '#store/open-database.ts'
import { openStore, Store } from '#store/store.ts'

const options = runOptionsSchema.parse({
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  lanes: [{ id: 'palm', label: 'PALM', options: { method: 'palm' } }],
})

test('a full disk is said in words, and what was recorded before is whole', () => {
  const folder = mkdtempSync(join(tmpdir(), 'palm-full-'))
  const file = join(folder, 'palm.sqlite')
  const db = openDatabase(file)
  const store = new Store(db, file)
  const run = store.runs.createRun(options, 1000)
  store.transaction(() => store.checkpoints.insert(run, 'palm', 0, 0, Uint8Array.of(1, 2, 3), 5))
  db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + 4}`)
  const tooMuch = () =>
    store.transaction(() => {
      store.checkpoints.insert(run, 'palm', 1, 1, Uint8Array.of(4), 6)
      store.checkpoints.insert(run, 'palm', 2, 2, new Uint8Array(1_000_000), 7)
    })
  expect(tooMuch).toThrow(
    expect.objectContaining({
      code: 'disk-full',
      message: expect.stringMatching(/disk is full.*palm\.sqlite.*what was recorded is kept/),
    }),
  )
  expect(store.checkpoints.list(run)).toHaveLength(1) // all or nothing
  db.pragma('max_page_count = 1000000')
  tooMuch()
  expect(store.checkpoints.list(run)).toHaveLength(3)
  store.close()
  const again = openStore(file)
  expect(again.checkpoints.list(run)).toHaveLength(3)
  again.close()
  rmSync(folder, { recursive: true })
})
