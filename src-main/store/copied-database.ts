// A database that was copied to another folder: whether it is whole and holds what the original holds, and the paths in it that led into
// the old folder (models of the library, of runs, of sweeps). Knows no table by name, so that tables to come are looked after too.
import Database from 'better-sqlite3'
import { PalmError } from '#contract/errors.ts'
import { storeError, type Connection } from './open-database.ts'

/** SQLite's own check of every table and its indices, and as many rows in each. `checked`: share of all rows so far. @throws PalmError `store-damaged` */
export function verifyCopy(original: string, copy: string, checked: (share: number) => void = () => undefined): void {
  const from = open(original)
  try {
    const to = open(copy)
    try {
      const rows = new Map(tables(from).map((table) => [table, count(from, table)]))
      const all = [...rows.values()].reduce((sum, n) => sum + n, 1)
      let done = 0
      for (const table of ['sqlite_schema', ...tables(to)]) {
        const found = to.pragma(`integrity_check(${quoted(table)})`) as { integrity_check: string }[]
        if (found[0]?.integrity_check !== 'ok')
          throw new PalmError(
            'store-damaged',
            `The copy of the database at ${copy} is damaged. Nothing was changed: the old folder is as it was.`,
            found.map((row) => row.integrity_check).join('\n'),
          )
        checked((done += rows.get(table) ?? 0) / all)
      }
      for (const [table, n] of rows) {
        if (!tables(to).includes(table) || count(to, table) !== n)
          throw new PalmError(
            'store-damaged',
            `The copy of the database at ${copy} does not hold all of ${table}. Nothing was changed: the old folder is as it was.`,
          )
      }
    } finally {
      to.close()
    }
  } catch (thrown) {
    throw storeError(thrown, copy)
  } finally {
    from.close()
  }
}

/** Every text that is a path inside of `from`, or JSON with such paths in it, leads into `to` afterwards. @returns how many texts were changed */
export function redirectPaths(file: string, from: string, to: string): number {
  const db = open(file)
  let changed = 0
  try {
    db.transaction(() => {
      for (const table of tables(db)) {
        const columns = db.pragma(`table_info(${quoted(table)})`) as { name: string; type: string; pk: number }[]
        const keys = columns.filter(({ pk }) => pk > 0).map(({ name }) => name)
        if (keys.length === 0) continue
        for (const { name: column } of columns.filter(({ type, pk }) => type === 'TEXT' && pk === 0)) {
          const select = `SELECT ${[...keys, column].map(quoted).join(', ')} FROM ${quoted(table)} WHERE instr(${quoted(column)}, ?) > 0`
          const rows = (search: string) => db.prepare(select).raw().all(search) as unknown[][]
          const escaped = JSON.stringify(from).slice(1, -1)
          const update = db.prepare(
            `UPDATE ${quoted(table)} SET ${quoted(column)} = ? WHERE ${keys.map((key) => `${quoted(key)} = ?`).join(' AND ')}`,
          )
          for (const row of escaped === from ? rows(from) : [...rows(from), ...rows(escaped)]) {
            const text = row.at(-1)
            const redirected = typeof text === 'string' ? redirect(text, from, to) : null
            if (redirected === null || redirected === text) continue
            update.run(redirected, ...row.slice(0, -1))
            changed += 1
          }
        }
      }
    }).immediate()
  } catch (thrown) {
    throw storeError(thrown, file)
  } finally {
    db.close()
  }
  return changed
}

function open(file: string): Connection {
  const db = new Database(file, { fileMustExist: true })
  db.pragma('busy_timeout = 10000')
  return db
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
const tables = (db: Connection): string[] =>
  db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .pluck()
    .all() as string[]
const count = (db: Connection, table: string): number =>
  db
    .prepare(`SELECT count(*) FROM ${quoted(table)}`)
    .pluck()
    .get() as number

const isInside = (path: string, folder: string): boolean =>
  path === folder || (path.startsWith(folder) && (path[folder.length] === '/' || path[folder.length] === '\\'))

function redirect(text: string, from: string, to: string): string {
  if (isInside(text, from)) return to + text.slice(from.length)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return text // prose that names the folder: a note, a name
  }
  return JSON.stringify(json, (_key, value: unknown) =>
    typeof value === 'string' && isInside(value, from) ? to + value.slice(from.length) : value,
  )
}
