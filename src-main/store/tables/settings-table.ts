// Settings of the app: JSON by key.
import { z } from 'zod'
import type { Connection } from '#store/open-database.ts'
import { parseJson, parseRow } from '#store/rows.ts'

export class SettingsTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  /** The stored value, or undefined. */
  get(key: string): unknown {
    const row = this.db.prepare('SELECT value FROM settings WHERE key = ?').get(key)
    if (row === undefined) return undefined
    return parseJson(z.unknown(), parseRow(z.object({ value: z.string() }), row, 'settings').value, `setting ${key}`)
  }

  set(key: string, value: unknown): void {
    this.db.prepare('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)').run(key, JSON.stringify(value))
  }
}
