// Going back and changing one's mind: single steps, options that change during a run, runs that go on from a checkpoint of another one. All of it bit for bit.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forkedProcesses } from '#app/wiring/processes.ts'
import { compareInProcess } from '#app/services/processes/task-process.ts'
import { openRuns, type Runs } from '#app/services/runs/runs.ts'
import type { RunEvent, RunStatus, StepReport } from '#contract/tables/report.ts'
import { runOptionsSchema, type RunOptions } from '#contract/runs/run-options.ts'
import { openStore, type Store } from '#store/store.ts'
import { tinyRun } from '#test/helpers/tiny-run.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const resourcesFolder = here('../../resources')
const startSession = forkedProcesses().session

const dataFolder = mkdtempSync(join(tmpdir(), 'palm-travel-'))

const options: RunOptions = tinyRun(dataFolder)({
  name: 'travel',
  corruptions: ['gaussian_noise', 'fog', 'contrast'],
  batchSize: 10,
  limit: 30,
  seed: 7,
  lanes: [
    { id: 'source', label: 'Source', options: { method: 'source' } },
    { id: 'tent', label: 'TENT', options: { method: 'tent' } },
    { id: 'palm', label: 'PALM', options: { method: 'palm', variant: 'reference', kappa: 1e-3, eta: 0.05 } },
    { id: 'paper', label: 'PALM (paper)', options: { method: 'palm', variant: 'paper', kappa: 1e-3, eta: 0.01 } },
  ],
})
const perDomain = 3

