// Writes a long finished (or stopped) run into a data folder, through the real store: lanes, tensors and steps as many as wanted, with
// plausible numbers that are the same each time. For tests and benchmarks of how a long run opens; nothing in the app can make one.
import { join } from 'node:path'
import { benchmarkCorruptions } from '#contract/inputs/corruption.ts'
import type { LayerReport, Progress, RunEvent, RunPlan, StepReport } from '#contract/tables/report.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { openStore } from '#store/store.ts'

export interface LongRun {
  readonly steps: number
  readonly tensors: number
  readonly domains: number
  readonly name: string
}
export const longRun: LongRun = { steps: 10_000, tensors: 160, domains: 150, name: 'A long run' }

const classes = 10
const batch = 64
const methods = ['source', 'norm', 'tent', 'palm'] as const
const startedAt = 1.75e12

/** Park and Miller's generator: 0..1, the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed % 2147483647 || 1
  return () => (state = (state * 16807) % 2147483647) / 2147483647
}

function planOf({ steps, tensors, domains }: LongRun): RunPlan {
  const perDomain = Math.floor(steps / domains)
  const list = Array.from({ length: domains }, (_, index) => {
    const corruption = benchmarkCorruptions[index % benchmarkCorruptions.length] ?? 'fog'
    const severity = ([5, 4, 3, 2, 1] as const)[Math.floor(index / benchmarkCorruptions.length) % 5] ?? 5
    const own = index === domains - 1 ? steps - index * perDomain : perDomain
    return {
      index,
      name: `${corruption} ${severity}`,
      corruption,
      severity,
      images: own * batch,
      steps: own,
      firstStep: index * perDomain,
    }
  })
  const adapted = Array.from({ length: tensors }, (_, i) => {
    const block = `layer${1 + Math.floor((3 * i) / tensors)}.${Math.floor((12 * i) / tensors) % 4}`
    const kind = (['conv', 'bn-weight', 'bn-bias'] as const)[i % 3] ?? 'conv'
    return {
      name: `${block}.${kind === 'conv' ? `conv${i}.weight` : `bn${i}.${kind === 'bn-weight' ? 'weight' : 'bias'}`}`,
      kind,
      block,
      elements: kind === 'conv' ? 36_864 : 64,
    }
  })
  return {
    domains: list,
    totalSteps: steps,
    totalImages: steps * batch,
    family: 'cifar',
    inputName: 'made by a test',
    inputHash: '0'.repeat(64),
    sourceHash: null,
    look: null,
    cleanCheck: null,
    model: {
      name: 'made by a test',
      path: null,
      hash: '0'.repeat(64),
      architecture: 'resnet50',
      parameters: 23_500_000,
      classes,
      classNames: Array.from({ length: classes }, (_, i) => `class ${i}`),
      normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
      inputSize: { width: 64, height: 64 },
    },
    lanes: methods.map((method) => ({
      id: method,
      label: method === 'norm' ? 'BN-1' : method.toUpperCase(),
      method,
      tensors: method === 'source' || method === 'norm' ? [] : adapted,
    })),
    network: null,
    versions: { app: 'test' },
  }
}

function domainOf({ domains }: RunPlan, step: number): RunPlan['domains'][number] {
  const found = domains.find(({ firstStep, steps }) => step >= firstStep && step < firstStep + steps)
  if (!found) throw new Error(`no domain of step ${step}`)
  return found
}

/** A few layer reports, used again and again: to write and to draw they cost what different ones cost. */
function layerPool(tensors: number, random: () => number): LayerReport[] {
  return Array.from({ length: tensors === 0 ? 0 : 37 }, () => {
    const fresh = Array.from({ length: tensors }, () => random() < 0.7)
    return {
      states: fresh.map((now) => (now ? 2 : 0)),
      scores: fresh.map((now) => Math.fround(now ? random() : 1 + random())),
      importances: fresh.map((now) => (now ? Math.fround(random()) : null)),
      learningRates: fresh.map((now) => (now ? Math.fround(5e-4 * random()) : 0)),
      changes: fresh.map(() => Math.fround(0.02 * random())),
    }
  })
}

