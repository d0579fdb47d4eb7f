// What the command prints of a run: the table, the data of the last JSON line, the progress line.
import { describe, expect, it } from 'vitest'
import type { Domain, DomainMetric, RunEvent, RunPlan, RunSnapshot } from '#contract/tables/report.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { advance, duration, noProgress, progressLine } from '#cli/shared/progress.ts'
import { resultTable, resultsOf } from '#cli/shared/result-table.ts'
import { emptySnapshot } from '#test/app/rpc/tables.ts'

const options = runOptionsSchema.parse({
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  lanes: [
    { id: 'source', label: 'Source', options: { method: 'source' } },
    { id: 'palm', label: 'PALM', options: { method: 'palm', variant: 'paper' } },
  ],
})

function domain(index: number, corruption: 'fog' | 'snow' | null, severity: 1 | 5 | null): Domain {
  return {
    index,
    name: corruption === null ? 'clean' : `${corruption} ${severity}`,
    corruption,
    severity,
    images: 200,
    steps: 2,
    firstStep: 2 * index,
  }
}

function planOf(domains: Domain[]): RunPlan {
  return {
    domains,
    totalSteps: 2 * domains.length,
    totalImages: 200 * domains.length,
    family: 'cifar',
    inputName: 'sample',
    sourceHash: null,
    look: null,
    cleanCheck: null,
    inputHash: '',
    model: {
      name: 'm',
      path: null,
      hash: '',
      architecture: 'resnet20',
      parameters: 1,
      classes: 10,
      classNames: [],
      normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
      inputSize: { width: 64, height: 64 },
    },
    lanes: options.lanes.map((lane) => ({ id: lane.id, label: lane.label, method: lane.options.method, tensors: [] })),
    network: null,
    versions: {},
  }
}

function snapshotOf(domains: Domain[], metrics: DomainMetric[]): RunSnapshot {
  const empty = emptySnapshot(9)
  return { ...empty, run: { ...empty.run, options }, plan: planOf(domains), domains: metrics }
}

const metric = (lane: string, index: number, correct: number, labelled = 200): DomainMetric => ({
  lane,
  domain: index,
  images: 200,
  labelled,
  correct,
  confidence: null,
  entropy: null,
  agreement: null,
  estimate: null,
})

const unknown = { confidence: null, entropy: null, agreement: null, estimate: null }

describe('the results of a run', () => {
  const twoDomains = snapshotOf(
    [domain(0, 'fog', 5), domain(1, 'snow', 5)],
    [metric('source', 0, 100), metric('palm', 0, 150), metric('source', 1, 80), metric('palm', 1, 141)],
  )

  it('name a domain by its corruption where there is one severity, and average the domains’ errors', () => {
    expect(resultsOf(twoDomains)).toEqual([
      {
        lane: 'source',
        method: 'source',
        variant: null,
        meanErrorPct: 55,
        perDomain: [
          { domain: 'fog', severity: 5, errorPct: 50, n: 200, ...unknown },
          { domain: 'snow', severity: 5, errorPct: 60, n: 200, ...unknown },
        ],
      },
      {
        lane: 'palm',
        method: 'palm',
        variant: 'paper',
        meanErrorPct: 27.25,
        perDomain: [
          { domain: 'fog', severity: 5, errorPct: 25, n: 200, ...unknown },
          { domain: 'snow', severity: 5, errorPct: 29.5, n: 200, ...unknown },
        ],
      },
    ])
  })

  it('name the severity too where there are several', () => {
    const { perDomain } = resultsOf(
      snapshotOf([domain(0, 'fog', 1), domain(1, 'fog', 5)], [metric('source', 0, 100), metric('source', 1, 80)]),
    )[0] ?? { perDomain: [] }
    expect(perDomain.map((result) => result.domain)).toEqual(['fog 1', 'fog 5'])
  })

  it('say confidence, entropy, agreement and the estimate, named as one, where no image has a label', () => {
    const measured = (lane: string, confidence: number, agreement: number) => ({
      ...metric(lane, 0, 0, 0),
      confidence,
      entropy: 1.25,
      agreement,
      estimate: lane === 'palm' ? 0.625 : null,
    })
    const snapshot = snapshotOf([domain(0, null, null)], [measured('source', 0.5, 1), measured('palm', 0.75, 0.875)])
    const table = resultTable(snapshot)
    expect(table).toContain('No image has a label')
    expect(table).toMatch(/confidence % +Source +PALM\n[- ]+\nclean +50\.0 +75\.0/)
    expect(table).toMatch(/entropy, nats +Source +PALM\n[- ]+\nclean +1\.250 +1\.250/)
    expect(table).toMatch(/agreement with source % +Source +PALM\n[- ]+\nclean +100\.0 +87\.5/)
    expect(table).toMatch(/estimate of accuracy % +Source +PALM\n[- ]+\nclean +- +62\.5/)
    expect(table).not.toContain('error %')
    expect(resultsOf(snapshot)[1]?.perDomain[0]).toMatchObject({
      confidence: 0.75,
      entropy: 1.25,
      agreement: 0.875,
      estimate: 0.625,
    })
  })

  it('have no error where no image has a label', () => {
    const [lane] = resultsOf(snapshotOf([domain(0, null, null)], [metric('source', 0, 0, 0)]))
    expect(lane).toMatchObject({
      meanErrorPct: null,
      perDomain: [{ domain: 'clean', severity: null, errorPct: null, n: 0 }],
    })
  })

  it('are a table with the mean and the gain over source', () => {
    expect(resultTable(twoDomains)).toBe(
      [
        'error %           Source   PALM',
        '----------------  ------  -----',
        'fog                 50.0   25.0',
        'snow                60.0   29.5',
        '----------------  ------  -----',
        'mean error %        55.0   27.3',
        'gain over source          +27.8',
        '',
      ].join('\n'),
    )
  })
})