describe('time travel', () => {
  let store: Store
  let runs: Runs
  let original: number

  beforeAll(async () => {
    store = openStore(join(dataFolder, 'palm.sqlite'))
    runs = openRuns({
      program: 'test',
      store,
      dataFolder,
      resourcesFolder,
      startSession,
      workers: 1,
      preview: false,
      now: Date.now,
    })
    original = runs.sessions.start(options)
    await runs.sessions.over(original)
    expect(store.runs.get(original).status).toBe('done')
  })
  afterAll(async () => {
    await runs.sessions.close()
    store.close()
    rmSync(dataFolder, { recursive: true, force: true })
  })

  /** All numbers of a run, from a step on where one is given, with its checkpoints' bytes. */
  function numbersOf(run: number, from = 0) {
    const { domains, checkpoints, collapses } = store.snapshotWithoutSteps(run)
    const steps = store.steps.all(run)
    return {
      steps: steps
        .filter(({ step }) => step >= from)
        .map(({ stepMs: _ms, peakBytes: _bytes, ...rest }: StepReport) => rest),
      domains,
      collapses,
      checkpoints: checkpoints
        .filter(({ step }) => step >= from)
        .map(({ lane, step, id }) => ({
          lane,
          step,
          bytes: Buffer.from(store.checkpoints.delta(run, id).delta).toString('base64'),
        })),
    }
  }
  const changesOf = (run: number) => store.changes.list(run).map(({ id: _id, at: _at, ...rest }) => rest)

  /** Resolves with the first event for which `is` holds, after `act`. */
  function heard(run: number, is: (event: RunEvent) => boolean, act: () => void): Promise<RunEvent> {
    return new Promise((resolve, reject) => {
      const stop = runs.feeds.follow(run, {
        snapshot: () => act(),
        event: (event) => {
          if (!is(event)) return
          stop()
          resolve(event)
        },
        error: (error) => reject(new Error(error.message)),
      })
    })
  }
  const status = (wanted: RunStatus) => (event: RunEvent) => event.event === 'status' && event.status === wanted
  /** Answered when it is recorded, not before. */
  async function changeOption(run: number, lane: string, option: string, value: number): Promise<void> {
    const change = await runs.sessions.adjust(run, { lane, option, value })
    expect(change).toMatchObject({ lane, option, to: value })
    expect(store.changes.list(run).at(-1)).toEqual(change)
  }

  /** A run that is paused before its step 0. */
  async function begun(own: RunOptions = options): Promise<number> {
    const run = runs.sessions.start(own)
    // At once: the session keeps what comes before it can listen, and one that is told later may have begun to step.
    await heard(run, status('paused'), () => runs.sessions.pause(run))
    expect(store.runs.get(run).step).toBe(0)
    return run
  }

  async function stepsOf(run: number, count: number): Promise<void> {
    for (let i = 0; i < count; i++) await heard(run, status('paused'), () => runs.sessions.step(run))
  }

  /** Three steps one by one, then another kappa of PALM and another rate of TENT, then one step. */
  async function changedAtThree(): Promise<number> {
    const run = await begun()
    await stepsOf(run, 3)
    await changeOption(run, 'palm', 'kappa', 4e-3)
    await changeOption(run, 'palm', 'temperature', 20)
    await changeOption(run, 'tent', 'learningRate', 2e-3)
    return run
  }

  test('a paused run makes exactly one batch a step and is paused again; its numbers are those of a run that never waited', async () => {
    const run = await begun()
    for (const count of [1, 2, 3, 4]) {
      await stepsOf(run, 1)
      expect(store.runs.get(run)).toMatchObject({ status: 'paused', step: count })
      expect(new Set(store.steps.all(run).map(({ step }) => step)).size).toBe(count)
    }
    runs.sessions.continue(run)
    await runs.sessions.over(run)
    expect(store.runs.get(run).status).toBe('done')
    expect(numbersOf(run)).toEqual(numbersOf(original))
  })

  test('options changed during a run are recorded at their step, and a run killed anywhere afterwards applies them there again', async () => {
    const run = await changedAtThree()
    expect(changesOf(run)).toEqual([
      { lane: 'palm', option: 'kappa', from: 1e-3, to: 4e-3, step: 3 },
      { lane: 'palm', option: 'temperature', from: 50, to: 20, step: 3 },
      { lane: 'tent', option: 'learningRate', from: 1e-3, to: 2e-3, step: 3 },
    ])
    await stepsOf(run, 2)
    await changeOption(run, 'palm', 'kappa', 1e-3) // taken back
    runs.sessions.continue(run)
    await runs.sessions.over(run)
    expect(store.runs.get(run)).toMatchObject({
      status: 'done',
      changes: [{}, {}, {}, { option: 'kappa', from: 4e-3, to: 1e-3, step: 5 }],
    })
    expect(numbersOf(run).steps.filter(({ step }) => step < 3)).toEqual(
      numbersOf(original).steps.filter(({ step }) => step < 3),
    )
    const at = (which: number, lane: string) =>
      numbersOf(which).steps.filter((report) => report.step > 3 && report.lane === lane)
    for (const lane of ['palm', 'tent']) expect(at(run, lane)).not.toEqual(at(original, lane))
    for (const lane of ['source', 'paper']) expect(at(run, lane)).toEqual(at(original, lane))

    for (const killAfter of [0, 3]) {
      const killed = await changedAtThree()
      await stepsOf(killed, Math.min(2, killAfter))
      if (killAfter === 3) {
        await changeOption(killed, 'palm', 'kappa', 1e-3)
        await stepsOf(killed, 1)
      }
      runs.sessions.kill(killed)
      await runs.sessions.over(killed)
      expect(store.runs.get(killed).status).toBe('interrupted')
      runs.sessions.resume(killed)
      await heard(killed, status('paused'), () => runs.sessions.pause(killed))
      // Steps that are computed again do not count; what is asked for meanwhile waits for the first new one.
      while (store.runs.get(killed).step < 5) await stepsOf(killed, 1)
      if (killAfter < 3) await changeOption(killed, 'palm', 'kappa', 1e-3)
      runs.sessions.continue(killed)
      await runs.sessions.over(killed)
      expect(store.runs.get(killed).status).toBe('done')
      expect(changesOf(killed)).toEqual(changesOf(run))
      expect(numbersOf(killed)).toEqual(numbersOf(run))
    }
  })

  test('what may not change, or not so far, is refused in words and not recorded', async () => {
    const run = await begun()
    await expect(runs.sessions.adjust(run, { lane: 'palm', option: 'kappa', value: 2 })).rejects.toThrow(
      /kappa cannot be 2/,
    )
    await expect(runs.sessions.adjust(run, { lane: 'palm', option: 'alpha', value: 0.1 })).rejects.toThrow(
      /cannot change during a run; these can: kappa, temperature, eta, lambda/,
    )
    await expect(runs.sessions.adjust(run, { lane: 'source', option: 'kappa', value: 0.1 })).rejects.toThrow(
      /nothing of it can/,
    )
    await expect(runs.sessions.adjust(run, { lane: 'nobody', option: 'kappa', value: 0.1 })).rejects.toThrow(/no lane/)
    store.cells.put('a cell', run, 'palm')
    await expect(runs.sessions.adjust(run, { lane: 'palm', option: 'kappa', value: 1e-4 })).rejects.toThrow(
      /cells of a sweep/,
    )
    runs.sessions.stop(run)
    await runs.sessions.over(run)
    await expect(runs.sessions.adjust(run, { lane: 'palm', option: 'kappa', value: 1e-4 })).rejects.toThrow(
      /not under way/,
    )
    expect(() => runs.sessions.step(run)).toThrow(/not under way/)
    expect(changesOf(run)).toEqual([])
  })

  test('a change that is none, and one that comes too late, are answered as such', async () => {
    const run = await begun()
    await expect(runs.sessions.adjust(run, { lane: 'palm', option: 'kappa', value: 1e-3 })).resolves.toBeNull()
    runs.sessions.kill(run)
    const late = runs.sessions.adjust(run, { lane: 'palm', option: 'kappa', value: 4e-3 })
    await expect(late).rejects.toMatchObject({ code: 'cancelled', message: 'The run is over.' })
    await runs.sessions.over(run)
    runs.sessions.resume(run)
    // Asked while the session opens model and stream, and stopped before its first step: recorded or refused, never silent.
    const waiting = runs.sessions.adjust(run, { lane: 'palm', option: 'kappa', value: 4e-3 })
    runs.sessions.stop(run)
    const change = await waiting
    await runs.sessions.over(run)
    expect(store.changes.list(run)).toEqual([change])
  })

  test('a run that goes on from a checkpoint gives the original’s numbers from there, and leaves the original as it was', async () => {
    const before = numbersOf(original)
    for (const domain of [0, 1]) {
      const step = perDomain * (domain + 1) - 1
      const run = runs.sessions.branch({ run: original, step, options: [], name: '' })
      expect(store.runs.get(run)).toMatchObject({
        parent: { run: original, step },
        name: `Run ${original} from step ${step + 1}`,
        step: step + 1,
      })
      await runs.sessions.over(run)
      expect(store.runs.get(run).status).toBe('done')
      expect(numbersOf(run).steps).toEqual(before.steps)
      expect(numbersOf(run).domains).toEqual(before.domains)
      expect(numbersOf(run).checkpoints).toEqual(numbersOf(original, step).checkpoints)
    }
    expect(numbersOf(original)).toEqual(before)
    expect(store.branches.pointsOf(original)).toEqual([2, 5])
  })

  const wild = { id: 'wild', label: 'TENT, far too fast', options: { method: 'tent', learningRate: 0.3 } }
  const law = { id: 'law', label: 'LAW', options: { method: 'law' } }
  for (const { what, own, step, collapses } of [
    {
      what: 'with a window, a collapse and the guard',
      own: { batchSize: 20, window: 40, guard: true, limit: 120, lanes: [options.lanes[2], wild] },
      step: 11,
      collapses: true,
    },
    {
      what: 'reset after every domain',
      own: { schedule: 'reset-per-domain', window: 20, lanes: [options.lanes[0], options.lanes[2], law] },
      step: 5,
      collapses: false,
    },
  ])
    test(`killed at once or later and resumed, it ends the same: ${what}`, async () => {
      const whole = runs.sessions.start(runOptionsSchema.parse({ ...options, ...own }))
      await runs.sessions.over(whole)
      expect(store.collapses.list(whole).length > 0).toBe(collapses)
      for (const count of [0, 1]) {
        const run = runs.sessions.branch({ run: whole, step, options: [], name: 'again' })
        await heard(run, status('paused'), () => runs.sessions.pause(run))
        await stepsOf(run, count)
        runs.sessions.kill(run)
        await runs.sessions.over(run)
        runs.sessions.resume(run)
        await runs.sessions.over(run)
        expect(store.runs.get(run).status).toBe('done')
        const { checkpoints, ...numbers } = numbersOf(run)
        expect({ ...numbers, checkpoints: checkpoints.filter((checkpoint) => checkpoint.step >= step) }).toEqual({
          ...numbersOf(whole),
          checkpoints: numbersOf(whole, step).checkpoints,
        })
      }
    })

  test('a branch with another kappa is the run whose kappa was changed at that very step', async () => {
    const live = await changedAtThree()
    runs.sessions.continue(live)
    await runs.sessions.over(live)
    const requests = [
      { lane: 'palm', option: 'kappa', value: 4e-3 },
      { lane: 'palm', option: 'temperature', value: 20 },
      { lane: 'tent', option: 'learningRate', value: 2e-3 },
      { lane: 'paper', option: 'eta', value: 0.01 }, // as it is: no change
    ]
    const branch = runs.sessions.branch({ run: original, step: 2, options: requests, name: 'bolder' })
    await runs.sessions.over(branch)
    expect(changesOf(branch)).toEqual(changesOf(live))
    expect(numbersOf(branch).steps).toEqual(numbersOf(live).steps)
    expect(numbersOf(branch).checkpoints).toEqual(numbersOf(live, 2).checkpoints)
    // A branch of that one, from before its end, keeps what had changed.
    const twice = runs.sessions.branch({ run: branch, step: 5, options: [], name: '' })
    await runs.sessions.over(twice)
    expect(numbersOf(twice).steps).toEqual(numbersOf(live).steps)
    expect(changesOf(twice)).toEqual(changesOf(live))
  })

  test('a run under way is no parent; what is wrong is said before it would be stopped for it', async () => {
    const run = await begun()
    expect(() => runs.sessions.branch({ run: original, step: 2, options: [], name: '' })).toThrow(/under way/)
    expect(() => runs.sessions.checkBranch({ run, step: 2, options: [], name: '' })).toThrow(/no checkpoint/)
    expect(() => runs.sessions.checkBranch({ run: original, step: 2, options: [], name: '' })).not.toThrow()
    runs.sessions.kill(run)
    await runs.sessions.over(run)
  })

  test('where there is no checkpoint, or nothing left to run, a branch is refused in words and leaves no run behind', () => {
    const count = store.runs.list().length
    expect(() => runs.sessions.branch({ run: original, step: 3, options: [], name: '' })).toThrow(
      /no checkpoint of TENT, PALM, PALM \(paper\) after step 3.*after 2, 5, 8/,
    )
    expect(() => runs.sessions.branch({ run: original, step: 8, options: [], name: '' })).toThrow(/last one/)
    expect(() =>
      runs.sessions.branch({
        run: original,
        step: 2,
        options: [{ lane: 'palm', option: 'kappa', value: -1 }],
        name: '',
      }),
    ).toThrow(/kappa cannot be -1/)
    expect(() => runs.sessions.branch({ run: 999, step: 2, options: [], name: '' })).toThrow(/no run 999/)
    expect(store.runs.list()).toHaveLength(count)
  })

  test('two checkpoints are compared tensor by tensor, in a process without TensorFlow, also with the source', async () => {
    const folders = { dataFolder, resourcesFolder }
    const [first, , last] = store.checkpoints.list(original).filter(({ lane }) => lane === 'palm')
    const against = await compareInProcess(startSession, { run: original, a: null, b: last?.id ?? 0 }, folders)
    expect(against.unmatched).toEqual([])
    expect(against.rows.map(({ name }) => name).slice(0, 3)).toEqual(['conv1.weight', 'bn1.weight', 'bn1.bias'])
    const plan = store.runs.plan(original)
    const adapts = new Set(plan?.lanes.find(({ id }) => id === 'palm')?.tensors.map(({ name }) => name))
    for (const row of against.rows) {
      if (!adapts.has(row.name)) expect(row).toMatchObject({ relative: 0, largest: 0, changedShare: 0 })
      if (row.relative) expect(row).toMatchObject({ largest: expect.any(Number), changedShare: expect.any(Number) })
    }
    expect(against.rows.filter(({ changedShare }) => changedShare > 0).length).toBeGreaterThan(10)
    const between = await compareInProcess(
      startSession,
      { run: original, a: first?.id ?? 0, b: last?.id ?? 0 },
      folders,
    )
    expect(between.rows.some(({ relative, cosine }) => (relative ?? 0) > 0 && (cosine ?? 0) > 0.9)).toBe(true)
    const itself = await compareInProcess(startSession, { run: original, a: last?.id ?? 0, b: last?.id ?? 0 }, folders)
    expect(itself.rows.every(({ relative, changedShare }) => relative === 0 && changedShare === 0)).toBe(true)
    await expect(compareInProcess(startSession, { run: original, a: 9999, b: null }, folders)).rejects.toThrow(
      /no checkpoint 9999/,
    )
  })
})
