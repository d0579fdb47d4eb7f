// What the live screen shows, worked out without a page.
import { describe, expect, test } from 'vitest'
import type { DomainMetric, RunEvent, RunPlan, RunSnapshot, StepReport } from '#contract/tables/report.ts'
import { methodIds } from '#contract/methods/method-info.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { Column } from '#renderer/lib/curves/column.ts'
import { LaneSeries } from '#renderer/lib/curves/lane-series.ts'
import { LiveRun } from '#renderer/state/live/live-run.svelte.ts'
import { NewRun } from '#renderer/state/new-run/new-run.svelte.ts'
import { columnsOf } from '#test/helpers/step-columns.ts'

const options = runOptionsSchema.parse({
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  lanes: [
    { id: 'source', label: 'Source', options: { method: 'source' } },
    { id: 'palm', label: 'PALM', options: { method: 'palm' } },
  ],
})
const lane = (id: string) => ({ id, label: id, method: id, tensors: [] })
const domain = (index: number) =>
  ({ index, name: `fog ${index}`, corruption: 'fog', severity: 5, images: 40, steps: 2, firstStep: 2 * index }) as const
const plan = {
  domains: [domain(0), domain(1)],
  totalSteps: 4,
  totalImages: 80,
  lanes: [lane('source'), lane('palm')],
} as unknown as RunPlan
const report = (id: string, step: number, correct: number, labelled = 20): StepReport => ({
  lane: id,
  step,
  domain: Math.floor(step / 2),
  images: 20,
  labelled,
  correct,
  seen: 20 * (step + 1),
  losses: {},
  kept: null,
  adaptedShare: 0.25,
  meanConfidence: 0.5,
  meanEntropy: 1,
  agreement: null,
  estimate: null,
  predicted: {},
  stepMs: 1,
  peakBytes: 0,
  layers: null,
})
const metric = (id: string, index: number, correct: number): DomainMetric => ({
  lane: id,
  domain: index,
  images: 40,
  labelled: 40,
  correct,
  confidence: 0.5,
  entropy: 1,
  agreement: null,
  estimate: null,
})
const progress = (step: number) => ({
  step,
  totalSteps: 4,
  images: 20 * step,
  imagesPerSecond: 10,
  etaMs: 100,
  waitShare: 0,
})
const stepEvent = (seq: number, step: number, source: number, palm: number): RunEvent => ({
  event: 'step',
  seq,
  reports: [report('source', step, source), report('palm', step, palm)],
  progress: progress(step + 1),
})

function snapshot(seq: number, steps: StepReport[], domains: DomainMetric[] = []): RunSnapshot {
  return {
    seq,
    plan,
    steps: columnsOf(steps),
    domains,
    checkpoints: [],
    collapses: [],
    skipped: [],
    skippedTotal: 0,
    progress: progress(steps.length / 2),
    preview: [],
    damaged: [],
    run: {
      id: 3,
      name: '',
      status: 'running',
      createdAt: 0,
      finishedAt: null,
      step: 0,
      totalSteps: 4,
      options,
      inputName: '',
      modelName: '',
      lanes: [],
      error: null,
      note: '',
      tags: [],
      archived: false,
      deletedAt: null,
      parent: null,
      changes: [],
    },
  }
}

function makeRun() {
  const frames: (() => void)[] = []
  const run = new LiveRun(3, (work) => frames.push(work))
  return { run, frames }
}

