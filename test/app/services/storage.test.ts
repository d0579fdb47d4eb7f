// What is kept of checkpoints: the policy over the real store. Sessions end as they are told to and compute nothing.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { forkSessions } from '#app/hosts/node.ts'
import { openRuns, type Runs } from '#app/services/runs/runs.ts'
import { StorageService } from '#app/services/data/storage.ts'
import type { CheckpointInfo, RunEvent } from '#contract/tables/report.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { toForget, type KeepPolicy } from '#contract/data/storage.ts'
import { openStore, type Store } from '#store/store.ts'
import { sampleOptions } from '#test/app/rpc/tables.ts'

const checkpoint = (lane: string, step: number): CheckpointInfo => ({
  id: step + (lane === 'b' ? 1000 : 0),
  lane,
  step,
  domain: step,
  sizeBytes: 10,
  createdAt: 0,
})
const ten = ['a', 'b'].flatMap((lane) => Array.from({ length: 10 }, (_, i) => checkpoint(lane, 10 * i + 9)))
const kept = (policy: KeepPolicy, branchedAt: readonly number[] = []) => {
  const gone = new Set(toForget(ten, policy, branchedAt).map(({ id }) => id))
  return ten.filter(({ id, lane }) => lane === 'a' && !gone.has(id)).map(({ step }) => step)
}

describe('a policy', () => {
  it('keeps all, the last few, or every k-th of each lane', () => {
    expect(kept({ keep: 'all' })).toHaveLength(10)
    expect(kept({ keep: 'last', count: 3 })).toEqual([79, 89, 99])
    expect(kept({ keep: 'last', count: 1 })).toEqual([99])
    expect(kept({ keep: 'every', k: 4 })).toEqual([9, 49, 89, 99])
    expect(toForget(ten, { keep: 'last', count: 1 }, []).filter(({ lane }) => lane === 'b')).toHaveLength(9)
  })

  it('never takes the last one, nor one that a branch comes from', () => {
    expect(kept({ keep: 'last', count: 1 }, [29])).toEqual([29, 99])
    expect(kept({ keep: 'every', k: 10_000 })).toEqual([9, 99])
  })
})

describe('the storage service', () => {
  let folder: string
  let store: Store
  let runs: Runs
  let storage: StorageService
  let rewritten: number

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'palm-storage-'))
    store = openStore(join(folder, 'palm.sqlite'))
    const startSession = forkSessions(join(import.meta.dirname, 'crashing-session.ts'), { PALM_TEST_CRASH: 'ended' })
    runs = openRuns({
      program: 'test',
      store,
      dataFolder: folder,
      resourcesFolder: '',
      startSession,
      workers: null,
      preview: false,
      now: () => 0,
    })
    rewritten = 0
    storage = new StorageService({
      store,
      forgot: (...what) => runs.feeds.forgot(...what),
      activeRun: () => runs.sessions.activeRuns[0] ?? null,
      rewrite: async () => void (rewritten += 1),
    })
  })
  afterEach(async () => {
    await runs.sessions.close()
    store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function withCheckpoints(guard: boolean, status: 'done' | 'stopped' | 'running'): number {
    return store.transaction(() => {
      const run = store.runs.createRun(runOptionsSchema.parse({ ...sampleOptions, guard }), 0)
      for (let step = 0; step < 4; step++) store.checkpoints.insert(run, 'palm', step, step, new Uint8Array(1000), 0)
      store.runs.setStatus(run, status, null, 0)
      return run
    })
  }
  const stepsOf = (run: number) => store.checkpoints.list(run).map(({ step }) => step)
  const onlyLast: KeepPolicy = { keep: 'last', count: 1 }

  it('says what would go before it goes, tells who looks, and leaves what a run may still need', async () => {
    const [done, guarded, running] = [
      withCheckpoints(false, 'done'),
      withCheckpoints(true, 'stopped'),
      withCheckpoints(false, 'running'),
    ]
    expect(await storage.plan(onlyLast, null)).toEqual({ runs: 1, checkpoints: 3, bytes: 3000, left: 2 })
    expect(stepsOf(done)).toHaveLength(4)
    const heard: RunEvent[] = []
    runs.feeds.follow(done, {
      snapshot: () => undefined,
      event: (event) => heard.push(event),
      error: (error) => expect.fail(error.message),
    })
    const ids = store.checkpoints.list(done).map(({ id }) => id)
    expect(await storage.apply(onlyLast, null)).toEqual({ checkpoints: 3, bytes: 3000 })
    expect(stepsOf(done)).toEqual([3])
    expect(heard).toEqual([{ event: 'forgotten', seq: expect.any(Number), checkpoints: ids.slice(0, 3) }])
    expect(stepsOf(guarded)).toHaveLength(4)
    expect(stepsOf(running)).toHaveLength(4)
    expect(await storage.apply(onlyLast, null)).toEqual({ checkpoints: 0, bytes: 0 })
  })

  it('applies the policy that is set when a run ends, and not before one is set', async () => {
    const run = withCheckpoints(false, 'stopped')
    runs.sessions.resume(run)
    await runs.sessions.over(run)
    expect(stepsOf(run)).toHaveLength(4)
    storage.setPolicy(onlyLast)
    expect((await storage.usage()).policy).toEqual(onlyLast)
    runs.sessions.resume(run)
    await runs.sessions.over(run)
    expect(stepsOf(run)).toEqual([3])
  })

  it('does not shrink the file while a run is under way; gives back free space by and by, an old file is written anew', async () => {
    const run = withCheckpoints(false, 'stopped')
    runs.sessions.resume(run)
    await expect(storage.shrink()).rejects.toThrow(/under way/)
    await runs.sessions.over(run)
    await storage.apply(onlyLast, [run])
    const { before, after } = await storage.shrink()
    expect(after).toBeLessThanOrEqual(before)
    expect(store.space.ofFile().freeBytes).toBe(0)
    expect(rewritten).toBe(0)
  })
})
