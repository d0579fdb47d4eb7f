// How far a lab's queue goes (docs/lab.md): a million cells planned and put in, the time of a look at them, what a cell costs beside its run, and how many results a
// second a server takes from 1, 2 and 4 workers. `npm run bench:lab -- [--cells N]`; needs PostgreSQL's server.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { labAddress } from '#app/services/lab/lab-address.ts'
import { LabQueue } from '#app/services/lab/lab-queue.ts'
import { cellsOf } from '#app/services/sweeps/sweep-cells.ts'
import type { QueuedContents } from '#contract/sweeps/lab.ts'
import { sweepDefinitionSchema } from '#contract/sweeps/sweep.ts'
import { noPostgres, startPostgres } from '#test/helpers/postgres.ts'

const { values } = parseArgs({
  options: { cells: { type: 'string', default: '1000000' }, results: { type: 'string', default: '2000' } },
})
const wanted = Number(values.cells)
const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const contents = (name: string): QueuedContents => ({
  program: '1',
  revision: 1,
  input: { name, content: hash(name), print: hash('p'), options: { kind: 'sample' } },
  model: { name: 'net', content: hash('m'), print: hash('n'), options: { kind: 'sample' } },
  source: null,
})
const seconds = (from: number) => `${((performance.now() - from) / 1000).toFixed(1)} s`

const missing = noPostgres()
if (missing !== null) throw new Error(missing)
const server = await startPostgres()
try {
  const url = server.database('bench')
  const queue = await LabQueue.open(labAddress(url), { worker: null, superviseSeconds: 5 })
  // Ten rows of methods, each with as many seeds as it takes.
  const definition = sweepDefinitionSchema.parse({
    name: 'large',
    inputs: [{ kind: 'sample' }],
    models: Array.from({ length: Math.ceil(wanted / 10_000) }, (_, i) => ({ kind: 'file', path: `m${i}` })),
    preset: 'cifar10',
    methods: ['source', 'norm', 'tent', 'cotta', 'law', 'palm', 'eata', 'sar', 'roid', 'rmt'],
    seeds: Array.from({ length: 1000 }, (_, i) => i),
  })
  let from = performance.now()
  const models = definition.models.map((_, i) => ({ hash: hash(`m${i}`), classes: 10 }))
  const planned = cellsOf(definition, { inputs: [hash('i')], models, source: null }).slice(0, wanted)
  console.log(`${planned.length} cells planned in ${seconds(from)}`)
  from = performance.now()
  const name = await queue.queueOf(contents('large'))
  const rows = planned.map(({ key, stream, label, options }) => ({ key, stream, label, options }))
  await queue.put(name, rows)
  console.log(
    `put into the queue in ${seconds(from)}; the server holds ${server.sql(url, "SELECT pg_size_pretty(pg_database_size('bench'))")}`,
  )
  for (let i = 0; i < 3; i++) {
    from = performance.now()
    await queue.state()
    console.log(`a look at them: ${(performance.now() - from).toFixed(0)} ms`)
  }
  from = performance.now()
  const hundred = 100
  for (let i = 0; i < hundred; i++) {
    const taken = await queue.take(name)
    if (taken) await queue.finish(taken, Buffer.alloc(130_000, i))
  }
  console.log(`take and send, 130 kB a result: ${((performance.now() - from) / hundred).toFixed(1)} ms a cell`)
  for (const workers of [1, 2, 4]) {
    const part = await queue.queueOf(contents(`workers ${workers}`))
    const cells = Array.from({ length: Number(values.results) }, (_, i) => ({
      key: hash(`${workers} ${i}`),
      stream: hash('s'),
      label: 'cell',
      options: { method: 'source' } as const,
    }))
    await queue.put(part, cells)
    const child = join(import.meta.dirname, '..', 'app', 'services', 'lab-child.ts')
    const children = Array.from({ length: workers }, (_, i) =>
      spawn(process.execPath, [child, url, `w${i}`, part, '0', '130000'], { stdio: 'ignore' }),
    )
    let first: number | null = null
    for (;;) {
      const done = (await queue.results.have(cells.map(({ key }) => key))).length
      if (done > 0) first ??= performance.now()
      if (done === cells.length) break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    console.log(
      `${workers} workers: ${(cells.length / ((performance.now() - (first ?? 0)) / 1000)).toFixed(0)} results a second`,
    )
    for (const process of children) process.kill('SIGKILL')
  }
  await queue.close()
} finally {
  server.stop()
}