describe('the progress line', () => {
  const events: RunEvent[] = [
    { event: 'plan', seq: 1, plan: planOf([domain(0, 'fog', 5), domain(1, 'snow', 5)]) },
    { event: 'status', seq: 2, status: 'running', error: null, message: null },
    {
      event: 'step',
      seq: 3,
      progress: { step: 1, totalSteps: 4, images: 100, imagesPerSecond: 123.4, etaMs: 4_200, waitShare: 0 },
      reports: ['source', 'palm'].map((lane, index) => ({
        lane,
        step: 0,
        domain: 0,
        images: 100,
        labelled: 100,
        correct: 50 + 20 * index,
        seen: 100,
        losses: {},
        kept: null,
        adaptedShare: 0,
        meanConfidence: 1,
        meanEntropy: 0,
        agreement: null,
        estimate: null,
        predicted: {},
        peakBytes: 0,
        stepMs: 1,
        layers: null,
      })),
    },
  ]
  const state = events.reduce(advance, noProgress)

  it('tells bar, domain, speed, time left and each lane’s error', () => {
    expect(progressLine(state, 200)).toBe(
      '[#####...............]  25%  fog 5 (1/2)  123 img/s  5 s left  error % Source 50.0, PALM 30.0',
    )
  })

  it('tells each lane’s mean confidence where no image has a label', () => {
    const step = events[2] as Extract<RunEvent, { event: 'step' }>
    const unlabelled = (images: number, meanConfidence: number): RunEvent => ({
      ...step,
      reports: step.reports.map((report) => ({
        ...report,
        images,
        labelled: 0,
        correct: 0,
        meanConfidence: report.lane === 'palm' ? meanConfidence : 0.5,
      })),
    })
    const line = progressLine(
      [events[0]!, events[1]!, unlabelled(100, 0.9), unlabelled(50, 0.6)].reduce(advance, noProgress),
      200,
    )
    expect(line).toMatch(/left  confidence % Source 50\.0, PALM 80\.0$/)
  })

  it('fits the terminal', () => {
    expect(progressLine(state, 30)).toHaveLength(30)
    expect(progressLine(noProgress, 80)).toBe('opening model and images …')
  })

  it('says durations as people do', () => {
    expect([900, 59_000, 200_000, 7_500_000].map(duration)).toEqual(['1 s', '59 s', '3 min 20 s', '2 h 5 min'])
  })
})
