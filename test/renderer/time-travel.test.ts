// The timeline, the fields of options, the comparison and the storage view, worked out without a page.
import { describe, expect, test } from 'vitest'
import type { PalmClient } from '#app/rpc/client.ts'
import type { CompareRequest, CompareResult, TensorDifference } from '#contract/compare/compare-checkpoints.ts'
import { PalmError } from '#contract/errors.ts'
import type { OptionChange, OptionRequest } from '#contract/runs/option-change.ts'
import type { DomainMetric, RunPlan, RunSnapshot, RunSummary } from '#contract/tables/report.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import type { KeepPolicy, StoragePlan, StorageUsage } from '#contract/data/storage.ts'
import { Comparison } from '#renderer/state/live/comparison.svelte.ts'
import { LiveRun } from '#renderer/state/live/live-run.svelte.ts'
import { StorageUse } from '#renderer/state/app/storage.svelte.ts'
import { Timeline, type BranchRequest } from '#renderer/state/live/timeline.svelte.ts'

const options = runOptionsSchema.parse({
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  lanes: [
    { id: 'source', label: 'Source', options: { method: 'source' } },
    { id: 'tent', label: 'TENT', options: { method: 'tent' } },
    { id: 'palm', label: 'PALM', options: { method: 'palm', kappa: 1e-3 } },
  ],
})
const tensor = { name: 'w', kind: 'conv', block: '', elements: 1 }
const lane = (id: string) => ({ id, label: id.toUpperCase(), method: id, tensors: id === 'source' ? [] : [tensor] })
const domain = (index: number) =>
  ({ index, name: `fog ${index}`, corruption: 'fog', severity: 5, images: 40, steps: 2, firstStep: 2 * index }) as const
const plan = {
  domains: [domain(0), domain(1), domain(2)],
  totalSteps: 6,
  totalImages: 120,
  lanes: [lane('source'), lane('tent'), lane('palm')],
} as unknown as RunPlan
const checkpoint = (id: number, own: string, index: number) => ({
  id,
  lane: own,
  step: 2 * index + 1,
  domain: index,
  sizeBytes: 10,
  createdAt: 0,
})
const metric = (own: string, index: number, correct: number): DomainMetric => ({
  lane: own,
  domain: index,
  images: 40,
  labelled: 40,
  correct,
  confidence: 0.5,
  entropy: 1,
  agreement: null,
  estimate: null,
})
const change = (id: number, option: string, from: number, to: number, step: number): OptionChange => ({
  id,
  lane: 'palm',
  option,
  from,
  to,
  step,
  at: 0,
})
const summary = {
  id: 3,
  name: '',
  status: 'stopped',
  createdAt: 0,
  finishedAt: null,
  step: 4,
  totalSteps: 6,
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
} satisfies RunSummary

function makeTimeline(some: Partial<RunSummary> = {}, others: readonly RunSummary[] = []) {
  const live = new LiveRun(3, (work) => work())
  const run: RunSummary = { ...summary, ...some }
  const snapshot: RunSnapshot = {
    seq: 0,
    run,
    plan,
    steps: [],
    domains: [metric('palm', 0, 10), metric('tent', 0, 20), metric('palm', 1, 30), metric('tent', 1, 40)],
    checkpoints: [
      checkpoint(1, 'tent', 0),
      checkpoint(2, 'palm', 0),
      checkpoint(3, 'tent', 1),
      checkpoint(4, 'palm', 1),
    ],
    collapses: [],
    skipped: [],
    skippedTotal: 0,
    progress: null,
    preview: [],
    damaged: [],
  }
  live.applySnapshot(snapshot)
  const adjusted: OptionRequest[] = []
  const branched: (BranchRequest & { later: boolean })[] = []
  let fails = false
  let waits = false
  const timeline = new Timeline(live, {
    runs: [run, ...others],
    adjust: async (_run, request) => {
      if (fails) return false
      adjusted.push(request)
      return true
    },
    get waiting() {
      return waits ? { when: 'Start when run 8 ends', instead: 'Stop run 8 and start' } : null
    },
    branch: async (request, later) => {
      if (fails) throw new PalmError('run-busy', 'Another run is under way.')
      branched.push({ ...request, later })
    },
    compareCheckpoints: async () => ({ rows: [], unmatched: [] }),
  })
  return { live, timeline, adjusted, branched, fail: (value: boolean) => (fails = value), wait: () => (waits = true) }
}

