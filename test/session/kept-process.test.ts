// One session process after another order: the numbers of a fresh one, nothing left of the order before, and never again after a failure. Here with two threads of TensorFlow, as on
// most machines.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forkSessions } from '#app/hosts/node.ts'
import { keepSessions } from '#app/services/processes/kept-sessions.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import { openRuns, type Runs } from '#app/services/runs/runs.ts'
import { programFile } from '#app/wiring/program-files.ts'
import { runOptionsSchema, type RunOptions } from '#contract/runs/run-options.ts'
import { environmentOf, processEnvironment } from '#engine/compute/environment.ts'
import { openStore, type Store } from '#store/store.ts'
import { tinyResnet } from '#test/helpers/tiny-resnet.ts'
import { narrowResources } from '#test/helpers/narrow-sample.ts'

const resourcesFolder = narrowResources
const dataFolder = mkdtempSync(join(tmpdir(), 'palm-kept-'))
const modelPath = join(dataFolder, 'tiny.safetensors')

const options: RunOptions = runOptionsSchema.parse({
  name: 'kept',
  input: { kind: 'sample' },
  model: { kind: 'file', path: modelPath },
  corruptions: ['gaussian_noise', 'fog'],
  batchSize: 10,
  limit: 20,
  seed: 7,
  lanes: [
    { id: 'tent', label: 'TENT', options: { method: 'tent' } },
    { id: 'palm', label: 'PALM', options: { method: 'palm', kappa: 1e-3, eta: 0.05 } },
  ],
})

describe('a session process that is kept', () => {
  let store: Store
  let runs: Runs
  const pids: (number | null)[] = []

  beforeAll(() => {
    writeFileSync(modelPath, tinyResnet())
    store = openStore(join(dataFolder, 'palm.sqlite'))
    const threads = { ...processEnvironment, TF_NUM_INTRAOP_THREADS: '2' }
    const kept = keepSessions(forkSessions(programFile('session'), threads, environmentOf), (settings) =>
      JSON.stringify(settings),
    )
    const startSession: StartSession = (settings) => {
      const process = kept(settings)
      pids.push(process.pid)
      return process
    }
    runs = openRuns({
      program: 'test',
      store,
      dataFolder,
      resourcesFolder,
      startSession,
      workers: 2,
      preview: false,
      now: Date.now,
    })
  })
  afterAll(async () => {
    await runs.sessions.close()
    store.close()
    rmSync(dataFolder, { recursive: true, force: true })
  })

  async function ran(own: Partial<RunOptions> = {}) {
    const run = runs.sessions.start({ ...options, ...own })
    await runs.sessions.over(run)
    const { domains, checkpoints, collapses, run: summary } = store.snapshot(run)
    return {
      status: summary.status,
      steps: store.steps.all(run).map(({ stepMs: _ms, peakBytes: _bytes, ...rest }) => rest),
      predictions: store.predictions.steps(run, ['tent', 'palm'], { from: 0, to: 100, limit: 100 }),
      domains,
      collapses,
      deltas: checkpoints.map(({ id }) => Buffer.from(store.checkpoints.delta(run, id).delta).toString('base64')),
    }
  }
  const lane = (method: string) =>
    runOptionsSchema.shape.lanes.parse([{ id: method, label: method, options: { method } }])

  test('gives the bits of a fresh one, whatever it did before', async () => {
    const fresh = await ran()
    expect(fresh.status).toBe('done')
    expect(fresh.deltas).toHaveLength(4)
    expect((await ran({ batchSize: 8, seed: 3, lanes: [...lane('rotta'), ...lane('cotta')] })).status).toBe('done')
    expect((await ran({ window: 20, guard: true, lanes: [...lane('sar'), ...lane('note')] })).status).toBe('done')
    expect(await ran()).toEqual(fresh)
    // Kept all the time: had a tensor stayed alive, it would have gone.
    expect(new Set(pids).size).toBe(1)
  })

  test('keeps no picture of the order before: a file that another one has replaced is read again', async () => {
    const folder = join(dataFolder, 'images')
    const { cpSync, mkdirSync, readdirSync } = await import('node:fs')
    const sample = join(resourcesFolder, 'sample', 'images')
    const [first = '', second = ''] = readdirSync(sample)
    const picture = (name: string) => join(sample, name, readdirSync(join(sample, name))[0] ?? '')
    const input = { kind: 'folder', path: folder, split: null, domains: 'none', labels: {} } as const
    mkdirSync(folder)
    const predictionsOf = async (name: string) => {
      cpSync(picture(name), join(folder, 'a.jpg'))
      return (await ran({ input, model: { kind: 'sample' }, lanes: lane('source'), batchSize: 1 })).steps.map(
        ({ predicted, meanConfidence }) => ({ predicted, meanConfidence }),
      )
    }
    const one = await predictionsOf(first)
    const other = await predictionsOf(second)
    expect(other).not.toEqual(one)
    expect(await predictionsOf(first)).toEqual(one)
    expect(new Set(pids).size).toBe(1)
  })

  test('after a failure the next order gets a new one', async () => {
    const nowhere = {
      kind: 'folder',
      path: join(dataFolder, 'nowhere'),
      split: null,
      domains: 'none',
      labels: {},
    } as const
    expect((await ran({ input: nowhere })).status).toBe('failed')
    const failed = pids.at(-1)
    expect((await ran()).status).toBe('done')
    expect(pids.at(-1)).not.toBe(failed)
  })
})
