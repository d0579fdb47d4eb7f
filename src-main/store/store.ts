// The database of a data folder: runs, steps, checkpoints, settings. One writer per run (its session process); others read beside it.
import type { PalmError } from '#contract/errors.ts'
import type { RunSnapshot } from '#contract/tables/report.ts'
import { Branches } from './branches.ts'
import { CellsTable } from './tables/cells-table.ts'
import { ChangesTable } from './tables/changes-table.ts'
import { CheckpointsTable } from './tables/checkpoints-table.ts'
import { CollapsesTable } from './tables/collapses-table.ts'
import { openDatabase, storeError, type Connection } from './open-database.ts'
import { ModelsTable } from './tables/models-table.ts'
import { PredictionsTable } from './tables/predictions-table.ts'
import { QueueTable } from './tables/queue-table.ts'
import { Damage } from './damage.ts'
import { damagedPart } from './rows.ts'
import { RunFiles } from './run-files.ts'
import { RunsTable } from './tables/runs-table.ts'
import { SettingsTable } from './tables/settings-table.ts'
import { SkippedTable } from './tables/skipped-table.ts'
import { Space } from './space.ts'
import { StepsTable } from './tables/steps-table.ts'
import { SweepsTable } from './tables/sweeps-table.ts'

export class Store {
  readonly runs: RunsTable
  readonly steps: StepsTable
  readonly checkpoints: CheckpointsTable
  readonly skipped: SkippedTable
  readonly settings: SettingsTable
  readonly collapses: CollapsesTable
  readonly sweeps: SweepsTable
  readonly cells: CellsTable
  readonly models: ModelsTable
  readonly predictions: PredictionsTable
  readonly changes: ChangesTable
  readonly branches: Branches
  readonly queue: QueueTable
  readonly space: Space
  readonly runFiles: RunFiles
  readonly damage: Damage
  private readonly db: Connection
  private readonly file: string

  constructor(db: Connection, file: string) {
    this.db = db
    this.file = file
    this.runs = new RunsTable(db)
    this.steps = new StepsTable(db)
    this.checkpoints = new CheckpointsTable(db)
    this.skipped = new SkippedTable(db)
    this.settings = new SettingsTable(db)
    this.collapses = new CollapsesTable(db)
    this.sweeps = new SweepsTable(db)
    this.cells = new CellsTable(db)
    this.models = new ModelsTable(db)
    this.predictions = new PredictionsTable(db)
    this.changes = new ChangesTable(db)
    this.branches = new Branches(db)
    this.queue = new QueueTable(db)
    this.space = new Space(db)
    this.runFiles = new RunFiles(db)
    this.damage = new Damage(db, this)
  }

  /** All or nothing, on disk when it returns. @throws PalmError `disk-full`, `store-damaged` */
  transaction<T>(work: () => T): T {
    try {
      return this.db.transaction(work).immediate()
    } catch (thrown) {
      throw storeError(thrown, this.file)
    }
  }

  /** All rows of a run as of one moment, without layer reports. @throws PalmError `run-not-found` */
  snapshot(run: number): RunSnapshot {
    return this.read(run, true)
  }

  /** The same but for the steps, which are most of it. */
  snapshotWithoutSteps(run: number): RunSnapshot {
    return this.read(run, false)
  }

  private read(run: number, steps: boolean): RunSnapshot {
    return this.db.transaction(() => {
      const skipped = this.skipped.read(run)
      const checkpoints = this.checkpoints.read(run)
      const collapses = this.collapses.read(run)
      const damagedSteps: PalmError[] = []
      return {
        seq: this.runs.lastSeq(run),
        run: this.runs.get(run),
        plan: this.runs.plan(run),
        steps: steps ? this.steps.columns(run, (error) => damagedSteps.push(error)) : [],
        domains: this.steps.domains(run),
        checkpoints: checkpoints.rows,
        collapses: collapses.rows,
        skipped: skipped.rows,
        skippedTotal: skipped.rows.length,
        progress: this.runs.progress(run),
        preview: [],
        damaged: [
          ...damagedPart('steps', damagedSteps),
          ...damagedPart('checkpoints', checkpoints.damaged),
          ...damagedPart('collapses', collapses.damaged),
          ...damagedPart('skipped_files', skipped.damaged),
        ],
      }
    })()
  }

  /** Writes the file anew, smaller. Long. @throws PalmError `disk-full` */
  rewriteFile(): void {
    try {
      this.space.rewrite()
    } catch (thrown) {
      throw storeError(thrown, this.file)
    }
  }

  close(): void {
    this.db.close()
  }
}

/** @throws PalmError `store-damaged`, `disk-full`, `input-unreadable` */
export function openStore(file: string): Store {
  return new Store(openDatabase(file), file)
}
