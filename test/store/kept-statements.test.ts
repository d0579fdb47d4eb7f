// A connection prepares each text once, and nobody who asks for the same one again notices.
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepStatements } from '#store/kept-statements.ts'

let db: Database.Database
beforeEach(() => {
  db = new Database(':memory:')
  keepStatements(db)
  db.exec('CREATE TABLE numbers (n INTEGER)')
  db.prepare('INSERT INTO numbers VALUES (1), (2)').run()
})
afterEach(() => db.close())

const text = 'SELECT n FROM numbers ORDER BY n'

test('the same text is the same statement', () => {
  expect(db.prepare(text)).toBe(db.prepare(text))
  expect(db.prepare(`${text} DESC`)).not.toBe(db.prepare(text))
})

test('how its rows were asked for before is forgotten', () => {
  expect(db.prepare(text).pluck().all()).toEqual([1, 2])
  expect(db.prepare(text).all()).toEqual([{ n: 1 }, { n: 2 }])
  expect(db.prepare(text).raw().all()).toEqual([[1], [2]])
  expect(db.prepare(text).all()).toEqual([{ n: 1 }, { n: 2 }])
})

test('while somebody goes through its rows, others have a statement of their own', () => {
  for (const row of db.prepare(text).iterate()) {
    expect(db.prepare(text).all()).toEqual([{ n: 1 }, { n: 2 }])
    expect(row).toEqual({ n: expect.any(Number) })
  }
})

test('after the table was changed it reads what is there now', () => {
  expect(db.prepare('SELECT * FROM numbers').all()).toEqual([{ n: 1 }, { n: 2 }])
  db.exec('ALTER TABLE numbers ADD COLUMN name TEXT')
  expect(db.prepare('SELECT * FROM numbers').all()).toEqual([
    { n: 1, name: null },
    { n: 2, name: null },
  ])
})