describe('the timeline', () => {
  test('goes along a lane and from lane to lane, and stops at the ends', () => {
    const { timeline } = makeTimeline()
    expect(timeline.lanes.map(({ id }) => id)).toEqual(['tent', 'palm'])
    expect(timeline.chosen).toBeNull()
    timeline.move(-1)
    expect(timeline.checkpoint?.id).toBe(4)
    timeline.move(1)
    expect(timeline.checkpoint?.id).toBe(4)
    timeline.move(-1)
    timeline.move(-1)
    expect(timeline.checkpoint?.id).toBe(2)
    timeline.moveLane(-1)
    expect(timeline.checkpoint?.id).toBe(1)
    timeline.moveLane(-1)
    expect(timeline.checkpoint?.id).toBe(1)
    timeline.move(Infinity)
    expect(timeline.checkpoint?.id).toBe(3)
    timeline.chooseNear('palm', -1)
    expect([timeline.checkpoint?.id, timeline.place]).toEqual([2, { index: 0, count: 2 }])
    const { timeline: other } = makeTimeline()
    other.move(-Infinity)
    expect(other.checkpoint?.id).toBe(2)
  })

  test('tells the error of the checkpoint’s domain and the mean up to it', () => {
    const { timeline } = makeTimeline()
    timeline.choose(4)
    expect(timeline.chosen).toMatchObject({ label: 'PALM', domain: 'fog 1', value: 25, mean: 50 })
    timeline.choose(2)
    expect(timeline.chosen).toMatchObject({ domain: 'fog 0', value: 75, mean: 75 })
  })

  test('takes up new checkpoints and forgets those that are gone; a chosen one among them is none any more', () => {
    const { live, timeline } = makeTimeline()
    timeline.choose(2)
    live.applyEvent({ event: 'checkpoint', seq: 1, checkpoint: checkpoint(9, 'palm', 2) })
    expect(timeline.last?.id).toBe(9)
    live.applyEvent({ event: 'forgotten', seq: 2, checkpoints: [1, 2, 3] })
    expect(live.checkpoints.map(({ id }) => id)).toEqual([4, 9])
    expect(timeline.chosen).toBeNull()
  })

  test('says why no run can be made from here: nothing is left, a webcam', () => {
    const obstacleOf = (some: Partial<RunSummary>, id: number, others: readonly RunSummary[] = []) => {
      const { timeline, live } = makeTimeline(some, others)
      live.applyEvent({ event: 'checkpoint', seq: 1, checkpoint: checkpoint(9, 'palm', 2) })
      timeline.choose(id)
      timeline.branch(true)
      return [timeline.obstacle, timeline.branching !== null]
    }
    expect(obstacleOf({}, 2)).toEqual([null, true])
    expect(obstacleOf({}, 9)).toEqual(['last', false])
    expect(obstacleOf({ status: 'paused' }, 2)).toEqual([null, true]) // it is lined up, or stopped first
    expect(obstacleOf({}, 2, [{ ...summary, id: 8, status: 'running' }])).toEqual([null, true])
    expect(obstacleOf({ options: { ...options, input: { kind: 'webcam', name: 'cam', spacingMs: 0 } } }, 2)).toEqual([
      'webcam',
      false,
    ])
  })

  test('knows from where other runs go on', () => {
    const child = (id: number, run: number, step: number): RunSummary => ({ ...summary, id, parent: { run, step } })
    expect(makeTimeline({}, [child(5, 3, 1), child(6, 3, 1), child(7, 2, 3)]).timeline.branchedAt).toEqual([1])
  })
})

describe('options of a run', () => {
  test('are shown as they are after all changes, checked as they are typed, and asked for one by one', async () => {
    const { live, timeline, adjusted, fail } = makeTimeline({ status: 'running' })
    live.applyEvent({ event: 'options', seq: 1, change: change(1, 'kappa', 1e-3, 4e-3, 3) })
    const { fields } = timeline
    expect(
      fields.lanes.map(({ lane: id, fields: own }) => [id, ...own.map(({ option, value }) => `${option} ${value}`)]),
    ).toEqual([
      ['tent', 'learningRate 0.001'],
      ['palm', 'kappa 0.004', 'temperature 50', 'eta 1', 'lambda 0.01'],
    ])
    const [kappa, , eta] = fields.lanes[1]!.fields
    fields.type(kappa!, 2)
    expect(fields.problem('palm')).toMatch(/kappa cannot be 2/)
    expect(fields.requests('palm')).toEqual([])
    fields.type(kappa!, null)
    expect(fields.problem('palm')).not.toBe('')
    fields.type(kappa!, 2e-3)
    fields.type(eta!, 0)
    expect([fields.problem(), fields.requests('tent')]).toEqual(['', []])
    fail(true)
    await timeline.apply('palm')
    expect([adjusted, fields.shown(kappa!)]).toEqual([[], 2e-3])
    fail(false)
    await timeline.apply('palm')
    expect(adjusted).toEqual([
      { lane: 'palm', option: 'kappa', value: 2e-3 },
      { lane: 'palm', option: 'eta', value: 0 },
    ])
    expect(fields.shown(eta!)).toBe(1) // until the session has recorded it
  })

  test('a change is taken back to what was before it, while the run is under way and as long as that is another value', async () => {
    const { live, timeline, adjusted } = makeTimeline({ status: 'running' })
    const [first, second] = [change(1, 'kappa', 1e-3, 4e-3, 2), change(2, 'kappa', 4e-3, 1e-3, 3)]
    live.applyEvent({ event: 'options', seq: 1, change: first })
    expect(timeline.canUndo(first)).toBe(true)
    await timeline.undo(first)
    expect(adjusted).toEqual([{ lane: 'palm', option: 'kappa', value: 1e-3 }])
    live.applyEvent({ event: 'options', seq: 2, change: second })
    expect([timeline.canUndo(first), timeline.canUndo(second)]).toEqual([false, true])
    live.applyEvent({ event: 'status', seq: 3, status: 'done', error: null, message: null })
    expect(timeline.canUndo(second)).toBe(false)
  })
})

