// A database that is locked, read-only, cut short, damaged, newer or older: said in words with a code of its own, and left as it was.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readLayers } from '#app/services/runs/layers.ts'
import { changeSettings, readSettings } from '#app/services/machine/settings.ts'
import { toWireError } from '#contract/errors.ts'
import { decodeState, encodeState } from '#session/state-blob.ts'
import { openDatabase } from '#store/open-database.ts'
import { openStore, Store } from '#store/store.ts'
import { olderDatabase, rowsIn, versionOf } from '#test/helpers/older-database.ts'
import { storeRun } from '#test/helpers/stored-runs.ts'
import { chance, some, times } from './chance.ts'
import { needsDisk, smallDisk } from './small-disk.ts'

const folder = mkdtempSync(join(tmpdir(), 'palm-faults-db-'))
const whole = join(folder, 'whole.sqlite')
const hurt = join(folder, 'hurt.sqlite')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const state = (value: number) =>
  encodeState(
    {
      scalars: { at: value },
      arrays: new Map([['param/bn.weight', { shape: [64], data: new Float32Array(64).fill(value) }]]),
    },
    () => false,
  )

beforeAll(() => {
  const store = openStore(whole)
  for (let run = 0; run < 3; run++) {
    const id = storeRun(store, { stepsPerDomain: 20 })
    store.transaction(() => {
      for (const step of [19, 39]) store.checkpoints.insert(id, 'palm', step, 0, state(step), 5)
      store.checkpoints.putResumeState(id, 'palm', 39, state(39))
      for (let step = 0; step < 40; step++)
        store.predictions.insert(
          id,
          { step, domain: Math.floor(step / 20), samples: [step], labels: [1], positions: [0] },
          [`a/${step}.png`],
          [{ lane: 'palm', classes: [1], confidences: [0.5] }],
        )
    })
  }
  changeSettings(store, { theme: 'dark' })
  store.close()
})

/** All that a screen, a resume or an export reads. */
function readAll(file: string): unknown {
  const store = openStore(file)
  try {
    return [
      readSettings(store),
      store.models.list(),
      store.sweeps.list(),
      store.runs.list({ deleted: true }).map((summary) => {
        const run = summary.id
        const { checkpoints, ...rest } = store.snapshot(run)
        return {
          summary,
          rest,
          steps: store.steps.all(run),
          layers: readLayers(store, { run, lane: 'palm', from: 0, to: 39, columns: 40, tensor: null }),
          predictions: store.predictions.steps(run, ['palm'], { from: 0, to: 100, limit: 100 }),
          checkpoints: checkpoints.map(({ id, ...info }) => ({
            ...info,
            state: decodeState(store.checkpoints.delta(run, id).delta, 'a checkpoint'),
          })),
          states: store.checkpoints.resumeStates(run).map(({ state: bytes }) => decodeState(bytes, 'a state')),
        }
      }),
    ]
  } finally {
    store.close()
  }
}

/** Reads a hurt file. @returns what was read, or the code of the error, whose file must be as it was */
function attempt(bytes: Buffer): { read: unknown } | { code: string } {
  rmSync(`${hurt}-wal`, { force: true })
  rmSync(`${hurt}-shm`, { force: true })
  writeFileSync(hurt, bytes)
  try {
    return { read: readAll(hurt) }
  } catch (thrown) {
    const error = toWireError(thrown)
    expect(error, String(thrown instanceof Error ? thrown.stack : thrown)).not.toMatchObject({ code: 'internal' })
    expect(readFileSync(hurt).equals(bytes)).toBe(true)
    return { code: error.code }
  }
}

