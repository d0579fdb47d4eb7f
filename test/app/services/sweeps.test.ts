// Sweeps over real sessions and a real store: cells are known by content, computed once, and gone on with after an end that nobody wished for.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forkedProcesses } from '#app/wiring/processes.ts'
import { cellsOf, expandMethods } from '#app/services/sweeps/sweep-cells.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import { benchmarkCorruptions } from '#contract/inputs/corruption.ts'
import { sweepDefinitionSchema, type SweepDefinitionInput } from '#contract/sweeps/sweep.ts'
import { tablesOf } from '#contract/tables/sweep-table.ts'
import { sweepsOf } from '#app/wiring/sweeps.ts'
import { openWorkspace, type Workspace } from '#app/wiring/workspace.ts'
import { narrowResources } from '#test/helpers/narrow-sample.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const base: SweepDefinitionInput = {
  name: 'small',
  inputs: [{ kind: 'sample' }],
  models: [{ kind: 'sample' }],
  source: { kind: 'sample' },
  sourceLimit: 40,
  preset: 'sample',
  methods: ['source', 'eata', { method: 'palm', lambda: [0, 0.05] }],
  corruptions: ['fog', 'contrast'],
  limit: 40,
  batchSize: 20,
  seeds: [0, 1],
}
/** As cells were keyed at the commit before `imageOrder`. */
const plainCells: Partial<SweepDefinitionInput> = {
  methods: ['source'],
  source: null,
  sourceLimit: 2000,
  corruptions: [...benchmarkCorruptions],
  limit: null,
  batchSize: null,
  seeds: [0],
}
const define = (more: Partial<SweepDefinitionInput> = {}) => sweepDefinitionSchema.parse({ ...base, ...more })

describe('cells', () => {
  const prints = { inputs: ['i'], models: [{ hash: 'm', classes: 10 }], source: 's' }
  const keys = (more: Partial<SweepDefinitionInput> = {}, own = prints) =>
    cellsOf(define(more), own).map(({ key }) => key)

  test('are every combination of a grid, labelled by what varies', () => {
    expect(expandMethods(define(), 10).map(({ label }) => label)).toEqual([
      'Source',
      'EATA',
      'PALM, lambda 0',
      'PALM, lambda 0.05',
    ])
    expect(
      expandMethods(define({ methods: [{ method: 'palm', kappa: [1e-4, 1e-3], alpha: [0.5, 0.9] }] }), 10),
    ).toHaveLength(4)
    expect(keys()).toHaveLength(8)
    expect(new Set(keys()).size).toBe(8)
  })

  test('have the same key for the same content, whatever the sweep is called or else holds', () => {
    expect(
      keys({
        name: 'other',
        title: 'x',
        methods: ['source', { method: 'eata', margin: null }, { method: 'palm', lambda: [0, 0.05] }],
      }),
    ).toEqual(keys())
    expect(keys({ seeds: [1] })).toEqual(keys().filter((_, i) => i % 2 === 1))
  })

  test('have another key for anything that changes a number', () => {
    const before = new Set(keys())
    const other: Partial<SweepDefinitionInput>[] = [
      { limit: 41 },
      { batchSize: 10 },
      { corruptions: ['contrast', 'fog'] },
      { severities: [4] },
      { cycles: 2 },
      { window: 40 },
      { guard: true },
      { schedules: ['mixed'] },
      { seeds: [2] },
      { family: 'imagenet' },
      { imageOrder: 'file' },
    ]
    for (const more of other)
      expect(
        keys(more).some((key) => before.has(key)),
        JSON.stringify(more),
      ).toBe(false)
    expect(keys({}, { ...prints, models: [{ hash: 'n', classes: 10 }] }).some((key) => before.has(key))).toBe(false)
    expect(keys({}, { ...prints, inputs: ['j'] }).some((key) => before.has(key))).toBe(false)
  })

  test('do not depend on what they do not look at', () => {
    const same = keys({}, { ...prints, source: 'other' })
    expect(same.map((key, i) => key === keys()[i])).toEqual([true, true, false, false, true, true, true, true])
    expect(keys({ dirichletDelta: 9 })).toEqual(keys())
    expect(keys({ schedules: ['mixed'], imageOrder: 'file' })).toEqual(keys({ schedules: ['mixed'] }))
  })

  test('are found again that were computed before images could come in the order of their files', () => {
    const [source] = cellsOf(sweepDefinitionSchema.parse({ ...base, ...plainCells }), prints)
    expect(source?.key.slice(0, 16)).toBe('373ec4840f10e4ab')
  })
})

