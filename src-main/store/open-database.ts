// Opens the database file and brings its schema up to date: each migration in one transaction, a copy of the old file kept beside it.
import { existsSync, renameSync, rmSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { PalmError, systemCode, systemFailure } from '#contract/errors.ts'
import { keepStatements } from './kept-statements.ts'
import { initial } from './migrations/001-initial.ts'
import { sweeps } from './migrations/002-sweeps.ts'
import { models } from './migrations/003-models.ts'
import { history } from './migrations/004-history.ts'
import { predictions } from './migrations/005-predictions.ts'
import { timeTravel } from './migrations/006-time-travel.ts'
import { stretches } from './migrations/007-stretches.ts'
import { queue } from './migrations/008-queue.ts'
import { sweepPlans } from './migrations/009-sweep-plans.ts'

export type Connection = Database.Database

/** In order; the schema's version is how many were applied. */
const migrations: readonly string[] = [
  initial,
  sweeps,
  models,
  history,
  predictions,
  timeTravel,
  stretches,
  queue,
  sweepPlans,
]

/** @throws PalmError `store-damaged`, `store-busy`, `disk-full`, `input-unreadable`, naming the file. */
export function openDatabase(file: string, upTo = migrations.length): Connection {
  let db: Connection | null = null
  try {
    refuseNewer(file)
    db = new Database(file)
    db.pragma('busy_timeout = 10000')
    // Of a new file only, before anything is in it: space that is freed can be given back a little at a time. Saying it again would write to the file.
    if (db.pragma('page_count', { simple: true }) === 0) db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma('journal_mode = WAL')
    // With WAL, NORMAL survives a killed process without loss; a power cut may lose the last transactions, never damage the file.
    db.pragma('synchronous = NORMAL')
    db.pragma('foreign_keys = ON')
    migrate(db, file, upTo)
    keepStatements(db)
    return db
  } catch (thrown) {
    db?.close()
    throw storeError(thrown, file)
  }
}

const versionOf = (db: Connection): number => db.pragma('user_version', { simple: true }) as number

/** Looked at through a connection that writes nothing: a file of a newer version stays as it is to the byte. */
function refuseNewer(file: string): void {
  if (!existsSync(file)) return
  const db = new Database(file, { readonly: true })
  try {
    if (versionOf(db) > migrations.length)
      throw new PalmError(
        'store-damaged',
        `${file} was written by a newer version of PALM Studio. Use that version, or another data folder (--data).`,
      )
  } finally {
    db.close()
  }
}

function migrate(db: Connection, file: string, upTo: number): void {
  if (versionOf(db) === upTo) return
  db.transaction(() => {
    // Asked again where nobody else writes: another program may have been quicker.
    const from = versionOf(db)
    if (from >= upTo) return
    if (from > 0) keepCopy(file, `${file}.before-${from + 1}`)
    for (const migration of migrations.slice(from, upTo)) db.exec(migration)
    db.pragma(`user_version = ${upTo}`)
  }).immediate()
}

/** Whole or not at all, whatever lies in the write-ahead log. Not by copying the file: closing it again would take this process's locks off it. */
function keepCopy(file: string, copy: string): void {
  const draft = `${copy}.part`
  rmSync(draft, { force: true })
  const db = new Database(file, { readonly: true })
  try {
    db.prepare('VACUUM INTO ?').run(draft)
    renameSync(draft, copy)
  } catch (thrown) {
    rmSync(draft, { force: true })
    throw thrown
  } finally {
    db.close()
  }
}

/** What went wrong with the file, in words; errors of our own pass through. */
export function storeError(thrown: unknown, file: string): unknown {
  const said = systemCode(thrown)
  if (said === null || !(thrown instanceof Error)) return thrown
  // SQLite finds a full disk in more places than it has a code for: growing its index of the log, bringing it to the disk.
  const code = said.startsWith('SQLITE_IOERR') && isFull(file) ? 'SQLITE_FULL' : said
  const known = systemFailure(code, file)
  return known ? new PalmError(known.code, known.message, thrown.message, { cause: thrown }) : thrown
}

function isFull(file: string): boolean {
  try {
    return statfsSync(dirname(file)).bavail < 16
  } catch {
    return false
  }
}
