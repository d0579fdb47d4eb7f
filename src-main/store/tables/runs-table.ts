// The runs: their options, plan, status and how far they are. Writes that belong to a step are made inside the session's transaction.
import { inputKindOf } from '#contract/inputs/input-kinds.ts'
import { z } from 'zod'
import { devicesOf, usedDeviceSchema, type UsedDevice } from '#contract/devices.ts'
import { PalmError, wireErrorSchema, type WireError } from '#contract/errors.ts'
import { lastPart } from '#contract/places.ts'
import {
  endedStatuses,
  meanErrorPct,
  progressSchema,
  runPlanSchema,
  runStatusSchema,
  type Progress,
  type RunChanges,
  type RunPlan,
  type RunStatus,
  type RunSummary,
} from '#contract/tables/report.ts'
import type { OptionChange } from '#contract/runs/option-change.ts'
import { runOptionsSchema, type RunOptions } from '#contract/runs/run-options.ts'
import { ChangesTable } from './changes-table.ts'
import type { Connection } from '#store/open-database.ts'
import type { DamagedRow } from '#contract/data/damage.ts'
import { ByRun } from '#store/by-run.ts'
import { damagedRowOf, parseJson, parseRow, readEach, type ReadRows } from '#store/rows.ts'

/** Made once: a schema is compiled when it is first used, and this one is used at every step. */
const seqSchema = z.object({ last_seq: z.number().int() })

const rowSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  status: runStatusSchema,
  options: z.string(),
  plan: z.string().nullable(),
  error: z.string().nullable(),
  progress: z.string().nullable(),
  created_at: z.number(),
  finished_at: z.number().nullable(),
  step: z.number().int(),
  total_steps: z.number().int(),
  last_seq: z.number().int(),
})

/** What a line of a list needs; of the plan, which is large, two names and what computed it. */
const summarySchema = z.object({
  id: z.number().int(),
  name: z.string(),
  status: runStatusSchema,
  options: z.string(),
  error: z.string().nullable(),
  created_at: z.number(),
  finished_at: z.number().nullable(),
  step: z.number().int(),
  total_steps: z.number().int(),
  note: z.string(),
  tags: z.string(),
  archived: z.number(),
  deleted_at: z.number().nullable(),
  parent_run: z.number().int().nullable(),
  parent_step: z.number().int().nullable(),
  input_name: z.string().nullable(),
  model_name: z.string().nullable(),
  devices: z.string().nullable(),
  versions: z.string().nullable(),
  /** Null without a plan. */
  plan_valid: z.literal(1, { error: 'its plan is no JSON' }).nullable(),
})
/** Null as well where the plan is no JSON: that would end the whole query. */
const ofPlan = (path: string) => `(SELECT iif(json_valid(plan), json_extract(plan, '$.${path}'), NULL))`
const summaryColumns = `id, name, status, options, error, created_at, finished_at, step, total_steps, note, tags, archived, deleted_at, parent_run, parent_step,
  ${ofPlan('inputName')} AS input_name, ${ofPlan('model.name')} AS model_name, ${ofPlan('devices')} AS devices, ${ofPlan('versions')} AS versions,
  json_valid(plan) AS plan_valid`
const tagsSchema = z.array(z.string())

const countsSchema = z.object({
  run: z.number().int(),
  lane: z.string(),
  domain: z.number().int(),
  images: z.number().int().nonnegative(),
  labelled: z.number().int().nonnegative(),
  correct: z.number().int().nonnegative(),
})
type Counts = z.output<typeof countsSchema>

const notFound = (run: number) => new PalmError('run-not-found', `There is no run ${run}. \`palm runs\` lists them.`)

export class RunsTable {
  private readonly db: Connection
  private readonly changes: ChangesTable

  constructor(db: Connection) {
    this.db = db
    this.changes = new ChangesTable(db)
  }

