// How SQLite finds the rows of every statement of the program: none looks at a whole table that grows with steps, images or runs' results. Statements are taken
// where they are prepared while everything is used once; a place in the sources that was not reached fails, so that a new statement is looked at by itself.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { sweepDefinitionSchema } from '#contract/sweeps/sweep.ts'
import { openDatabase, type Connection } from '#store/open-database.ts'
import { Store } from '#store/store.ts'
import { reportOf, storeRun } from '#test/helpers/stored-runs.ts'

const sources = join(import.meta.dirname, '../../src-main')
/** Few rows however long a run is and however many there are, or rows that are all wanted. */
const small: Readonly<Record<string, string>> = {
  runs: 'one row a run; the list shows all',
  settings: 'tens of rows',
  models: 'one row a model of the library',
  sweeps: 'one row a sweep',
  queue: 'a few hundred rows at most (app/services/queue/run-queue.ts)',
  option_changes: 'a few rows for each time somebody turned a knob; the list of runs shows all',
  domain_metrics: 'one row a domain and lane; the list of runs sums up all of them',
  sqlite_master: 'the schema',
  pragma_table_info: 'the schema',
  json_each: 'a few numbers that are given',
}
/** Whole files are looked at on purpose: the check of a moved database, in a process of its own; and runs are copied whole between files. */
const apart = ['store/copied-database.ts', 'store/open-database.ts', 'store/run-files.ts']

interface Prepared {
  readonly place: string
  readonly sql: string
}
const prepared: Prepared[] = []
let folder: string
let db: Connection

/** `file:line` in src-main of whoever prepares. */
function placeOf(stack: string): string {
  const frame = stack.split('\n').find((line) => line.includes('/src-main/') && !line.includes('node_modules'))
  const [, file = '', line = ''] = /(\/[^():]*\/src-main\/[^():]*):(\d+)/.exec(frame ?? '') ?? []
  return `${relative(sources, file).replaceAll('\\', '/')}:${line}`
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-plans-'))
  const file = join(folder, 'palm.sqlite')
  db = openDatabase(file)
  const prepare = db.prepare.bind(db)
  db.prepare = (sql: string) => {
    prepared.push({ place: placeOf(new Error().stack ?? ''), sql })
    return prepare(sql)
  }
  useEverything(new Store(db, file))
  db.prepare = prepare
})
afterAll(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

function useEverything(store: Store): void {
  const run = storeRun(store)
  const layers = { states: [2], scores: [1], importances: [1], learningRates: [1], changes: null }
  store.steps.insert(run, reportOf('palm', 600, 0, 3, { layers }))
  store.transaction(() => store.steps.pack(run))
  store.snapshot(run)
  store.runs.list()
  store.runs.latestDone(3)
  store.runs.options(run)
  store.runs.tags(run)
  store.runs.change(run, { note: 'x' })
  store.runs.setDeleted(run, 1)
  store.runs.setDeleted(run, null)
  store.runs.purge(0)
  store.steps.all(run)
  store.steps.at(run, 1)
  store.steps.layerBlobs(run, 'palm', 0, 5)
  store.steps.layersOf(run, 'palm', 0, 5)
  store.steps.thinLayers(run, { every: 8, from: 0, to: 1, ends: [0] })
  store.predictions.insert(
    run,
    { step: 0, domain: 0, samples: [4], labels: [2], positions: [0] },
    ['forest/1.jpg'],
    [{ lane: 'palm', classes: [2], confidences: [0.5] }],
  )
  store.predictions.steps(run, ['palm'], { from: 0, to: 9, limit: 5 })
  store.predictions.coverage(run)
  store.predictions.ids(run, [4])
  const { id } = store.checkpoints.insert(run, 'palm', 4, 0, Uint8Array.of(1), 1)
  store.checkpoints.delta(run, id)
  store.checkpoints.remove(run, [9])
  store.checkpoints.putResumeState(run, 'palm', 4, Uint8Array.of(1))
  store.checkpoints.resumeStates(run)
  store.checkpoints.dropResumeStates(run)
  store.collapses.insert(run, { lane: 'palm', step: 1, kind: 'few-classes', restored: null })
  store.skipped.put(run, [{ path: 'a', reason: 'b' }])
  store.settings.set('a', 1)
  store.settings.get('a')
  store.changes.insert(run, { lane: 'palm', option: 'eta', from: 1, to: 2, step: 1, at: 1 })
  const options = runOptionsSchema.parse({
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    lanes: [{ id: 'palm', label: 'PALM', options: { method: 'palm' } }],
  })
  const change = { lane: 'palm', option: 'eta', from: 1, to: 2, step: 5, at: 1 } as const
  const branch = store.branches.create({ parent: run, step: 4, domain: 0 }, options, [change], 2)
  store.branches.inheritSome(branch)
  store.branches.pointsOf(run)
  store.runs.createRun(options, 1)
  store.cells.put('key', run, 'palm')
  store.cells.get('key')
  store.cells.holds(run)
  const definition = sweepDefinitionSchema.parse({
    name: 'mine',
    inputs: [{ kind: 'sample' }],
    models: [{ kind: 'sample' }],
    preset: 'sample',
    methods: ['source'],
  })
  store.sweeps.remove(store.sweeps.put(definition, 1) + 1)
  store.sweeps.list()
  store.sweeps.get('mine')
  const model = store.models.insert({
    name: 'mine',
    path: 'models/a',
    sourceFile: 'a.pth',
    addedAt: 1,
    hash: 'abc',
    format: 'pth',
    architecture: 'resnet20',
    parameters: 1,
    classes: 10,
    sizeBytes: 1,
    normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
    inputSize: 32,
    classNames: null,
    licence: null,
  })
  store.models.list()
  store.models.update(model.id, { name: 'other' })
  store.models.remove(model.id)
  store.cells.ofRun(run)
  store.sweeps.remember(definition, { inputs: [], models: [], source: null, refused: {} })
  store.sweeps.remembered('mine')
  const { queue } = store
  const place = queue.add({ kind: 'resume', run }, null, 1, false)
  queue.hold(place, true)
  queue.setProblem(place, { code: 'internal', message: 'x' })
  queue.list()
  store.damage.list()
  store.settings.set('broken', 1)
  db.exec("UPDATE settings SET value = '{' WHERE key = 'broken'")
  store.damage.read({ table: 'settings', key: 'broken' })
  store.damage.remove({ table: 'settings', key: 'broken' })
  db.exec(`UPDATE runs SET tags = 'x' WHERE id = ${run}`)
  store.damage.read({ table: 'runs', key: String(run) })
  store.runs.change(run, { tags: [] })
  queue.arrange([place])
  queue.remove(place, 2)
  queue.restore(place)
  queue.take(place)
  queue.purge()
  store.runs.remove(store.runs.createRun(options, 1))
  const measuring = store.space.ofRun(run)
  while (!measuring.next().done) continue
}

function* sourcesIn(path: string): Iterable<string> {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name)
    if (entry.isDirectory()) yield* sourcesIn(inner)
    else if (entry.name.endsWith('.ts')) yield inner
  }
}

