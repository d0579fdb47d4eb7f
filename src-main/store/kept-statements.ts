// SQLite reads the text of a statement whenever it is prepared, which takes longer than running a small one: of a connection each text is prepared once.
import type Database from 'better-sqlite3'

/** More than the program has; texts that are put together from data take the place of others. */
const mostKept = 500

/** From now on `db.prepare` gives the same statement for the same text, but for one whose rows somebody is going through. */
export function keepStatements(db: Database.Database): void {
  const prepare = db.prepare.bind(db) as (sql: string) => Database.Statement
  const kept = new Map<string, Database.Statement>()
  const keeping = (sql: string): Database.Statement => {
    const known = kept.get(sql)
    if (known && !known.busy) return known.reader ? known.raw(false).pluck(false) : known
    const made = prepare(sql)
    if (!known) {
      if (kept.size >= mostKept) kept.delete(kept.keys().next().value ?? '')
      kept.set(sql, made)
    }
    return made
  }
  db.prepare = keeping as typeof db.prepare
}
