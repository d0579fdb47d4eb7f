// palm sweep --shard and palm merge: parts that were computed apart make the table that one machine makes, and what does not fit is refused before anything is taken.
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { palmIn } from '#test/helpers/palm-here.ts'

const folder = mkdtempSync(join(tmpdir(), 'palm-shard-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'small.json')
const definition = {
  name: 'small',
  inputs: [{ kind: 'sample' }],
  models: [{ kind: 'sample' }],
  preset: 'sample',
  methods: ['source', 'norm', 'tent'],
  corruptions: ['fog', 'contrast'],
  seeds: [0, 1],
  limit: 40,
  batchSize: 20,
}
writeFileSync(file, JSON.stringify(definition))
const part = (name: string) => join(folder, `${name}.palmdb`)
const palm = (data: string) => palmIn(join(folder, data))
const table = async (data: string) => (await palm(data)('table', 'small', '--format', 'csv')).out

let whole = ''
const cells: number[] = []
beforeAll(async () => {
  for (const i of [1, 2, 3]) {
    const made = await palm('unused')('sweep', file, '--shard', `${i}/3`, '-o', part(`p${i}`))
    expect(made).toMatchObject({ code: 0 })
    const [, done, all] = /Part \d of 3: (\d) of (\d) cells?\./.exec(made.err) ?? []
    expect(done).toBe(all)
    cells.push(Number(done))
  }
  expect((await palm('whole')('sweep', file)).code).toBe(0)
  whole = await table('whole')
})

describe('parts', () => {
  test('each have a folder and a file of their own', () => {
    expect(readdirSync(folder).filter((name) => name.startsWith('p'))).toEqual(
      [1, 2, 3].flatMap((i) => [`p${i}.palmdb`, `p${i}.work`]),
    )
    expect(existsSync(join(folder, 'unused'))).toBe(false)
  })

  test('joined in any order make the table of one machine, digit for digit, and are taken once', async () => {
    const merged = await palm('joined')('merge', part('p3'), part('p1'), part('p2'), '--json')
    expect(merged.code).toBe(0)
    expect(cells.reduce((sum, n) => sum + n, 0)).toBe(6)
    expect(Math.min(...cells)).toBeGreaterThan(0)
    expect(JSON.parse(merged.out)).toMatchObject([2, 0, 1].map((i) => ({ cells: cells[i], known: 0, unfinished: 0 })))
    expect(await table('joined')).toBe(whole)
    expect(whole).toMatch(/^Source,[\d.]+,/m)
    const again = await palm('joined')('merge', part('p1'), '--json')
    expect(JSON.parse(again.out)).toMatchObject([{ runs: 0, cells: 0, known: cells[0] }])
    const nothingLeft = await palm('joined')('sweep', file)
    expect(nothingLeft.err).toContain('6 cells, 6 done')
  })

  test('a part that is asked for again is not computed again', async () => {
    const again = await palm('unused')('sweep', file, '--shard', '2/3', '-o', part('p2'))
    expect(again.code).toBe(0)
    expect(again.err).toMatch(new RegExp(`${cells[1]} cells?, ${cells[1]} done`))
    expect(again.err).not.toContain('Run ')
  })

  test('of a ready-made sweep: the file of a part is no output of the model, with or without one', async () => {
    const few = ['table1', '--shard', '1/2', '--limit', '2', '--methods', 'source', '--plan']
    expect(await palm('unused')('sweep', ...few, '-o', part('ready'))).toMatchObject({ code: 0 })
    const root = join(import.meta.dirname, '..', '..', 'resources')
    const own = [
      '--input',
      join(root, 'sample', 'images'),
      '--model',
      join(root, 'models', 'eurosat-resnet20.safetensors'),
    ]
    expect(await palm('unused')('sweep', ...few, ...own, '-o', part('own'))).toMatchObject({ code: 0 })
    const db = new Database(join(folder, 'own.work', 'palm.sqlite'), { readonly: true })
    const [row] = db.prepare('SELECT definition FROM sweeps').all() as { definition: string }[]
    db.close()
    expect(JSON.parse(row?.definition ?? '')).toMatchObject({ models: [{ kind: 'file', output: null }] })
  })

  test('what is written wrongly is said', async () => {
    for (const shard of ['0/3', '4/3', '1', 'a/b', '1/0'])
      expect(await palm('unused')('sweep', file, '--shard', shard)).toMatchObject({ code: 2 })
    expect(await palm('unused')('sweep', file, '-o', 'x')).toMatchObject({ code: 2 })
  })
})

describe('what does not fit is refused, and nothing is taken', () => {
  /** A copy of the first part with something changed in it. */
  const changed = (name: string, sql: string): string => {
    const copy = part(name)
    copyFileSync(part('p1'), copy)
    const db = new Database(copy)
    db.exec(sql)
    db.close()
    return copy
  }
  const refusal = async (files: readonly string[]): Promise<string> => {
    const data = `refused-${Math.random()}`
    const merged = await palm(data)('merge', ...files)
    expect(merged).toMatchObject({ code: 1 })
    expect((await palm(data)('runs', '--json')).out.trim()).toBe('[]')
    return merged.err
  }

  test('other images, another model, other settings under the same name', async () => {
    const other = (path: string) => `UPDATE sweep_plans SET planned = json_set(planned, '${path}', 'other')`
    expect(await refusal([part('p2'), changed('images', other('$.inputs[0].hash'))])).toMatch(
      /“small” was computed on other images in/,
    )
    expect(await refusal([part('p2'), changed('model', other('$.models[0].hash'))])).toMatch(/on other model in/)
    await palm('joined-2')('merge', part('p1'))
    const settings = `UPDATE sweeps SET definition = json_set(definition, '$.limit', 41);
      UPDATE sweep_plans SET definition = (SELECT definition FROM sweeps)`
    const merged = await palm('joined-2')('merge', part('p2'), changed('settings', settings))
    expect(merged.err).toMatch(/holds another sweep “small” than the one here/)
    expect(JSON.parse((await palm('joined-2')('runs', '--json')).out)).toHaveLength(1)
  })

  test('another version of the program', async () => {
    const sql = `UPDATE runs SET plan = json_set(plan, '$.versions.app', '0.0.1')`
    expect(await refusal([part('p2'), changed('version', sql)])).toMatch(/different versions of PALM Studio: .*0\.0\.1/)
    expect(await refusal([changed('newer', 'PRAGMA user_version = 99')])).toMatch(/newer version of PALM Studio/)
    expect(await refusal([changed('older', 'PRAGMA user_version = 3')])).toMatch(/older version of PALM Studio/)
  })

  test('other numbers for the same cell on the same kind of device', async () => {
    await palm('numbers')('merge', part('p1'))
    const numbers = changed('numbers', 'UPDATE domain_metrics SET correct = correct - 1')
    const merged = await palm('numbers')('merge', part('p2'), numbers)
    expect(JSON.parse((await palm('numbers')('runs', '--json')).out)).toHaveLength(1) // nor anything of the file before it
    expect(merged).toMatchObject({ code: 1 })
    expect(merged.err).toMatch(/One of them is wrong: nothing was taken/)
  })

  test('files that are something else: a trigger, another database, text, a damaged row', async () => {
    expect(
      await refusal([changed('trigger', 'CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END')]),
    ).toMatch(/not one of PALM Studio’s/)
    expect(
      await refusal([changed('view', 'ALTER TABLE cells RENAME TO c; CREATE VIEW cells AS SELECT * FROM c')]),
    ).toMatch(/not one of/)
    writeFileSync(part('text'), 'not a database at all, but long enough to be read as one'.repeat(50))
    expect(await refusal([part('text')])).toMatch(/not a readable database/)
    expect(await refusal([part('missing')])).toMatch(/cannot be opened/)
    expect(await refusal([changed('row', `UPDATE runs SET options = '{"lanes": 7}'`)])).toMatch(/does not fit/)
  })
})