/** All lanes of one step. */
function reportsOf(plan: RunPlan, step: number, random: () => number, pool: readonly LayerReport[]): StepReport[] {
  const domain = domainOf(plan, step).index
  const hard = 0.25 + 0.3 * Math.abs(Math.sin(domain * 2.3))
  return plan.lanes.map((lane, index) => {
    const error = Math.min(0.95, hard * (1 - 0.12 * index) + 0.06 * (random() - 0.5))
    const correct = Math.round(batch * (1 - error))
    const count = lane.tensors.length
    const layers = count === 0 ? null : (pool[(step * 3 + index) % pool.length] ?? null)
    const predicted: Record<string, number> = {}
    for (let i = 0; i < batch; i++) {
      const label = Math.floor(classes * random())
      predicted[label] = (predicted[label] ?? 0) + 1
    }
    return {
      lane: lane.id,
      step,
      domain,
      images: batch,
      labelled: batch,
      correct,
      seen: (step + 1) * batch,
      losses:
        count === 0 ? {} : { entropy: 0.4 + 0.3 * random(), consistency: 0.02 * random(), total: 0.5 + 0.3 * random() },
      kept: count === 0 ? null : Math.round(batch * (0.4 + 0.4 * random())),
      adaptedShare: count === 0 ? 0 : 0.18 + 0.07 * random(),
      meanConfidence: 0.6 + 0.2 * random(),
      meanEntropy: 0.5 + 0.5 * random(),
      agreement: lane.id === 'source' ? 1 : 0.6 + 0.3 * random(),
      estimate: null,
      predicted,
      stepMs: 20 + 60 * index + 10 * random(),
      peakBytes: 1e8 * (1 + index) + 1e6 * random(),
      layers,
    }
  })
}

const progressOf = ({ totalSteps }: RunPlan, step: number): Progress => ({
  step,
  totalSteps,
  images: step * batch,
  imagesPerSecond: 180,
  etaMs: null,
  waitShare: 0.01,
})

/** What a session would tell of a run of which `recorded` steps were written and that goes on: `seq` is the last that the snapshot holds. */
export function tailOf(size: LongRun, recorded: number, seq: number, count: number): RunEvent[] {
  const plan = planOf(size)
  const random = seeded(11)
  const pool = layerPool(size.tensors, random)
  const steps = Array.from({ length: count }, (_, i): RunEvent => ({
    event: 'step',
    seq: seq + 2 + i,
    reports: reportsOf(plan, recorded + i, random, pool),
    progress: progressOf(plan, recorded + i + 1),
  }))
  return [{ event: 'status', seq: seq + 1, status: 'running', error: null, message: null }, ...steps]
}

/** @returns the run's number in the data folder's database */
export function writeLongRun(folder: string, size: LongRun = longRun, recorded = size.steps): number {
  const store = openStore(join(folder, 'palm.sqlite'))
  const plan = planOf(size)
  const random = seeded(7)
  const pool = layerPool(size.tensors, random)
  const options = runOptionsSchema.parse({
    name: size.name,
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    batchSize: batch,
    lanes: plan.lanes.map(({ id, label, method }) => ({ id, label, options: { method } })),
  })
  const run = store.runs.createRun(options, startedAt)
  store.runs.setPlan(run, plan)
  const inOneGo = 500
  for (let from = 0; from < recorded; from += inOneGo) {
    store.transaction(() => {
      for (let step = from; step < Math.min(recorded, from + inOneGo); step++) {
        const domain = domainOf(plan, step)
        for (const report of reportsOf(plan, step, random, pool)) store.steps.insert(run, report)
        if (step === domain.firstStep + domain.steps - 1)
          for (const metric of store.steps.domainSums(run, domain.index)) store.steps.insertDomain(run, metric)
        store.runs.nextSeq(run)
      }
    })
  }
  store.transaction(() => {
    store.runs.setProgress(run, recorded, progressOf(plan, recorded))
    store.runs.setStatus(run, recorded === size.steps ? 'done' : 'stopped', null, startedAt + 3.6e6)
  })
  store.close()
  return run
}
