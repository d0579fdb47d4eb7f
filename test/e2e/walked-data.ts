// What the walks by keyboard and by screen reader go through: one small real run with all that a run leaves, a sweep, two stored runs to compare, a folder of images.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sweepsOf } from '#app/wiring/sweeps.ts'
import { openWorkspace } from '#app/wiring/workspace.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { sweepDefinitionSchema } from '#contract/sweeps/sweep.ts'
import { tensorFlowSources } from '#engine/compute/open-device.ts'
import { sessionsHere } from '#test/helpers/sessions-here.ts'
import { storeRun } from '#test/helpers/stored-runs.ts'
import { narrowResources } from '#test/helpers/narrow-sample.ts'
import { smallSample } from './app-in-browser.ts'

const resources = narrowResources

export const runName = 'A small run'
export const sweepName = 'lambda'

export interface WalkedData {
  readonly folder: string
  /** The program's. */
  readonly data: string
  /** Images of one's own, in class folders. */
  readonly images: string
}

export async function walkedData(): Promise<WalkedData> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'palm-walk-')))
  const images = join(folder, 'photos')
  for (const name of ['Forest', 'River']) {
    mkdirSync(join(images, name), { recursive: true })
    for (const tile of readdirSync(join(resources, 'sample', 'images', name)).slice(0, 3))
      copyFileSync(join(resources, 'sample', 'images', name, tile), join(images, name, tile))
  }
  const data = join(folder, 'data')
  const workspace = await openWorkspace({
    data,
    resourcesFolder: resources,
    startSession: sessionsHere(() => ({
      ...tensorFlowSources(false),
      webgpu: () => Promise.reject(new Error('there is none')),
    })),
    workers: 1,
    preview: true,
  })
  const { store, runs } = workspace
  try {
    storeRun(store, { options: { name: 'Seed 1', seed: 1 } })
    storeRun(store, { options: { name: 'Seed 2', seed: 2 }, createdAt: 1.71e12 })
    const sweeps = sweepsOf(workspace, () => {
      throw new Error('nothing is measured here')
    })
    sweeps.start(
      sweeps.define(
        sweepDefinitionSchema.parse({
          name: sweepName,
          inputs: [{ kind: 'sample' }],
          models: [{ kind: 'sample' }],
          source: { kind: 'sample' },
          sourceLimit: 20,
          preset: 'sample',
          methods: ['source', { method: 'palm', lambda: [0, 0.05] }],
          corruptions: ['fog'],
          limit: 10,
          batchSize: 10,
          seeds: [0],
          shows: 'curve',
        }),
      ),
    )
    const problem = await sweeps.over()
    if (problem) throw new Error(`The sweep that is shown: ${problem}`)
    await sweeps.close()
    const run = runs.sessions.start(
      runOptionsSchema.parse({ ...smallSample, name: runName, corruptions: ['gaussian_noise', 'fog'], limit: 20 }),
    )
    await runs.sessions.over(run)
    const { status } = store.runs.get(run)
    if (status !== 'done') throw new Error(`The run that is shown is ${status}.`)
  } finally {
    await runs.sessions.close()
    store.close()
  }
  return { folder, data, images }
}
