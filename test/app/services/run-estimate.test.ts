// Estimates before a run, from real sessions and a real store: nothing known, then measured on the bundled model, then held against what a further run took.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forkedProcesses } from '#app/wiring/processes.ts'
import { memoryOf, RunEstimates } from '#app/services/runs/run-estimate.ts'
import { usualOptions } from '#contract/methods/presets.ts'
import { estimateRequestSchema, type EstimateRequest } from '#contract/runs/run-estimate.ts'
import { runOptionsSchema, type RunOptions } from '#contract/runs/run-options.ts'
import { describeModelFile } from '#app/wiring/models.ts'
import { openWorkspace, type Workspace } from '#app/wiring/workspace.ts'
import { modelCost } from '#session/open-model.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const resources = here('../../../resources')
const lanes = (['source', 'tent', 'palm'] as const).map((method) =>
  usualOptions(method, { preset: 'sample', classes: 10 }),
)
const options = (more: Partial<RunOptions> = {}): RunOptions =>
  runOptionsSchema.parse({
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    corruptions: ['fog', 'contrast'],
    batchSize: 40,
    limit: 80,
    lanes: lanes.map((one) => ({ id: one.method, label: one.method, options: one })),
    ...more,
  })

describe('an estimate', () => {
  let dataFolder: string
  let workspace: Workspace
  let request: EstimateRequest
  let probes = 0
  const estimates = (gigaflops: number | null = null) =>
    new RunEstimates({
      store: workspace.store,
      runs: workspace.runs.sessions,
      dataFolder,
      abilities: {
        sampleModel: () => modelCost({ kind: 'sample' }, resources),
        gigaflops: async () => {
          probes++
          return gigaflops
        },
      },
    })
  const elementsOf = (tensors: readonly { readonly shape: readonly number[] }[]) =>
    tensors.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0)

  beforeAll(async () => {
    dataFolder = mkdtempSync(join(tmpdir(), 'palm-estimate-'))
    workspace = await openWorkspace({
      data: dataFolder,
      resourcesFolder: resources,
      startSession: forkedProcesses().session,
      workers: 1,
      preview: false,
    })
    const details = await describeModelFile(resources, { kind: 'sample' }, 40)
    const { hash, flops, memoryBytes, tensors } = details
    request = estimateRequestSchema.parse({
      model: {
        hash,
        flops,
        stepBytes: memoryBytes,
        weightBytes: 4 * elementsOf(tensors),
        adaptableBytes: 4 * elementsOf(tensors.filter(({ adaptable }) => adaptable)),
        normBytes: 4 * elementsOf(tensors.filter(({ kind }) => kind === 'bn-weight' || kind === 'bn-bias')),
      },
      side: 64,
      lanes,
      images: 160,
      domains: 2,
      batchSize: 40,
      window: null,
      distinctImages: 80,
    })
  })
  afterAll(async () => {
    await workspace.runs.sessions.close()
    workspace.store.close()
    rmSync(dataFolder, { recursive: true })
  })

  test('on a machine that ran nothing yet says that it does not know, or measures it, once', async () => {
    expect(await estimates().estimate(request)).toMatchObject({
      ms: null,
      basis: 'none',
      runs: 0,
      memory: { measured: false },
      disk: { measured: false },
    })
    const asked = estimates(50)
    const first = await asked.estimate(request)
    expect(first.basis).toBe('machine')
    expect(first.ms?.high).toBeGreaterThan(first.ms?.low ?? Infinity)
    probes = 0
    const twice = await asked.estimate({ ...request, images: 320 })
    expect(probes).toBe(0)
    expect((twice.ms?.high ?? 0) - 8000).toBeCloseTo(2 * ((first.ms?.high ?? 0) - 8000), 3)
  })

  test('after a run holds what the next one takes, and its memory and checkpoints', async () => {
    const began = performance.now()
    const first = workspace.runs.sessions.start(options())
    await workspace.runs.sessions.over(first)
    const took = performance.now() - began
    expect(workspace.runs.catalogue.get(first).status).toBe('done')
    const found = await estimates().estimate({ ...request, images: 320, domains: 2, distinctImages: 160 })
    expect(found).toMatchObject({ basis: 'same', runs: 1, memory: { measured: true }, disk: { measured: true } })

    const second = workspace.runs.sessions.start(options({ limit: 160, seed: 1 }))
    await workspace.runs.sessions.over(second)
    console.log(
      `estimated ${found.ms?.low.toFixed(0)} to ${found.ms?.high.toFixed(0)} ms, half as many images took ${took.toFixed(0)} ms; memory ${(found.memory.bytes / 2 ** 20).toFixed(0)} MiB`,
    )
    // Held against the run that it was made from: how busy the machine is now does not matter.
    expect(2 * took).toBeGreaterThan((found.ms?.low ?? 0) * 0.5)
    expect(took).toBeLessThan((found.ms?.high ?? 0) * 2)
    const checkpoints = workspace.store.checkpoints.list(second).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    expect(found.disk.bytes).toBeGreaterThan(0.7 * checkpoints)
    expect(found.disk.bytes).toBeLessThan(3 * checkpoints)
    expect(found.disk.freeBytes).toBeGreaterThan(0)
    // Tensors at their peak are part of it.
    const peak = Math.max(...workspace.store.steps.costs(second).map(({ peakBytes }) => peakBytes))
    expect(found.memory.bytes).toBeGreaterThan(peak)
    expect(found.memory.bytes).toBeLessThan(peak * 1.5 + 2 ** 30)
  })

  test('of other methods, other sizes and other models is scaled from what was measured, and says so', async () => {
    const cotta = usualOptions('cotta', { preset: 'sample', classes: 10 })
    const like = await estimates().estimate({ ...request, lanes: [...lanes, cotta] })
    expect(like.basis).toBe('like')
    const same = await estimates().estimate(request)
    // Without the start, which is the same for all: 2 to 8 s.
    const low = ({ ms }: { ms: { low: number } | null }) => (ms?.low ?? Number.NaN) - 2000
    const high = ({ ms }: { ms: { high: number } | null }) => (ms?.high ?? Number.NaN) - 8000
    expect(high(like)).toBeGreaterThan(2 * high(same))
    const larger = await estimates().estimate({ ...request, side: 128 })
    expect(larger.basis).toBe('like')
    expect(low(larger)).toBeGreaterThan(2 * low(same))
    const other = await estimates().estimate({
      ...request,
      model: { ...request.model, hash: 'another', flops: 10 * request.model.flops },
    })
    expect(other.basis).toBe('other-model')
    expect(low(other)).toBeGreaterThan(4 * low(same))
  })

  test('of memory grows with batch, window and lanes', () => {
    const base = memoryOf(request, []).bytes
    expect(memoryOf({ ...request, window: 200 }, []).bytes).toBeGreaterThan(base)
    expect(
      memoryOf({ ...request, model: { ...request.model, stepBytes: 4 * request.model.stepBytes } }, []).bytes,
    ).toBeGreaterThan(base)
    expect(memoryOf({ ...request, lanes: [...lanes, ...lanes] }, []).bytes).toBeGreaterThan(base)
    expect(memoryOf(request, [])).toMatchObject({ freeBytes: expect.any(Number), totalBytes: expect.any(Number) })
  })
})
