// A run whose session process is killed at any moment and resumed must end with the numbers of a run that was never killed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forkedProcesses } from '#app/wiring/processes.ts'
import { openRuns, type Runs } from '#app/services/runs/runs.ts'
import type { RunEvent, StepReport } from '#contract/tables/report.ts'
import { runOptionsSchema, type RunOptions } from '#contract/runs/run-options.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { readSafetensors } from '#engine/models/formats/safetensors.ts'
import { exportCheckpoint } from '#session/export/export.ts'
import { openStore, type Store } from '#store/store.ts'
import { tinyResnet } from '#test/helpers/tiny-resnet.ts'
import { tinyRun } from '#test/helpers/tiny-run.ts'
import { NumpyRandom } from '#stream/images/random.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const resourcesFolder = here('../../resources')

const dataFolder = mkdtempSync(join(tmpdir(), 'palm-resume-'))

const options: RunOptions = tinyRun(
  dataFolder,
  true,
  7,
)({
  name: 'resume',
  corruptions: ['gaussian_noise', 'fog', 'contrast'],
  batchSize: 10,
  limit: 40,
  seed: 7,
  lanes: [
    { id: 'source', label: 'Source', options: { method: 'source' } },
    { id: 'tent', label: 'TENT', options: { method: 'tent' } },
    { id: 'palm', label: 'PALM', options: { method: 'palm', variant: 'reference', kappa: 1e-3, eta: 0.05 } },
    { id: 'paper', label: 'PALM (paper)', options: { method: 'palm', variant: 'paper', kappa: 1e-3, eta: 0.01 } },
  ],
})
const steps = 12
/** Of more layers: the least network's answers do not collapse. */
const wider = join(dataFolder, 'wider.safetensors')
writeFileSync(wider, tinyResnet())