describe('a live run', () => {
  test('takes each event once: what the snapshot holds already, or comes twice, changes nothing', () => {
    const { run } = makeRun()
    run.applySnapshot(snapshot(5, [report('source', 0, 4), report('palm', 0, 10)]))
    run.applyEvent(stepEvent(5, 0, 4, 10))
    run.applyEvent(stepEvent(6, 1, 6, 12))
    run.applyEvent(stepEvent(6, 1, 6, 12))
    expect(run.lanes.get('palm')?.steps).toEqual([0, 1])
    expect(run.progress?.step).toBe(2)
  })

  test('errors per domain: of what was seen so far while it runs, of all of it when it is done', () => {
    const { run } = makeRun()
    run.applySnapshot(snapshot(0, []))
    run.applyEvent(stepEvent(1, 0, 5, 15))
    expect(run.currentDomain).toBe(0)
    expect(run.domainRows()[0]).toMatchObject({ current: true, finished: false, errors: { source: 75, palm: 25 } })
    expect(run.domainRows()[1]?.errors).toEqual({ source: null, palm: null })
    run.applyEvent(stepEvent(2, 1, 5, 5))
    run.applyEvent({ event: 'domain', seq: 3, domain: 0, metrics: [metric('source', 0, 10), metric('palm', 0, 20)] })
    expect(run.domainRows()[0]).toMatchObject({ finished: true, errors: { source: 75, palm: 50 } })
  })

  test('without labels: an estimate where there is one, else confidence; by images, and as the store summed it when a domain is done', () => {
    const { run } = makeRun()
    const blind = (
      id: string,
      step: number,
      images: number,
      confidence: number,
      estimate: number | null,
    ): StepReport => ({
      ...report(id, step, 0, 0),
      images,
      meanConfidence: confidence,
      agreement: 0.75,
      estimate,
      predicted: { 2: images - 1, 7: 1 },
    })
    run.applySnapshot(snapshot(0, [blind('source', 0, 30, 0.5, null), blind('palm', 0, 30, 0.5, null)]))
    expect([run.unlabelled, run.measure, run.measures]).toEqual([
      true,
      'confidence',
      ['confidence', 'entropy', 'agreement'],
    ])
    run.applyEvent({
      event: 'step',
      seq: 1,
      reports: [blind('source', 1, 10, 0.9, 0.25), blind('palm', 1, 10, 0.9, 0.25)],
      progress: progress(2),
    })
    expect(run.measure).toBe('estimate')
    expect(run.domainRows('confidence')[0]?.errors.palm).toBeCloseTo(60, 4) // (30 * 50 + 10 * 90) / 40
    expect(run.domainRows('estimate')[0]?.errors.palm).toBeCloseTo(25, 4) // of the batch that has one
    expect(run.domainRows('confidence')[1]?.errors).toEqual({ source: null, palm: null })
    expect([...(run.lanes.get('palm')?.predicted ?? [])]).toEqual([
      [2, 38],
      [7, 2],
    ])
    run.applyEvent({
      event: 'domain',
      seq: 2,
      domain: 0,
      metrics: [{ ...metric('palm', 0, 0), labelled: 0, entropy: 1.5, confidence: 0.625 }],
    })
    expect([run.domainRows('confidence')[0]?.errors.palm, run.domainRows('entropy')[0]?.errors.palm]).toEqual([
      62.5, 1.5,
    ])
    run.chosenMeasure = 'entropy'
    expect(run.measure).toBe('entropy')
  })

  test('with labels accuracy is shown, and the others can be', () => {
    const { run } = makeRun()
    run.applySnapshot(snapshot(0, [report('source', 0, 5), report('palm', 0, 10)]))
    expect([run.unlabelled, run.measure, run.measures]).toEqual([
      false,
      'accuracy',
      ['accuracy', 'confidence', 'entropy'],
    ])
  })

  test('keeps checkpoints and unreadable files, from the snapshot and from events', () => {
    const { run } = makeRun()
    const checkpoint = { id: 1, lane: 'palm', step: 1, domain: 0, sizeBytes: 9, createdAt: 0 }
    run.applySnapshot({ ...snapshot(0, []), checkpoints: [checkpoint] })
    run.applyEvent({ event: 'checkpoint', seq: 1, checkpoint: { ...checkpoint, id: 2 } })
    run.applyEvent({ event: 'skipped', seq: 2, files: [{ path: '/a.jpg', reason: 'cut off' }], total: 1 })
    expect(run.checkpoints.map(({ id }) => id)).toEqual([1, 2])
    expect([run.skipped, run.skippedTotal]).toEqual([[{ path: '/a.jpg', reason: 'cut off' }], 1])
  })

  test('the mean is over finished domains only, as the field reports it', () => {
    const { run } = makeRun()
    run.applySnapshot(snapshot(0, []))
    expect(run.meanErrors(run.domainRows())).toEqual({ source: null, palm: null })
    run.applyEvent({ event: 'domain', seq: 1, domain: 0, metrics: [metric('source', 0, 10), metric('palm', 0, 30)] })
    run.applyEvent(stepEvent(2, 2, 0, 0))
    expect(run.meanErrors(run.domainRows())).toEqual({ source: 75, palm: 25 })
    run.applyEvent({ event: 'domain', seq: 3, domain: 1, metrics: [metric('source', 1, 20), metric('palm', 1, 40)] })
    expect(run.meanErrors(run.domainRows())).toEqual({ source: 62.5, palm: 12.5 })
  })

  test('the row of a finished domain is the same object until something of it changes, so that nothing is drawn anew', () => {
    const { run } = makeRun()
    run.applySnapshot(snapshot(0, []))
    run.applyEvent(stepEvent(1, 0, 5, 5))
    run.applyEvent({ event: 'domain', seq: 2, domain: 0, metrics: [metric('source', 0, 10), metric('palm', 0, 30)] })
    run.applyEvent(stepEvent(3, 2, 5, 5))
    const [first, second] = run.domainRows()
    run.applyEvent(stepEvent(4, 3, 9, 9))
    const [same, other] = run.domainRows()
    expect(same).toBe(first)
    expect(other).not.toEqual(second)
    run.applyEvent({ event: 'domain', seq: 5, domain: 0, metrics: [metric('source', 0, 20), metric('palm', 0, 30)] })
    expect(run.domainRows()[0]?.errors).toEqual({ source: 50, palm: 25 })
  })

  test('many events raise the version once per frame', () => {
    const { run, frames } = makeRun()
    run.applySnapshot(snapshot(0, []))
    for (let i = 1; i <= 4; i++) run.applyEvent(stepEvent(i, i - 1, 1, 1))
    expect(frames).toHaveLength(1)
    frames.shift()?.()
    expect(run.version).toBe(1)
    run.applyEvent({ event: 'skipped', seq: 9, files: [], total: 3 })
    expect(run.skippedTotal).toBe(3)
    expect(frames).toHaveLength(1)
  })

  test('a new snapshot after a lost connection replaces what was there', () => {
    const { run } = makeRun()
    run.applySnapshot(snapshot(0, []))
    run.applyEvent(stepEvent(1, 0, 1, 1))
    run.applySnapshot(
      snapshot(7, [report('source', 0, 2), report('palm', 0, 2), report('source', 1, 3), report('palm', 1, 3)]),
    )
    expect(run.lanes.get('source')?.steps).toEqual([0, 1])
    expect(run.lanes.get('source')?.accuracy.at(1)).toBeCloseTo(0.15)
  })

  test('a run that failed tells why', () => {
    const { run } = makeRun()
    run.applyEvent({
      event: 'status',
      seq: 1,
      status: 'failed',
      error: { code: 'disk-full', message: 'The disk is full' },
      message: null,
    })
    expect([run.status, run.error?.code]).toEqual(['failed', 'disk-full'])
  })
})

