// Migration 001: the first schema, in a file that was empty.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '#store/open-database.ts'
import { openStore } from '#store/store.ts'
import { olderDatabase, rowsIn } from '#test/helpers/older-database.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-migration-'))
  file = join(folder, 'palm.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('makes an empty file into STRICT tables with write-ahead logging and foreign keys', () => {
  const db = openDatabase(file, 1)
  expect(db.pragma('user_version', { simple: true })).toBe(1)
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
  expect(() =>
    db
      .prepare(
        "INSERT INTO steps (run, step, lane, domain, images, labelled, correct, seen, losses, adapted_share, mean_confidence, mean_entropy, step_ms) VALUES (9, 0, 'x', 0, 0, 0, 0, 0, '', 0, 0, 0, 0)",
      )
      .run(),
  ).toThrow(/FOREIGN KEY/)
  expect(() =>
    db.prepare("INSERT INTO runs (name, status, options, created_at, step) VALUES ('', '', '', 0, 'text')").run(),
  ).toThrow(/cannot store TEXT/)
  db.close()
  expect(Object.keys(rowsIn(file))).toEqual([
    'checkpoints',
    'domain_metrics',
    'resume_states',
    'runs',
    'settings',
    'skipped_files',
    'steps',
  ])
  expect(existsSync(`${file}.before-1`)).toBe(false)
})

test('a file of that first version is read by today’s program, through all later migrations at once', () => {
  const old = olderDatabase(1)
  try {
    const store = openStore(old.file)
    expect(store.runs.get(1)).toMatchObject({ name: 'old', status: 'done', step: 1, totalSteps: 1 })
    expect(store.steps.all(1)).toEqual([expect.objectContaining({ lane: 'palm', losses: { kl: 23.4 }, kept: 3 })])
    expect(store.checkpoints.delta(1, 4).delta).toEqual(Buffer.from([1, 2, 3]))
    expect(store.skipped.list(1)).toEqual([{ path: 'a/broken.png', reason: 'is cut off' }])
    expect(store.settings.get('settings')).toEqual({ theme: 'dark' })
    store.close()
    expect(rowsIn(old.file)).toMatchObject(old.rows)
    expect(rowsIn(`${old.file}.before-2`)).toEqual(old.rows)
  } finally {
    rmSync(old.folder, { recursive: true, force: true })
  }
})
