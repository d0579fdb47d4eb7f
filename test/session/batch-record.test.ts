// What a run over batches writes down when its stream has ended.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadDevice } from '#engine/compute/backend.ts'
import { BatchRecord } from '#session/batch/batch-record.ts'
import { Recorder } from '#session/core/recorder.ts'
import { openStore } from '#store/store.ts'
import { sampleOptions } from '#test/app/rpc/tables.ts'
import { planFor } from '#test/helpers/stored-runs.ts'

test('files that were left out are named also where no step comes after them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'palm-record-'))
  const store = openStore(join(folder, 'palm.sqlite'))
  try {
    const run = store.runs.createRun(sampleOptions, 1)
    const plan = planFor(['fog 5'], 1, { input: 'a', model: 'b' })
    const told: unknown[] = []
    const recorder = new Recorder(
      store,
      run,
      { send: (message) => told.push(message), onMessage: () => undefined },
      () => 1,
    )
    const skipped = { files: [{ path: 'last.png', reason: 'it is empty' }], total: 1 }
    const model = { tensors: [], parameters: new Map() }
    const record = await BatchRecord.open(
      { store, run, recorder } as never,
      { device: loadDevice(), model, stream: { skipped }, lanes: [], plan, resumedAt: -1 } as never,
    )
    record.finish()
    expect(store.skipped.list(run)).toEqual(skipped.files)
    expect(told).toContainEqual({ type: 'event', event: expect.objectContaining({ event: 'skipped', ...skipped }) })
  } finally {
    store.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
