import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LogEntry } from '#contract/log.ts'
import { Log } from '#app/services/machine/log.ts'

let folder: string
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'palm-log-')), 'logs')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

test('files are turned over at their size, and no more of them are kept than were asked for', () => {
  const log = new Log(folder, () => 5, { fileBytes: 2_000, files: 3, entries: 50 })
  for (let i = 0; i < 200; i++) log.info('test', `entry ${i} ${'x'.repeat(100)}`)
  expect(readdirSync(folder).sort()).toEqual(['palm.1.log', 'palm.2.log', 'palm.log'])
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(2_000)
  expect(readFileSync(join(folder, 'palm.log'), 'utf8')).toContain('entry 199 ')
  expect(log.entries().length).toBeLessThanOrEqual(50)
  expect(log.entries().at(-1)?.message).toContain('entry 199 ')
})

test('a later start reads what was written, but for a line that a crash cut short', () => {
  new Log(folder, () => 5).warning('session', 'it ended', 'a tail')
  writeFileSync(join(folder, 'palm.log'), '{"at": 5, "lev', { flag: 'a' })
  expect(new Log(folder, () => 6).entries()).toEqual([
    { at: 5, level: 'warning', source: 'session', code: null, message: 'it ended', detail: 'a tail' },
  ])
})

test('whoever follows gets what there is, then every later entry, until it ends', () => {
  const log = new Log(folder, () => 5)
  log.info('test', 'one')
  const heard: string[] = []
  const stop = log.follow({
    snapshot: (entries) => heard.push(...entries.map(({ message }) => message)),
    event: ({ message }: LogEntry) => heard.push(message),
    error: () => undefined,
  })
  log.info('test', 'two')
  stop()
  log.info('test', 'three')
  expect(heard).toEqual(['one', 'two'])
})

test('an error has its code; of labels nothing is written, and long texts are cut', () => {
  const log = new Log(folder, () => 5)
  log.error('runs', { code: 'disk-full', message: 'The disk is full', detail: 'x'.repeat(20_000) })
  log.error('runs', { code: 'input-labels', message: 'No class is called tabby cat', detail: 'tabby cat' })
  expect(log.entries()[0]).toMatchObject({ code: 'disk-full', level: 'error' })
  expect(log.entries()[0]?.detail?.length).toBe(8_000)
  expect(readFileSync(join(folder, 'palm.log'), 'utf8')).not.toContain('tabby')
})

test('a log that cannot be written fails nobody', () => {
  writeFileSync(join(folder, '..', 'file'), '')
  const log = new Log(join(folder, '..', 'file', 'logs'), () => 5)
  log.info('test', 'kept in memory')
  expect(log.entries()).toHaveLength(1)
})