describe('a branch', () => {
  test('begins with the options as they were at its step, and wants another one only where others are asked for', async () => {
    const { timeline, branched, fail } = makeTimeline({
      changes: [change(1, 'kappa', 1e-3, 4e-3, 1), change(2, 'kappa', 4e-3, 9e-3, 2)],
    })
    timeline.choose(2)
    timeline.branch(false)
    expect(timeline.branching?.ready).toBe(true)
    timeline.branch(true)
    const form = timeline.branching!
    const kappa = form.fields.lanes[1]!.fields[0]!
    expect([kappa.value, form.ready]).toEqual([4e-3, false])
    form.fields.type(kappa, 5e-3)
    form.name = ' bolder '
    fail(true)
    await form.submit()
    expect([form.state, form.error?.message]).toEqual(['asking', 'Another run is under way.'])
    fail(false)
    await form.submit()
    expect([form.state, branched]).toEqual([
      'started',
      [
        {
          run: 3,
          step: 1,
          options: [{ lane: 'palm', option: 'kappa', value: 5e-3 }],
          name: 'bolder',
          stop: false,
          later: false,
        },
      ],
    ])
  })

  test('is lined up while something computes, or takes its place', async () => {
    const { timeline, branched, wait } = makeTimeline()
    wait()
    for (const instead of [false, true]) {
      timeline.choose(2)
      timeline.branch(false)
      expect(timeline.branching?.waiting?.when).toBe('Start when run 8 ends')
      await timeline.branching?.submit(instead)
    }
    expect(branched).toMatchObject([
      { step: 1, later: true },
      { step: 1, stop: true, later: false },
    ])
  })
})

describe('a comparison', () => {
  const row = (
    name: string,
    kind: string,
    relative: number | null,
    changedShare = relative === 0 ? 0 : 1,
  ): TensorDifference => ({
    name,
    kind,
    block: name.split('.')[0] ?? '',
    elements: 10,
    relative,
    largest: relative,
    cosine: 1,
    changedShare,
  })
  const result: CompareResult = {
    rows: [
      row('a.conv', 'conv', 0.5),
      row('a.bn', 'bn-weight', 0),
      row('b.conv', 'conv', null),
      row('b.bn, odd', 'bn-weight', 0.7),
    ],
    unmatched: ['x'],
  }
  const names = (comparison: Comparison) => comparison.rows.map(({ name }) => name)

  test('sorts, with what is not known last either way; filters by words; tells what changed most', async () => {
    const comparison = new Comparison(1, [], null, 2, async () => result)
    expect([comparison.state, comparison.all]).toEqual(['working', null])
    await expect.poll(() => comparison.state).toBe('done')
    expect(names(comparison)).toEqual(['a.conv', 'a.bn', 'b.conv', 'b.bn, odd'])
    expect([comparison.changed, comparison.most?.name, comparison.unmatched]).toEqual([3, 'b.bn, odd', 1])
    comparison.sortBy('relative')
    expect(names(comparison)).toEqual(['b.bn, odd', 'a.conv', 'a.bn', 'b.conv'])
    comparison.sortBy('relative')
    expect(names(comparison)).toEqual(['a.bn', 'a.conv', 'b.bn, odd', 'b.conv'])
    comparison.filter = 'bn odd'
    expect(names(comparison)).toEqual(['b.bn, odd'])
    expect(comparison.csv()).toBe(
      'order,name,kind,block,elements,relative,largest,cosine,changedShare\n4,"b.bn, odd",bn-weight,b,10,0.7,0.7,1,1\n',
    )
    comparison.filter = ''
    comparison.changedOnly = true
    expect(names(comparison)).not.toContain('a.bn')
  })

  test('asks anew when a side changes, and an answer that comes too late counts for nothing', async () => {
    const asked: CompareRequest[] = []
    const answers: ((value: CompareResult) => void)[] = []
    const comparison = new Comparison(1, [], null, 2, (request) => {
      asked.push(request)
      return new Promise((resolve) => answers.push(resolve))
    })
    comparison.swap()
    comparison.choose('b', 5)
    expect(asked).toEqual([
      { run: 1, a: null, b: 2 },
      { run: 1, a: 2, b: null },
      { run: 1, a: 2, b: 5 },
    ])
    answers[2]?.(result)
    await expect.poll(() => comparison.state).toBe('done')
    answers[0]?.({ rows: [], unmatched: [] })
    await Promise.resolve()
    expect(comparison.all).toHaveLength(4)
  })

  test('says what went wrong', async () => {
    const comparison = new Comparison(1, [], null, 2, async () => {
      throw new PalmError('model-unreadable', 'The weights have changed.')
    })
    await expect.poll(() => comparison.error?.message).toBe('The weights have changed.')
    expect(comparison.all).toBeNull()
  })
})

