// Sweeps by name: what they are made of. Their results are in cells and runs.
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import { inputLayoutIds } from '#contract/inputs/input-layouts.ts'
import { sweepDefinitionSchema, type SweepDefinition } from '#contract/sweeps/sweep.ts'
import type { Connection } from '#store/open-database.ts'
import type { DamagedRow } from '#contract/data/damage.ts'
import { damagedRowOf, parseJson, parseRow, readEach, type ReadRows } from '#store/rows.ts'

const rowSchema = z.object({ id: z.number().int(), name: z.string(), definition: z.string(), created_at: z.number() })

const printSchema = z.object({ name: z.string(), hash: z.string() })
/** What inputs and models of a sweep were when they were last looked at. */
const rememberedPlanSchema = z.object({
  inputs: z.array(printSchema.extend({ images: z.number().int(), layout: z.enum(inputLayoutIds) })),
  models: z.array(printSchema.extend({ architecture: z.string(), classes: z.number().int(), flops: z.number() })),
  /** Hash of the source images. */
  source: z.string().nullable(),
  /** Why a lane cannot run on a model, by model and options. */
  refused: z.record(z.string(), z.string()),
})
export type RememberedPlan = z.output<typeof rememberedPlanSchema>

export interface StoredSweep {
  readonly id: number
  readonly name: string
  readonly definition: SweepDefinition
  readonly createdAt: number
}

export class SweepsTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  /** A sweep of the same name is replaced: its cells stay. */
  put(definition: SweepDefinition, createdAt: number): number {
    const row = this.db
      .prepare(
        'INSERT INTO sweeps (name, definition, created_at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET definition = excluded.definition RETURNING id',
      )
      .get(definition.name, JSON.stringify(definition), createdAt)
    return parseRow(z.object({ id: z.number().int() }), row, 'sweeps').id
  }

  /** Newest first; those that can be read. */
  list(): StoredSweep[] {
    return this.read().rows
  }

  damaged(): DamagedRow[] {
    return this.read().damaged
  }

  private read(): ReadRows<StoredSweep, DamagedRow> {
    const rows = this.db.prepare('SELECT * FROM sweeps ORDER BY id DESC').all()
    return readEach(rows, (row) => this.parse(row), damagedRowOf('sweeps'))
  }

  /** By name or number. @throws PalmError `sweep-not-found` */
  get(which: string): StoredSweep {
    const row = this.db
      .prepare('SELECT * FROM sweeps WHERE name = ? OR CAST(id AS TEXT) = ? ORDER BY name = ? DESC')
      .get(which, which, which)
    if (row === undefined)
      throw new PalmError('sweep-not-found', `There is no sweep “${which}”. \`palm sweeps\` lists them.`)
    return this.parse(row)
  }

  /** Of a sweep that is there; nothing happens for others. */
  remember(definition: SweepDefinition, plan: RememberedPlan): void {
    this.db
      .prepare(
        `INSERT INTO sweep_plans (sweep, definition, planned) SELECT id, definition, ? FROM sweeps WHERE name = ?
         ON CONFLICT (sweep) DO UPDATE SET definition = excluded.definition, planned = excluded.planned`,
      )
      .run(JSON.stringify(plan), definition.name)
  }

  /** Null where its inputs and models were never looked at as it stands now. */
  remembered(name: string): RememberedPlan | null {
    const row = this.db
      .prepare(
        'SELECT planned FROM sweep_plans JOIN sweeps ON sweeps.id = sweep AND sweeps.definition = sweep_plans.definition WHERE name = ?',
      )
      .get(name)
    if (row === undefined) return null
    const { planned } = parseRow(z.object({ planned: z.string() }), row, 'sweep_plans')
    return parseJson(rememberedPlanSchema, planned, `plan of sweep ${name}`)
  }

  remove(id: number): void {
    this.db.prepare('DELETE FROM sweeps WHERE id = ?').run(id)
  }

  private parse(value: unknown): StoredSweep {
    const row = parseRow(rowSchema, value, 'sweeps')
    return {
      id: row.id,
      name: row.name,
      definition: parseJson(sweepDefinitionSchema, row.definition, `sweep ${row.name}`),
      createdAt: row.created_at,
    }
  }
}