describe('a run in a session process', () => {
  let store: Store
  let runs: Runs
  let reference: ReturnType<typeof outcome>

  beforeAll(async () => {
    store = openStore(join(dataFolder, 'palm.sqlite'))
    runs = openRuns({
      program: 'test',
      store,
      dataFolder,
      resourcesFolder,
      startSession: forkedProcesses().session,
      workers: 1,
      preview: false,
      now: Date.now,
    })
    const run = runs.sessions.start(options)
    await runs.sessions.over(run)
    reference = outcome(run)
  })
  afterAll(async () => {
    await runs.sessions.close()
    store.close()
    rmSync(dataFolder, { recursive: true, force: true })
  })

  function outcome(run: number) {
    const { domains, checkpoints, collapses, run: summary } = store.snapshot(run)
    return {
      status: summary.status,
      error: summary.error,
      steps: store.steps.all(run).map(({ stepMs: _ms, peakBytes: _bytes, ...rest }: StepReport) => rest),
      collapses,
      predictions: store.predictions.steps(
        run,
        summary.lanes.map(({ id }) => id),
        { from: 0, to: 1000, limit: 1000 },
      ),
      domains,
      checkpoints: checkpoints.map(({ lane, step, id }) => ({
        lane,
        step,
        bytes: Buffer.from(store.checkpoints.delta(run, id).delta).toString('base64'),
      })),
    }
  }

  /** Acts after the given number of steps was heard of, then waits for the process to be gone. */
  async function actAfter(run: number, count: number, act: () => void): Promise<void> {
    let heard = 0
    const stop = runs.feeds.follow(run, {
      snapshot: () => undefined,
      event: (event: RunEvent) => {
        if (event.event === 'step' && ++heard === count) act()
      },
      error: (error) => {
        throw new Error(error.message)
      },
    })
    await runs.sessions.over(run)
    stop()
  }

  test('records every step of every lane, sums per domain and one checkpoint per adapting lane and domain', () => {
    expect(reference.status).toBe('done')
    expect(reference.steps).toHaveLength(steps * 4)
    expect(reference.domains).toHaveLength(3 * 4)
    expect(reference.checkpoints).toHaveLength(3 * 3)
    for (const metric of reference.domains) expect(metric).toMatchObject({ images: 40, labelled: 40 })
    expect(reference.predictions.map(({ step, images, lanes }) => [step, images, lanes.size])).toEqual(
      Array.from({ length: steps }, (_, step) => [step, 10, 4]),
    )
  })

  test('the same options give the same numbers again', async () => {
    const run = runs.sessions.start(options)
    await runs.sessions.over(run)
    expect(outcome(run)).toEqual(reference)
  })

  test('killed at any moment and resumed, it ends as if nothing had happened', async () => {
    // Killed again and again, after one to three steps that it had not made before; how far it comes meanwhile is the machine's.
    const random = new NumpyRandom(5)
    for (let kills = 0; kills < 4;) {
      const run = runs.sessions.start(options)
      const before = kills
      for (;;) {
        await actAfter(run, random.randint(1, 4), () => runs.sessions.kill(run))
        if (store.runs.get(run).status === 'done') break
        expect(store.runs.get(run).status).toBe('interrupted')
        kills += 1
        runs.sessions.resume(run)
      }
      expect(kills).toBeGreaterThan(before)
      expect(outcome(run)).toEqual(reference)
    }
  })

  test('stopped and resumed, it ends with the same numbers too', async () => {
    const run = runs.sessions.start(options)
    runs.sessions.pause(run)
    for (let step = 0; step < 6; step++) runs.sessions.step(run)
    await actAfter(run, 6, () => runs.sessions.stop(run))
    // Whole, so that a session that died says of what.
    expect(store.runs.get(run)).toMatchObject({ status: 'stopped', error: null })
    runs.sessions.resume(run)
    await runs.sessions.over(run)
    expect(outcome(run)).toEqual(reference)
  })

  test('with a window, source images, a lane that collapses and the guard: killed anywhere, it ends as if nothing had happened', async () => {
    const own = runOptionsSchema.parse({
      ...options,
      corruptions: ['gaussian_noise', 'fog'],
      batchSize: 20, // a collapse is seen in a hundred images
      limit: 120,
      window: 40,
      guard: true,
      source: { kind: 'folder', path: join(dataFolder, 'images') },
      sourceLimit: 40,
      model: { kind: 'file', path: wider },
      lanes: [
        { id: 'eata', label: 'EATA', options: { method: 'eata' } },
        { id: 'rotta', label: 'RoTTA', options: { method: 'rotta', memory: 16, period: 16 } },
        { id: 'rmt', label: 'RMT', options: { method: 'rmt', warmUpImages: 40, projection: 16 } },
        { id: 'wild', label: 'TENT, far too fast', options: { method: 'tent', learningRate: 0.3 } },
      ],
    })
    const whole = runs.sessions.start(own)
    await runs.sessions.over(whole)
    const expected = outcome(whole)
    expect(expected.status).toBe('done')
    expect(expected.collapses.filter(({ lane }) => lane === 'wild').length).toBeGreaterThan(0)
    // The guard put every one back, also of another lane that this small network may lead astray.
    expect(expected.collapses.filter(({ restored }) => restored === null)).toEqual([])
    const run = runs.sessions.start(own)
    for (const after of [3, 8]) {
      await actAfter(run, after, () => runs.sessions.kill(run))
      expect(store.runs.get(run).status).toBe('interrupted')
      runs.sessions.resume(run)
    }
    await runs.sessions.over(run)
    expect(outcome(run)).toEqual(expected)
  })

  test('a checkpoint exports as the whole model with the adapted tensors in their places', async () => {
    const run = store.runs.list().at(-1)?.id ?? 0
    const last = store.checkpoints
      .list(run)
      .filter((checkpoint) => checkpoint.lane === 'palm')
      .at(-1)
    const path = join(dataFolder, 'exported.safetensors')
    await exportCheckpoint({
      store,
      device: loadDevice(),
      resourcesFolder,
      request: {
        run,
        checkpoint: last?.id ?? -1,
        path,
        format: null,
        delta: false,
        statisticsFrom: null,
        usualStatistics: false,
        withPaths: false,
      },
      version: 'test',
      now: Date.now,
    })
    const exported = readSafetensors(readFileSync(path), 'export')
    expect(exported.tensors.get('conv1.weight')?.shape).toEqual([8, 3, 3, 3])
    expect(exported.tensors.has('linear.weight')).toBe(true)
    expect(exported.metadata).toMatchObject({ palm_lane: 'palm', stem_stride: '2' })
  })

  test('bad input is said in words and the run can be looked at afterwards', async () => {
    const run = runs.sessions.start({
      ...options,
      input: { kind: 'folder', path: join(dataFolder, 'nowhere'), split: null, domains: 'none', labels: {} },
    })
    await runs.sessions.over(run)
    expect(store.runs.get(run)).toMatchObject({ status: 'failed', error: { code: 'input-unreadable' } })
    expect(store.runs.get(run).error?.message).toContain('nowhere')
  })
})