describe('the storage view', () => {
  const space = (run: number, checkpointBytes: number) => ({
    run,
    checkpoints: 4,
    checkpointBytes,
    stateBytes: 1,
    stepBytes: 2,
    otherBytes: 0,
  })

  function makeStorage() {
    const asked: [string, unknown][] = []
    let usage: StorageUsage = {
      file: { fileBytes: 1000, freeBytes: 0, releasable: true },
      runs: [space(1, 10), space(2, 30)],
      policy: { keep: 'last', count: 3 },
    }
    const planOf = (policy: KeepPolicy): StoragePlan => ({
      runs: 1,
      checkpoints: policy.keep === 'all' ? 0 : 3,
      bytes: 9,
      left: 0,
    })
    const client = {
      call: async (method: string, request: unknown) => {
        asked.push([method, request])
        if (method === 'storage.usage') return usage
        if (method === 'storage.plan') return planOf((request as { policy: KeepPolicy }).policy)
        if (method === 'storage.apply') return { checkpoints: 3, bytes: 9 }
        if (method === 'storage.shrink') throw new PalmError('run-busy', 'Run 4 is under way.')
        usage = { ...usage, policy: request as KeepPolicy }
        return usage.policy
      },
    } as unknown as PalmClient
    return { storage: new StorageUse(client), asked }
  }

  test('takes up the rule, sums up, largest first', async () => {
    const { storage } = makeStorage()
    await storage.open()
    expect([storage.choice, storage.number, storage.isRule]).toEqual(['last', 3, true])
    expect(storage.rows.map(({ run }) => run)).toEqual([2, 1])
    expect(storage.sums).toMatchObject({ checkpoints: 8, checkpointBytes: 40, stepBytes: 4 })
  })

  test('a number that does not fit is no policy; another one can be the rule', async () => {
    const { storage, asked } = makeStorage()
    await storage.open()
    storage.choose('every')
    storage.setNumber(1)
    expect([storage.policy, storage.plan]).toEqual([null, null])
    storage.setNumber(2.5)
    expect(storage.policy).toBeNull()
    storage.setNumber(4)
    expect([storage.policy, storage.isRule]).toEqual([{ keep: 'every', k: 4 }, false])
    await storage.keepSo()
    expect(asked.at(-1)).toEqual(['storage.setPolicy', { keep: 'every', k: 4 }])
    expect(storage.isRule).toBe(true)
    storage.choose('only')
    expect(storage.policy).toEqual({ keep: 'last', count: 1 })
  })

  test('asks before it deletes; another choice withdraws the question; what fails is said', async () => {
    const { storage, asked } = makeStorage()
    await storage.open()
    storage.asking = true
    storage.choose('only')
    expect(storage.asking).toBe(false)
    expect(asked.some(([method]) => method === 'storage.apply')).toBe(false)
    await storage.apply()
    expect(storage.done).toEqual({ what: 'deleted', checkpoints: 3, bytes: 9 })
    expect(asked.find(([method]) => method === 'storage.apply')?.[1]).toEqual({
      policy: { keep: 'last', count: 1 },
      runs: null,
    })
    await storage.shrink()
    expect(storage.error?.message).toBe('Run 4 is under way.')
  })
})