  /** @returns the new run's number */
  createRun(options: RunOptions, createdAt: number): number {
    const { lastInsertRowid } = this.db
      .prepare('INSERT INTO runs (name, status, options, created_at) VALUES (?, ?, ?, ?)')
      .run(options.name, 'queued', JSON.stringify(options), createdAt)
    return Number(lastInsertRowid)
  }

  /** @throws PalmError `run-not-found` */
  get(run: number): RunSummary {
    const row = this.db.prepare(`SELECT ${summaryColumns} FROM runs WHERE id = ?`).get(run)
    if (row === undefined) throw notFound(run)
    return this.summary(
      parseRow(summarySchema, row, `run ${run}`),
      this.counts('WHERE run = ?', run).of(run),
      this.changes.list(run),
    )
  }

  /** Newest first; those that can be read. */
  list(which: { readonly deleted: boolean } = { deleted: false }): RunSummary[] {
    return this.read(which.deleted).rows
  }

  /** Those that cannot: something of their row, their domains' sums or their changed options does not fit. */
  damaged(which: { readonly deleted: boolean } = { deleted: false }): DamagedRow[] {
    return this.read(which.deleted).damaged
  }

  private read(deleted: boolean): ReadRows<RunSummary, DamagedRow> {
    const counts = this.counts('')
    const changes = this.changes.byRun()
    const rows = this.db
      .prepare(`SELECT ${summaryColumns} FROM runs ${deleted ? '' : 'WHERE deleted_at IS NULL'} ORDER BY id DESC`)
      .all()
    const parse = (value: unknown): RunSummary => {
      const row = parseRow(summarySchema, value, 'runs')
      return this.summary(row, counts.of(row.id), changes.of(row.id))
    }
    return readEach(rows, parse, damagedRowOf('runs'))
  }

  /** The newest ones that came to their end, by number: without reading what they are. */
  latestDone(limit: number): number[] {
    return this.db
      .prepare(`SELECT id FROM runs WHERE status = 'done' AND deleted_at IS NULL ORDER BY id DESC LIMIT ?`)
      .all(limit)
      .map((row) => parseRow(z.object({ id: z.number().int() }), row, 'runs').id)
  }

  /** @throws PalmError `run-not-found` */
  change(run: number, { name, note, tags, archived }: RunChanges): void {
    this.row(run)
    const set = (column: string, value: string | number) =>
      this.db.prepare(`UPDATE runs SET ${column} = ? WHERE id = ?`).run(value, run)
    if (name !== undefined) set('name', name)
    if (note !== undefined) set('note', note)
    if (tags !== undefined) set('tags', JSON.stringify([...new Set(tags)]))
    if (archived !== undefined) set('archived', archived ? 1 : 0)
  }

  /** @throws PalmError `run-not-found` */
  tags(run: number): string[] {
    const row = this.db.prepare('SELECT tags FROM runs WHERE id = ?').get(run)
    if (row === undefined) throw notFound(run)
    return parseJson(tagsSchema, parseRow(z.object({ tags: z.string() }), row, `run ${run}`).tags, `tags of run ${run}`)
  }

  /** Marks it as deleted, or not any more. @throws PalmError `run-not-found` */
  setDeleted(run: number, at: number | null): void {
    if (this.db.prepare('UPDATE runs SET deleted_at = ? WHERE id = ?').run(at, run).changes === 0) throw notFound(run)
  }

  /** Removes for good what was deleted before. */
  purge(before: number): void {
    this.db.prepare('DELETE FROM runs WHERE deleted_at < ?').run(before)
  }

  /** Removes a run for good, at once. */
  remove(run: number): void {
    this.db.prepare('DELETE FROM runs WHERE id = ?').run(run)
  }

  options(run: number): RunOptions {
    return parseJson(runOptionsSchema, this.row(run).options, `options of run ${run}`)
  }

  plan(run: number): RunPlan | null {
    const { plan } = this.row(run)
    return plan === null ? null : parseJson(runPlanSchema, plan, `plan of run ${run}`)
  }

  progress(run: number): Progress | null {
    const { progress } = this.row(run)
    return progress === null ? null : parseJson(progressSchema, progress, `progress of run ${run}`)
  }

