// Opens the database file and brings its schema up to date: each migration in one transaction, a copy of the old file kept beside it.
import { copyFileSync, existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { PalmError } from '#contract/errors.ts'
import { initial } from './migrations/001-initial.ts'
import { sweeps } from './migrations/002-sweeps.ts'
import { models } from './migrations/003-models.ts'
import { history } from './migrations/004-history.ts'
import { predictions } from './migrations/005-predictions.ts'
import { timeTravel } from './migrations/006-time-travel.ts'
import { sweepPlans } from './migrations/007-sweep-plans.ts'

export type Connection = Database.Database

/** In order; the schema's version is how many were applied. */
const migrations: readonly string[] = [initial, sweeps, models, history, predictions, timeTravel, sweepPlans]

/** @throws PalmError `store-damaged`, `disk-full`, `input-unreadable`, naming the file. */
export function openDatabase(file: string, upTo = migrations.length): Connection {
  let db: Connection | null = null
  try {
    db = new Database(file)
    db.pragma('busy_timeout = 10000')
    // Of a new file only, before anything is in it: space that is freed can be given back a little at a time.
    db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma('journal_mode = WAL')
    // With WAL, NORMAL survives a killed process without loss; a power cut may lose the last transactions, never damage the file.
    db.pragma('synchronous = NORMAL')
    db.pragma('foreign_keys = ON')
    migrate(db, file, upTo)
    return db
  } catch (thrown) {
    db?.close()
    throw storeError(thrown, file)
  }
}

function migrate(db: Connection, file: string, upTo: number): void {
  const version = () => db.pragma('user_version', { simple: true }) as number
  if (version() > migrations.length) {
    throw new PalmError(
      'store-damaged',
      `${file} was written by a newer version of PALM Studio. Use that version, or another data folder (--data).`,
    )
  }
  if (version() === upTo) return
  if (version() > 0 && existsSync(file)) {
    db.pragma('wal_checkpoint(TRUNCATE)')
    copyFileSync(file, `${file}.before-${version() + 1}`)
  }
  db.transaction(() => {
    for (let i = version(); i < upTo; i++) db.exec(migrations[i] as string)
    db.pragma(`user_version = ${upTo}`)
  }).immediate()
}

/** What went wrong with the file, in words; errors of our own pass through. */
export function storeError(thrown: unknown, file: string): unknown {
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  const detail = thrown instanceof Error ? thrown.message : String(thrown)
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    return new PalmError(
      'disk-full',
      `The disk is full (writing ${file}). Free some space, then resume the run: what was recorded is kept.`,
      detail,
      { cause: thrown },
    )
  }
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return new PalmError(
      'store-damaged',
      `${file} is not a readable database. Move it away (nothing in it is deleted) and start again, or use another data folder (--data).`,
      detail,
      { cause: thrown },
    )
  }
  if (code === 'SQLITE_CANTOPEN' || code === 'SQLITE_READONLY') {
    return new PalmError(
      'input-unreadable',
      `${file} cannot be opened for writing. Check the folder’s permissions, or use another data folder (--data).`,
      detail,
      { cause: thrown },
    )
  }
  return thrown
}
