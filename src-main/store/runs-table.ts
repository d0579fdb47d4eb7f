// The runs: their options, plan, status and how far they are. Writes that belong to a step are made inside the session's transaction.
import { z } from 'zod'
import { PalmError, wireErrorSchema, type WireError } from '../contract/errors.ts'
import { domainMetricSchema, meanErrorPct, progressSchema, runPlanSchema, runStatusSchema, type Progress, type RunPlan, type RunStatus, type RunSummary } from '../contract/report.ts'
import { runOptionsSchema, type RunOptions } from '../contract/run-options.ts'
import type { Connection } from './open-database.ts'
import { parseJson, parseRow } from './rows.ts'

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

const inputNameOf = (input: RunOptions['input']): string => (input.kind === 'sample' ? 'EuroSAT sample' : input.kind === 'webcam' ? input.name : input.path)

const ended: readonly RunStatus[] = ['done', 'failed', 'stopped', 'interrupted']

export class RunsTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
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
    return this.summary(this.row(run))
  }

  /** Newest first. */
  list(): RunSummary[] {
    return this.db.prepare('SELECT * FROM runs ORDER BY id DESC').all().map((row) => this.summary(parseRow(rowSchema, row, 'runs')))
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
      .run(status, error ? JSON.stringify(error) : null, ended.includes(status) ? at : null, run)
    return this.nextSeq(run)
  }

  /** @returns the seq of the event that tells of it */
  setPlan(run: number, plan: RunPlan): number {
    this.db.prepare('UPDATE runs SET plan = ?, total_steps = ? WHERE id = ?').run(JSON.stringify(plan), plan.totalSteps, run)
    return this.nextSeq(run)
  }

  setProgress(run: number, step: number, progress: Progress): void {
    this.db.prepare('UPDATE runs SET step = ?, progress = ? WHERE id = ?').run(step, JSON.stringify(progress), run)
  }

  nextSeq(run: number): number {
    const row = this.db.prepare('UPDATE runs SET last_seq = last_seq + 1 WHERE id = ? RETURNING last_seq').get(run)
    return parseRow(z.object({ last_seq: z.number().int() }), row, `seq of run ${run}`).last_seq
  }

  private row(run: number): z.output<typeof rowSchema> {
    const row = this.db.prepare('SELECT * FROM runs WHERE id = ?').get(run)
    if (row === undefined) throw new PalmError('run-not-found', `There is no run ${run}. \`palm runs\` lists those that there are.`)
    return parseRow(rowSchema, row, `run ${run}`)
  }

  private summary(row: z.output<typeof rowSchema>): RunSummary {
    const options = parseJson(runOptionsSchema, row.options, `options of run ${row.id}`)
    const plan = row.plan === null ? null : parseJson(runPlanSchema, row.plan, `plan of run ${row.id}`)
    const metrics = this.db
      .prepare('SELECT lane, domain, images, labelled, correct FROM domain_metrics WHERE run = ? ORDER BY domain')
      .all(row.id)
      .map((metric) => parseRow(domainMetricSchema, metric, 'domain_metrics'))
    return {
      id: row.id,
      name: row.name,
      status: row.status,
      createdAt: row.created_at,
      finishedAt: row.finished_at,
      step: row.step,
      totalSteps: row.total_steps,
      options,
      inputName: plan?.inputName ?? inputNameOf(options.input),
      modelName: plan?.model.name ?? (options.model.kind === 'sample' ? 'EuroSAT ResNet-20' : options.model.path),
      lanes: options.lanes.map((lane) => ({
        id: lane.id,
        label: lane.label,
        method: lane.options.method,
        meanErrorPct: meanErrorPct(metrics.filter((metric) => metric.lane === lane.id)),
      })),
      error: row.error === null ? null : parseJson(wireErrorSchema, row.error, `error of run ${row.id}`),
    }
  }
}