  lastSeq(run: number): number {
    return this.row(run).last_seq
  }

  /** @returns the seq of the event that tells of it */
  setStatus(run: number, status: RunStatus, error: WireError | null, at: number): number {
    this.db
      .prepare('UPDATE runs SET status = ?, error = ?, finished_at = ? WHERE id = ?')
      .run(status, error ? JSON.stringify(error) : null, endedStatuses.includes(status) ? at : null, run)
    return this.nextSeq(run)
  }

  /** @returns the seq of the event that tells of it */
  setPlan(run: number, plan: RunPlan): number {
    this.db
      .prepare('UPDATE runs SET plan = ?, total_steps = ? WHERE id = ?')
      .run(JSON.stringify(plan), plan.totalSteps, run)
    return this.nextSeq(run)
  }

  setProgress(run: number, step: number, progress: Progress): void {
    this.db.prepare('UPDATE runs SET step = ?, progress = ? WHERE id = ?').run(step, JSON.stringify(progress), run)
  }

  nextSeq(run: number): number {
    const row = this.db.prepare('UPDATE runs SET last_seq = last_seq + 1 WHERE id = ? RETURNING last_seq').get(run)
    return parseRow(seqSchema, row, `seq of run ${run}`).last_seq
  }

  private row(run: number): z.output<typeof rowSchema> {
    const row = this.db.prepare('SELECT * FROM runs WHERE id = ?').get(run)
    if (row === undefined) throw notFound(run)
    return parseRow(rowSchema, row, `run ${run}`)
  }

  /** Images by run, lane and domain. */
  private counts(where: string, ...values: number[]): ByRun<Counts> {
    const rows = this.db
      .prepare(`SELECT run, lane, domain, images, labelled, correct FROM domain_metrics ${where} ORDER BY run, domain`)
      .all(...values)
    return new ByRun(rows, (row) => parseRow(countsSchema, row, 'domain_metrics'))
  }

  private summary(
    row: z.output<typeof summarySchema>,
    counts: readonly Counts[],
    changes: readonly OptionChange[],
  ): RunSummary {
    const options = parseJson(runOptionsSchema, row.options, `options of run ${row.id}`)
    const metrics = counts.map((count) => ({
      ...count,
      confidence: null,
      entropy: null,
      agreement: null,
      estimate: null,
    }))
    return {
      id: row.id,
      name: row.name,
      status: row.status,
      createdAt: row.created_at,
      finishedAt: row.finished_at,
      step: row.step,
      totalSteps: row.total_steps,
      options,
      inputName: row.input_name ?? inputKindOf(options.input).nameOf(options.input),
      modelName:
        row.model_name ?? (options.model.kind === 'sample' ? 'EuroSAT ResNet-20' : lastPart(options.model.path)),
      lanes: options.lanes.map((lane) => ({
        id: lane.id,
        label: lane.label,
        method: lane.options.method,
        meanErrorPct: meanErrorPct(metrics.filter((metric) => metric.lane === lane.id)),
      })),
      error: row.error === null ? null : parseJson(wireErrorSchema, row.error, `error of run ${row.id}`),
      note: row.note,
      tags: parseJson(tagsSchema, row.tags, `tags of run ${row.id}`),
      archived: row.archived !== 0,
      deletedAt: row.deleted_at,
      parent:
        row.parent_run === null || row.parent_step === null ? null : { run: row.parent_run, step: row.parent_step },
      changes: [...changes],
      devices: [...devicesOfRow(row)],
    }
  }
}

const devicesSchema = z.array(usedDeviceSchema)
const versionsSchema = z.record(z.string(), z.string())

function devicesOfRow({ id, devices, versions }: z.output<typeof summarySchema>): readonly UsedDevice[] {
  return devicesOf({
    devices: devices === null ? [] : parseJson(devicesSchema, devices, `devices of run ${id}`),
    versions: versions === null ? {} : parseJson(versionsSchema, versions, `versions of run ${id}`),
  })
}
