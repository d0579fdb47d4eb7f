// Settings of the app: JSON by key.
import { z } from 'zod'
import type { Connection } from '#store/open-database.ts'
import type { DamagedRow } from '#contract/data/damage.ts'
import { damagedRowOf, jsonOf, parseRow, readEach } from '#store/rows.ts'

const rowSchema = z.object({ id: z.string(), value: z.string() })
function valueOf(row: unknown): unknown {
  const { id, value } = parseRow(rowSchema, row, 'settings')
  return jsonOf(value, `setting ${id}`)
}

export class SettingsTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  /** The stored value; undefined where there is none, or none that can be read (`damaged`). */
  get(key: string): unknown {
    const rows = this.db.prepare('SELECT key AS id, value FROM settings WHERE key = ?').all(key)
    return readEach(rows, valueOf, () => undefined).rows[0]
  }

  damaged(): DamagedRow[] {
    const rows = this.db.prepare('SELECT key AS id, value FROM settings ORDER BY key').all()
    return readEach(rows, valueOf, damagedRowOf('settings')).damaged
  }

  set(key: string, value: unknown): void {
    this.db.prepare('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)').run(key, JSON.stringify(value))
  }
}
