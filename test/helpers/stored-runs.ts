// Runs written with the real store: steps, sums and a plan, as a session writes them. For tests of what reads them.
import type { RunPlan, StepReport } from '#contract/tables/report.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import type { Store } from '#store/store.ts'

export interface StoredRun {
  readonly options?: object
  readonly methods?: readonly string[]
  readonly domains?: readonly string[]
  readonly stepsPerDomain?: number
  readonly inputHash?: string
  readonly modelHash?: string
  readonly createdAt?: number
  /** Share of right answers. */
  readonly accuracy?: (lane: string, step: number) => number
}

const images = 20

export function planFor(
  domains: readonly string[],
  stepsPerDomain: number,
  hashes: { readonly input: string; readonly model: string },
): RunPlan {
  return {
    domains: domains.map((name, index) => ({
      index,
      name,
      corruption: null,
      severity: null,
      images: images * stepsPerDomain,
      steps: stepsPerDomain,
      firstStep: index * stepsPerDomain,
    })),
    totalSteps: domains.length * stepsPerDomain,
    totalImages: domains.length * stepsPerDomain * images,
    family: 'cifar',
    inputName: 'EuroSAT sample',
    inputHash: hashes.input,
    sourceHash: null,
    look: null,
    cleanCheck: null,
    network: null,
    model: {
      name: 'EuroSAT ResNet-20',
      path: null,
      hash: hashes.model,
      architecture: 'cifar-resnet',
      parameters: 270_000,
      classes: 10,
      classNames: Array.from({ length: 10 }, (_, i) => `class ${i}`),
      normalization: { mean: [0.3, 0.4, 0.5], std: [0.1, 0.2, 0.3] },
      inputSize: { width: 64, height: 64 },
    },
    lanes: [],
    versions: { app: '1.0.0', node: 'v24', tensorflow: '2.21.0', device: 'cpu', system: 'linux', threads: '2' },
  }
}

export function storeRun(
  store: Store,
  {
    options = {},
    methods = ['source', 'palm'],
    domains = ['fog 5', 'snow 5'],
    stepsPerDomain = 5,
    inputHash = 'aaaaaaaaaaaa',
    modelHash = 'bbbbbbbbbbbb',
    createdAt = 1.7e12,
    accuracy = (lane) => (lane === 'source' ? 0.5 : 0.75),
  }: StoredRun = {},
): number {
  const lanes = methods.map((method) => ({
    id: method,
    label: method === 'source' ? 'Source' : method.toUpperCase(),
    options: { method },
  }))
  const parsed = runOptionsSchema.parse({
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    corruptions: ['fog', 'snow'],
    lanes,
    ...options,
  })
  const run = store.runs.createRun(parsed, createdAt)
  const plan = planFor(domains, stepsPerDomain, { input: inputHash, model: modelHash })
  store.transaction(() => {
    store.runs.setPlan(run, plan)
    for (let step = 0; step < plan.totalSteps; step++) {
      const domain = Math.floor(step / stepsPerDomain)
      for (const { id } of parsed.lanes)
        store.steps.insert(run, reportOf(id, step, domain, Math.round(images * accuracy(id, step))))
    }
    for (const { index } of plan.domains)
      for (const metric of store.steps.domainSums(run, index)) store.steps.insertDomain(run, metric)
    store.runs.setProgress(run, plan.totalSteps, {
      step: plan.totalSteps,
      totalSteps: plan.totalSteps,
      images: plan.totalImages,
      imagesPerSecond: 100,
      etaMs: 0,
      waitShare: 0,
    })
    store.runs.setStatus(run, 'done', null, createdAt + 60_000)
  })
  return run
}

export const reportOf = (
  lane: string,
  step: number,
  domain: number,
  correct: number,
  over: Partial<StepReport> = {},
): StepReport => ({
  lane,
  step,
  domain,
  images,
  labelled: images,
  correct,
  seen: (step + 1) * images,
  losses: {},
  kept: null,
  adaptedShare: lane === 'source' ? 0 : 0.25,
  meanConfidence: 0.8,
  meanEntropy: 0.5,
  agreement: null,
  estimate: null,
  predicted: {},
  stepMs: 10,
  peakBytes: 1000,
  layers: null,
  ...over,
})