describe('a sweep', () => {
  let dataFolder: string
  let workspace: Workspace
  let sweeps: SweepService

  async function open(devices = 1): Promise<void> {
    workspace = await openWorkspace({
      data: dataFolder,
      resourcesFolder: narrowResources,
      startSession: forkedProcesses().session,
      workers: 1,
      preview: false,
      findSlots: async () =>
        Array.from({ length: devices }, (_, i) => ({ id: `cpu:${i}`, kind: 'cpu' as const, name: '', card: null })),
    })
    await workspace.runs.sessions.slots.find()
    sweeps = sweepsOf(workspace, forkedProcesses().probe)
  }
  async function close(): Promise<void> {
    await sweeps.close()
    await workspace.runs.sessions.close()
    workspace.store.close()
  }
  async function toEnd(id: number): Promise<void> {
    sweeps.start(id)
    expect(await sweeps.over()).toBeNull()
  }

  beforeAll(async () => {
    dataFolder = mkdtempSync(join(tmpdir(), 'palm-sweeps-'))
    await open()
  })
  afterAll(async () => {
    await close()
    rmSync(dataFolder, { recursive: true, force: true })
  })

  test('shares streams, is cut off by a kill, goes on in a new program to the numbers of an uninterrupted one, and computes nothing twice', async () => {
    const id = sweeps.define(define())
    expect(await sweeps.plan(id)).toMatchObject({ cells: 8, done: 0, runs: 2, images: 640, refused: [] })
    let events = 0
    const stop = sweeps.onChange((state) => {
      events += 1
      const [run] = state.activeRuns
      if (run === undefined || events > 2) return
      const unfollow = workspace.runs.feeds.follow(run, {
        snapshot: () => undefined,
        event: (event) =>
          void (event.event === 'step' && workspace.runs.sessions.isActive(run) && workspace.runs.sessions.kill(run)),
        error: () => undefined,
      })
      void workspace.runs.sessions.over(run).then(unfollow)
    })
    sweeps.start(id)
    expect(await sweeps.over()).toMatch(/ended|died|killed|interrupted/i)
    stop()
    const cut = await sweeps.state(id)
    expect(cut.done).toBeLessThan(8)
    await close()
    // From here on as on a machine with two cards: what was cut off and what is new are computed at the same time.
    await open(2)
    let most = 0
    const count = sweeps.onChange(({ activeRuns }) => (most = Math.max(most, activeRuns.length)))
    await toEnd(sweeps.define(define()))
    count()
    expect(most).toBe(2)
    expect(await sweeps.state(id)).toMatchObject({ state: 'done', cells: 8, done: 8 })
    expect(workspace.runs.catalogue.list()).toHaveLength(2)

    const results = await sweeps.results('small')
    expect(results.rows.map(({ label }) => label)).toEqual(['Source', 'EATA', 'PALM, lambda 0', 'PALM, lambda 0.05'])
    for (const row of results.rows) for (const seed of row.seeds) expect(seed?.perDomain).toHaveLength(2)
    expect(results.protocol).toContain('batch 20')
    expect(results.protocol).toContain('normalisation mean')
    expect(results.guessing).toEqual([])
    expect(tablesOf(results, 'errors')[0]?.head).toEqual(['error %', 'fog', 'contrast', 'mean', 'std', 'gain'])
    const [importance] = await sweeps.importance('small')
    expect(importance?.domains).toEqual(['fog 5', 'contrast 5'])
    expect(importance?.values.flat().some((value) => value !== null)).toBe(true)

    // A run of its own gives the same numbers as the cell that was killed on the way.
    const { options } = workspace.runs.catalogue.get(1)
    const alone = workspace.runs.sessions.start({ ...options, name: 'alone' })
    await workspace.runs.sessions.over(alone)
    const palm = (run: number) => workspace.store.snapshot(run).domains.filter(({ lane }) => lane === 'palm-2')
    expect(palm(alone)).toEqual(palm(1))

    // Extended: only what is new is computed.
    const more = sweeps.define(define({ seeds: [0, 1], methods: [...(base.methods as string[]), 'norm'] as never }))
    expect(await sweeps.plan(more)).toMatchObject({ cells: 10, done: 8, runs: 2 })
    const before = workspace.runs.catalogue.list().length
    await toEnd(more)
    expect(
      workspace.runs.catalogue
        .list()
        .slice(0, workspace.runs.catalogue.list().length - before)
        .map(({ options: made }) => made.lanes.map(({ id: lane }) => lane)),
    ).toEqual([['norm'], ['norm']])
  })

  test('leaves out what a model cannot take, and says why', async () => {
    const id = sweeps.define(define({ name: 'without', source: null, methods: ['source', 'rmt'], seeds: [5] }))
    const plan = await sweeps.plan(id)
    expect(plan.cells).toBe(1)
    expect(plan.refused).toEqual([{ label: 'RMT', reason: expect.stringContaining('needs source images') }])
    await toEnd(id)
    const results = await sweeps.results('without')
    expect(results.rows[1]?.refused).toContain('needs source images')
    expect(tablesOf(results, 'errors')[0]?.notes.join(' ')).toContain('RMT was left out')
  })

  test('a model under a wrong normalisation is called no better than guessing, once, beside the right one', async () => {
    const wrong = {
      kind: 'file',
      path: here('../../../resources/models/eurosat-resnet20.safetensors'),
      name: 'wrong',
      normalization: {
        mean: [9, 9, 9] as [number, number, number],
        std: [0.01, 0.01, 0.01] as [number, number, number],
      },
    } as const
    const id = sweeps.define(
      define({ name: 'guessing', models: [{ kind: 'sample' }, wrong], methods: ['source'], seeds: [0, 1] }),
    )
    await toEnd(id)
    const { guessing } = await sweeps.results('guessing')
    expect(guessing).toMatchObject([{ model: 'wrong', mean: [9, 9, 9] }])
    expect(guessing[0]?.check.correct).toBeLessThan(0.3 * (guessing[0]?.check.labelled ?? 0))
  })

  test('an estimate exists before and after anything was measured', async () => {
    const id = sweeps.define(define({ name: 'estimate', seeds: [9] }))
    expect((await sweeps.plan(id)).estimateMs).toBeGreaterThan(0)
  })

  test('two at once are refused, and a definition that does not fit is said before anything is kept', () => {
    expect(() => sweeps.define(define({ name: 'bad', methods: [{ method: 'palm', kappa: -1 }] }))).toThrow(/kappa/)
    expect(() => sweeps.definition('bad')).toThrow(/no sweep/)
  })
})
