// Database files as older versions of the program left them: a row in every table that there was.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { gatherStretches, packStretch, type PackedStretch, type StepRow } from '#store/codecs/step-stretch.ts'
import { openDatabase } from '#store/open-database.ts'

type Row = Readonly<Record<string, string | number | Uint8Array | null>>

const options = JSON.stringify(
  runOptionsSchema.parse({
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    lanes: [{ id: 'palm', label: 'PALM', options: { method: 'palm' } }],
  }),
)

/** The first step's row, packed. */
function packedStep(): PackedStretch {
  const row: StepRow = ['palm', '{"kl":23.4}', '{}', 0, 0, 10, 8, 5, 10, 3, 0.25, 0.7, 0.9, null, null, 12, 0]
  const [stretch] = gatherStretches([row])
  if (!stretch) throw new Error('There is one.')
  return packStretch(stretch)
}

/** The row of each table as the version that brought the table wrote it. */
const firstRows: readonly Readonly<Record<string, Row>>[] = [
  {
    runs: { id: 1, name: 'old', status: 'done', options, created_at: 5, finished_at: 9, step: 1, total_steps: 1 },
    steps: {
      run: 1,
      step: 0,
      lane: 'palm',
      domain: 0,
      images: 10,
      labelled: 8,
      correct: 5,
      seen: 10,
      losses: '{"kl":23.4}',
      kept: 3,
      adapted_share: 0.25,
      mean_confidence: 0.7,
      mean_entropy: 0.9,
      step_ms: 12,
      layers: null,
    },
    domain_metrics: { run: 1, domain: 0, lane: 'palm', images: 10, labelled: 8, correct: 5 },
    checkpoints: { id: 4, run: 1, lane: 'palm', step: 0, domain: 0, created_at: 6, delta: Uint8Array.of(1, 2, 3) },
    resume_states: { run: 1, lane: 'palm', step: 0, state: Uint8Array.of(4, 5) },
    skipped_files: { run: 1, path: 'a/broken.png', reason: 'is cut off' },
    settings: { key: 'settings', value: '{"theme":"dark"}' },
  },
  {
    collapses: { run: 1, lane: 'palm', step: 0, kind: 'few-classes', restored: -1 },
    sweeps: {
      id: 2,
      name: 'mine',
      definition: JSON.stringify({
        name: 'mine',
        inputs: [{ kind: 'sample' }],
        models: [{ kind: 'sample' }],
        preset: 'sample',
        methods: ['source'],
      }),
      created_at: 7,
    },
    cells: { key: 'cell', run: 1, lane: 'palm' },
  },
  {
    models: {
      id: 3,
      name: 'mine',
      file: 'models/3.safetensors',
      source_file: 'mine.pth',
      added_at: 8,
      hash: 'abc',
      format: 'torch',
      architecture: 'resnet20',
      parameters: 270_000,
      classes: 10,
      size_bytes: 1_100_000,
      mean: '[0.5,0.5,0.5]',
      std: '[0.25,0.25,0.25]',
      input_size: 32,
      class_names: null,
      licence: null,
    },
  },
  {},
  {
    run_images: { run: 1, sample: 4, name: 'forest/1.jpg' },
    step_images: {
      run: 1,
      step: 0,
      domain: 0,
      images: 1,
      samples: Uint8Array.of(4),
      labels: Uint8Array.of(2),
      positions: null,
    },
    predictions: {
      run: 1,
      lane: 'palm',
      step: 0,
      classes: Uint8Array.of(2),
      confidences: Uint8Array.of(255, 127),
    },
  },
  {
    option_changes: {
      id: 5,
      run: 1,
      lane: 'palm',
      option: 'eta',
      old_value: 1,
      new_value: 0.5,
      step: 0,
      at: 7,
    },
  },
  {
    step_stretches: { run: 1, stretch: 0, ...packedStep() },
    step_layers: { run: 1, step: 0, lane: 'tent', layers: Uint8Array.of(1) },
  },
  {
    queue: {
      id: 7,
      place: 1,
      work: '{"kind":"resume","run":1}',
      estimate: null,
      added_at: 9,
      held: 0,
      problem: null,
      removed_at: 10,
    },
  },
]

export interface OlderDatabase {
  readonly folder: string
  readonly file: string
  /** All rows of each table, before anything was migrated. */
  readonly rows: Tables
}

export type Tables = Readonly<Record<string, readonly Record<string, unknown>[]>>

/** A file whose schema is of `version`; whoever asked for it removes the folder. */
export function olderDatabase(version: number): OlderDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'palm-migration-'))
  const file = join(folder, 'palm.sqlite')
  const db = openDatabase(file, version)
  for (const [table, row] of firstRows.slice(0, version).flatMap((tables) => Object.entries(tables))) {
    const names = Object.keys(row)
    db.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`).run(
      ...Object.values(row),
    )
  }
  db.close()
  return { folder, file, rows: rowsIn(file) }
}

/** All rows of each table of a file, as they lie there. */
export function rowsIn(file: string): Tables {
  const db = new Database(file, { readonly: true })
  const names = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all() as string[]
  const tables = Object.fromEntries(
    names.map((name) => [name, db.prepare(`SELECT * FROM ${name}`).all() as Record<string, unknown>[]]),
  )
  db.close()
  return tables
}

export const versionOf = (file: string): unknown => {
  const db = new Database(file, { readonly: true })
  const version = db.pragma('user_version', { simple: true })
  db.close()
  return version
}

/** Columns by table that `after` has and `before` lacks. */
export function added(file: string, before: Tables): Record<string, string[]> {
  const db = new Database(file, { readonly: true })
  const columns = db
    .prepare(
      "SELECT t.name AS tab, c.name AS col FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.cid",
    )
    .all() as { tab: string; col: string }[]
  db.close()
  const out: Record<string, string[]> = {}
  for (const { tab, col } of columns) {
    const known = before[tab]?.[0]
    if (!known || !(col in known)) (out[tab] ??= []).push(col)
  }
  return out
}