describe('a database', () => {
  test('cut short anywhere is said to be damaged, and left as it is', () => {
    const bytes = readFileSync(whole)
    const lengths = some(times(60, 500), bytes.length - 1, chance(1)).map((length) => length + 1)
    const found = lengths.map((length) => attempt(bytes.subarray(0, length)))
    const expected = JSON.stringify(readAll(whole))
    for (const each of found)
      if ('code' in each) expect(['store-damaged', 'model-unreadable']).toContain(each.code)
      else expect(JSON.stringify(each.read)).toBe(expected) // only unused pages were missing
    const refused = found.filter((each) => 'code' in each).length
    console.log(`${lengths.length} lengths of a database: ${refused} refused in words, 0 read otherwise than they were`)
    expect(refused).toBeGreaterThan(lengths.length / 2)
  })

  test('with a bit that is another one is refused in words, or read', () => {
    const bytes = readFileSync(whole)
    const random = chance(2)
    const places = some(times(150, 800), bytes.length, random)
    const expected = JSON.stringify(readAll(whole))
    const counts = { refused: 0, same: 0, other: 0 }
    for (const place of places) {
      const flipped = Buffer.from(bytes)
      flipped[place] = (flipped[place] as number) ^ (1 << random.randint(0, 8))
      const result = attempt(flipped)
      if ('code' in result) counts.refused += 1
      else if (JSON.stringify(result.read) === expected) counts.same += 1
      else counts.other += 1
    }
    console.log(
      `${places.length} flipped bits of a database: ${counts.refused} refused in words, ${counts.same} read as before, ${counts.other} read otherwise (SQLite keeps no checksum of rows)`,
    )
    expect(counts.refused).toBeGreaterThan(0)
  })

  test('holds states of lanes whose every flipped bit is found; those of older versions are read as they were', () => {
    const bytes = Buffer.from(state(7))
    const places = some(times(200, 2000), bytes.length - 8, chance(3))
    for (const place of places) {
      const flipped = Buffer.from(bytes)
      flipped[place] = (flipped[place] as number) ^ 1
      expect(() => decodeState(flipped, 'the state'), String(place)).toThrow(/damaged/)
    }
    console.log(`${places.length} flipped bits of a lane's state: all found`)
    expect(decodeState(bytes.subarray(0, -8), 'the state')).toEqual(decodeState(bytes, 'the state'))
  })

  test('that another program holds is said, at every write, and nothing is lost', () => {
    copyFileSync(whole, hurt)
    const db = openDatabase(hurt)
    db.pragma('busy_timeout = 5')
    const store = new Store(db, hurt)
    const before = rowsIn(hurt)
    const other = new Database(hurt)
    other.exec('BEGIN IMMEDIATE')
    const writes: (() => unknown)[] = [
      () => store.transaction(() => store.runs.change(1, { name: 'another' })),
      () => store.transaction(() => store.runs.setDeleted(1, 5)),
      () => store.transaction(() => store.runs.purge(5)),
      () => changeSettings(store, { theme: 'light' }),
      () => store.runs.setStatus(1, 'failed', null, 5),
      () => store.checkpoints.insert(1, 'palm', 3, 0, state(3), 5),
      () => store.rewriteFile(),
      () => storeRun(store),
    ]
    for (const write of writes) {
      let error: unknown = null
      try {
        write()
      } catch (thrown) {
        error = toWireError(thrown)
      }
      expect(error, String(write)).toMatchObject({
        code: 'store-busy',
        message: expect.stringMatching(/Another program.*kept/),
      })
    }
    expect(store.runs.list()).toHaveLength(3) // reading goes on
    other.exec('ROLLBACK')
    other.close()
    expect(rowsIn(hurt)).toEqual(before)
    for (const write of writes) write()
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    store.close()
    console.log(`${writes.length} writes to a locked database: each said, each done afterwards`)
  })

  test.each(['wal', 'delete'])(
    'of a newer version (journal %s) is refused and stays as it is to the byte',
    (journal) => {
      const file = join(folder, `newer-${journal}.sqlite`)
      const newer = new Database(file)
      newer.pragma(`journal_mode = ${journal}`)
      newer.exec('CREATE TABLE of_the_future (x); INSERT INTO of_the_future VALUES (1)')
      newer.pragma('user_version = 99')
      if (journal === 'wal') {
        // As a crash leaves it: what is newest lies in the log.
        copyFileSync(file, `${file}.copy`)
        copyFileSync(`${file}-wal`, `${file}.copy-wal`)
        newer.close()
        copyFileSync(`${file}.copy`, file)
        copyFileSync(`${file}.copy-wal`, `${file}-wal`)
      } else newer.close()
      const files = journal === 'wal' ? [file, `${file}-wal`] : [file]
      const before = files.map((each) => readFileSync(each))
      expect(() => openStore(file)).toThrow(
        expect.objectContaining({ code: 'store-damaged', message: expect.stringMatching(/newer version/) }),
      )
      for (const [i, each] of files.entries()) expect(readFileSync(each).equals(before[i] as Buffer)).toBe(true)
    },
  )

  test('of every older version is copied, then brought up to date, and its run is there', () => {
    const newest = openStore(join(folder, 'newest.sqlite'))
    newest.close()
    const latest = Number(versionOf(join(folder, 'newest.sqlite')))
    for (let version = 1; version < latest; version++) {
      const old = olderDatabase(version)
      const store = openStore(old.file)
      expect(store.snapshot(1).run).toMatchObject({ id: 1, name: 'old', status: 'done' })
      store.close()
      expect(versionOf(old.file)).toBe(latest)
      const copy = `${old.file}.before-${version + 1}`
      expect([versionOf(copy), rowsIn(copy)]).toEqual([version, old.rows])
      rmSync(old.folder, { recursive: true })
    }
    console.log(`${latest - 1} older versions: each copied as it was, then migrated`)
  })
})

const disk = smallDisk(8 << 20)
afterAll(() => disk?.remove())

test.skipIf(disk === null)(
  `a database on a disk that takes no writes is said, and can be used when it takes them again${needsDisk(disk)}`,
  () => {
    const file = join(disk?.folder ?? '', 'palm.sqlite')
    copyFileSync(whole, file)
    const before = readFileSync(file)
    disk?.setReadOnly(true)
    expect(() => openStore(file)).toThrow(
      expect.objectContaining({
        code: 'input-unreadable',
        message: expect.stringMatching(/palm\.sqlite cannot be opened for writing/),
      }),
    )
    expect(readFileSync(file).equals(before)).toBe(true)
    disk?.setReadOnly(false)
    expect(JSON.stringify(readAll(file))).toBe(JSON.stringify(readAll(whole)))
  },
)