describe('the series of a lane', () => {
  test('a column grows and answers NaN outside', () => {
    const column = new Column()
    for (let i = 0; i < 1000; i++) column.push(i / 2)
    expect([column.length, column.at(999), column.at(-1), column.at(1000)]).toEqual([
      1000,
      499.5,
      Number.NaN,
      Number.NaN,
    ])
  })

  test('smoothing weighs batches by their labelled images; without labels there is no accuracy', () => {
    const series = new LaneSeries()
    series.push(report('a', 0, 10, 20))
    series.push(report('a', 1, 0, 0))
    series.push(report('a', 2, 2, 5))
    expect(series.accuracy.at(1)).toBeNaN()
    expect(series.smoothed(2, 3)).toBeCloseTo(12 / 25)
    expect(series.smoothed(1, 1)).toBeNaN()
  })
})

describe('the form of a new run', () => {
  test('starts as the sample, valid as it is', () => {
    const form = new NewRun()
    expect(form.ready).toBe(true)
    const parsed = runOptionsSchema.parse(form.options(10))
    expect(parsed).toMatchObject({ input: { kind: 'sample' }, schedule: 'continual', seed: 0 })
    expect(parsed.corruptions).toHaveLength(15)
    expect(parsed.lanes.map(({ id }) => id)).toEqual(['source', 'norm', 'tent', 'palm'])
  })

  test('a model of one’s own gets the preset that tunes itself, and needs its path', () => {
    const form = new NewRun()
    form.chooseModel('file')
    expect([form.preset, form.ready]).toEqual(['auto', false])
    form.modelPath = '/a/model.safetensors'
    expect(form.ready).toBe(true)
    form.input = 'folder'
    expect(form.ready).toBe(false)
    form.inputPath = ' /data/flowers/ '
    expect(runOptionsSchema.parse(form.options(10))).toMatchObject({
      name: 'flowers',
      input: { path: '/data/flowers/' },
      model: { path: '/a/model.safetensors' },
    })
  })

  test('no method, no run', () => {
    const form = new NewRun()
    for (const method of methodIds) form.methods[method] = false
    expect(form.ready).toBe(false)
  })

  test('the paper variant’s threshold follows the number of classes', () => {
    const form = new NewRun()
    form.variant = 'paper'
    const eta = (classes: number) => (form.options(classes).lanes.at(-1)!.options as { eta: number }).eta
    expect(eta(100)).not.toBe(eta(10))
  })
})