test('every place that prepares a statement was reached', () => {
  const reached = new Set(prepared.map(({ place }) => place))
  const missed = [...sourcesIn(sources)].flatMap((path) => {
    const file = relative(sources, path).replaceAll('\\', '/')
    if (apart.includes(file)) return []
    return readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((text, i) => (/\.prepare\(/.test(text) && !reached.has(`${file}:${i + 1}`) ? [`${file}:${i + 1}`] : []))
  })
  expect(missed, 'use these in useEverything, so that their plans are looked at').toEqual([])
  console.log(`${new Set(prepared.map(({ sql }) => sql)).size} statements from ${reached.size} places`)
})

test('no statement looks at all rows of a table that grows', () => {
  const seen = new Set<string>()
  for (const { place, sql } of prepared) {
    if (seen.has(sql)) continue
    seen.add(sql)
    const names = [...new Set(Array.from(sql.matchAll(/[@:](\w+)/g), ([, name]) => name as string))]
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    const places = sql.replaceAll(/'[^']*'/g, '').split('?').length - 1
    const rows = (
      names.length > 0 && places === 0
        ? plan.all(Object.fromEntries(names.map((name) => [name, 1])))
        : plan.all(...Array.from({ length: places }, () => 1))
    ) as { detail: string }[]
    for (const { detail } of rows) {
      const [, table] = /^SCAN (?:TABLE )?"?(\w+)/.exec(detail) ?? []
      if (table === undefined || table in small || table === 'CONSTANT') continue
      expect.fail(`${place} looks at all of ${table} (${detail}):\n${sql}`)
    }
  }
  expect(seen.size).toBeGreaterThan(60)
})

test('a full scan would be found', () => {
  const [plan] = db.prepare('EXPLAIN QUERY PLAN SELECT * FROM steps WHERE domain = 1').all() as { detail: string }[]
  expect(plan?.detail).toMatch(/^SCAN steps/)
})
