// A lab's queue of cells on PostgreSQL, by pg-boss: claims, heartbeats, expiry and retries are its own. A result and the end of its job are one transaction, and a
// result is written once, whoever else computed the same cell: so each cell counts once, and none is lost with a machine.
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { PgBoss, type Job } from 'pg-boss'
import { z } from 'zod'
import { PalmError, type WireError } from '#contract/errors.ts'
import {
  queuedCellSchema,
  queuedContentsSchema,
  queuedStreamSchema,
  type LabState,
  type QueuedCell,
  type QueuedContents,
  type QueuedStream,
} from '#contract/sweeps/lab.ts'
import type { LabAddress } from './lab-address.ts'
import { unreachable } from './lab-faults.ts'
import { cellsChannel, putAgain, putCells, takeOutCells } from './lab-put.ts'
import { LabFiles } from './lab-files.ts'
import { LabResults, triesOfCell, unreadableJob } from './lab-results.ts'
import { labState } from './lab-state.ts'
import { countRow, jobId, makeTables, rowsOf, type QueueDatabase } from './lab-tables.ts'

const schema = 'palm_queue'
const jobs = `${schema}.job`
/** A machine that was not heard from for so long has lost its cell. */
const heartbeatSeconds = 30
/** pg-boss's longest: a day. */
const expireInSeconds = 24 * 60 * 60 - 1
/** Machines may die with a cell this often; what fails by itself is set aside after three times. */
const retryLimit = 1000
const largestResultBytes = 512 * 2 ** 20

export interface LabQueueOptions {
  /** Of a worker: how it is called in lists; null = it only asks. */
  readonly worker: string | null
  /** How often this process looks for machines that have gone. */
  readonly superviseSeconds?: number
  /** pg-boss allows 10 and more. */
  readonly heartbeatSeconds?: number
  /** Faults of the connection, which pg-boss mends by itself. */
  readonly problem?: (error: Error) => void
}

/** A cell that this process holds. */
export interface TakenCell {
  readonly cell: QueuedCell
  readonly queue: string
  readonly job: { readonly id: string; readonly retryCount: number }
}

/** As pg-boss answers, though its types do not say so. */
const affectedSchema = z.object({ affected: z.number() })

export class LabQueue {
  readonly files: LabFiles
  readonly results: LabResults
  readonly worker: string
  private readonly boss: PgBoss
  private readonly options: LabQueueOptions
  private readonly known = new Set<string>()

  private constructor(boss: PgBoss, options: LabQueueOptions) {
    this.boss = boss
    this.options = options
    this.worker = options.worker ?? hostname()
    this.files = new LabFiles(boss.getDb())
    this.results = new LabResults(boss.getDb(), jobs)
  }

  /** @throws PalmError `bad-request` where the server cannot be reached, refuses, or is of another version */
  static async open(address: LabAddress, options: LabQueueOptions): Promise<LabQueue> {
    const superviseSeconds = options.superviseSeconds ?? 15
    const boss = new PgBoss({
      ...partsOf(address.url),
      ...(address.password === undefined ? {} : { password: address.password }),
      ssl: address.ssl,
      schema,
      schedule: false,
      max: 4,
      connectionTimeoutMillis: 15_000,
      superviseIntervalSeconds: superviseSeconds,
      monitorIntervalSeconds: superviseSeconds,
      registerInstance: options.worker !== null,
      ...(options.worker === null ? {} : { instanceName: options.worker, instanceHeartbeatSeconds: 10 }),
      application_name: 'palm-studio',
    })
    boss.on('error', (error) => options.problem?.(error))
    try {
      await boss.start()
      await makeTables(boss.getDb())
    } catch (thrown) {
      await boss.stop({ graceful: false }).catch(() => undefined)
      throw unreachable(thrown, address)
    }
    return new LabQueue(boss, options)
  }

  async close(): Promise<void> {
    await this.boss.stop({ graceful: false }).catch(() => undefined)
  }

  /** The queue of cells over these contents, made where it is missing. @returns its name */
  async queueOf(contents: QueuedContents): Promise<string> {
    const { input, model, source, program, revision } = contents
    const known = [program, revision, input.content, model.content, source?.content ?? '']
    const name = `cells-${sha(JSON.stringify(known)).slice(0, 40)}`
    if (this.known.has(name)) return name
    await this.boss.createQueue(name, {
      retryLimit,
      expireInSeconds,
      heartbeatSeconds: this.options.heartbeatSeconds ?? heartbeatSeconds,
      retentionSeconds: 365 * 24 * 60 * 60,
      deleteAfterSeconds: 7 * 24 * 60 * 60,
    })
    await this.db.executeSql('INSERT INTO palm.queues (name, contents) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      name,
      JSON.stringify(contents),
    ])
    this.known.add(name)
    return name
  }

  /** @returns its id, by its content */
  async putStream(stream: QueuedStream): Promise<string> {
    const text = JSON.stringify(stream)
    const id = sha(text)
    await this.db.executeSql('INSERT INTO palm.streams (id, spec) VALUES ($1, $2) ON CONFLICT DO NOTHING', [id, text])
    return id
  }

  /** Cells that are there already, under way or done are not put in again. @returns how many were put in */
  put(queue: string, cells: readonly QueuedCell[], told: (cells: number) => void = () => undefined): Promise<number> {
    return putCells({ boss: this.boss, results: this.results, jobs, queue }, cells, told)
  }

  async queues(): Promise<{ readonly name: string; readonly contents: QueuedContents }[]> {
    return rowsOf(
      this.db,
      z.object({ name: z.string(), contents: queuedContentsSchema }),
      'SELECT name, contents FROM palm.queues ORDER BY name',
    )
  }

  /** @throws PalmError `bad-request` where it is missing or does not fit */
  async stream(id: string): Promise<QueuedStream> {
    const [row] = await rowsOf(
      this.db,
      z.object({ spec: queuedStreamSchema }),
      'SELECT spec FROM palm.streams WHERE id = $1',
      [id],
    )
    if (row === undefined) throw new PalmError('bad-request', 'The queue does not say what the stream of a cell is.')
    return row.spec
  }

  /** Calls back when cells were put in, and after a break of the connection. @returns what ends that; null where the server has no notifications */
  async listen(woken: () => void): Promise<(() => Promise<void>) | null> {
    const handle = await this.db.listen?.(cellsChannel, woken, woken).catch(() => null)
    return handle ? () => handle.close() : null
  }

  /** The next cell of a queue, held by this process until it ends or is not heard from; null = there is none. A cell that cannot be read is set aside. */
  async take(queue: string): Promise<TakenCell | null> {
    for (;;) {
      const [job] = await this.boss.fetch<unknown>(queue, { batchSize: 1 })
      if (job === undefined) return null
      const parsed = queuedCellSchema.safeParse(job.data)
      if (parsed.success && jobId(parsed.data.key) === job.id) {
        const taken: TakenCell = { cell: parsed.data, queue, job: { id: job.id, retryCount: job.retryCount } }
        if (!(await this.hasResult(parsed.data.key))) return taken
        await this.boss.complete(queue, taken.job)
      } else await this.setAside(queue, job)
    }
  }

  /** Says that this process still works on it. @returns false where the queue has given it to somebody else */
  async keep({ queue, job }: TakenCell): Promise<boolean> {
    return affectedSchema.parse(await this.boss.touch(queue, job)).affected > 0
  }

  /** Records the result and ends the job, both or neither. @throws PalmError `bad-request` for one that is too large */
  async finish({ cell, queue, job }: TakenCell, bytes: Uint8Array): Promise<void> {
    if (bytes.length > largestResultBytes)
      throw new PalmError('bad-request', `The result has ${bytes.length} bytes, more than a queue takes.`)
    await this.inTransaction(async (db) => {
      await db.executeSql('INSERT INTO palm.results (key, bytes, worker) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
        cell.key,
        bytes,
        this.worker,
      ])
      await this.boss.complete(queue, job, null, { db })
    })
  }

  /** What this process works on, for lists of machines; null = nothing. */
  async tell(label: string | null): Promise<void> {
    if (label === null) await this.db.executeSql('DELETE FROM palm.working WHERE worker = $1', [this.worker])
    else
      await this.db.executeSql(
        `INSERT INTO palm.working (worker, label) VALUES ($1, $2)
         ON CONFLICT (worker) DO UPDATE SET label = excluded.label, since = now()`,
        [this.worker, label],
      )
  }

  /** What this process computes on, for the same lists. */
  async sayDevice(device: string): Promise<void> {
    await this.db.executeSql(
      'INSERT INTO palm.devices (worker, device) VALUES ($1, $2) ON CONFLICT (worker) DO UPDATE SET device = excluded.device',
      [this.worker, device.slice(0, 200)],
    )
  }

  /** Back to the queue, without counting as a failure of the cell. */
  async giveBack({ queue, job }: TakenCell): Promise<void> {
    await this.boss.fail(queue, job, { reason: 'returned' })
  }

  /** It failed by itself. After three times it is set aside with its error. @returns whether it was */
  async failed({ cell, queue, job }: TakenCell, error: WireError): Promise<boolean> {
    return this.inTransaction(async (db) => {
      await db.executeSql('INSERT INTO palm.failures (key, worker, error) VALUES ($1, $2, $3)', [
        cell.key,
        this.worker,
        JSON.stringify(error),
      ])
      const [row] = await rowsOf(db, countRow, 'SELECT count(*) AS n FROM palm.failures WHERE key = $1', [cell.key])
      const aside = (row?.n ?? 0) >= triesOfCell
      if (aside) await this.boss.complete(queue, job, { aside: true }, { db })
      else await this.boss.fail(queue, job, { reason: error.message }, { db })
      return aside
    })
  }

  /** Of these cells, those that wait are taken out, and what was set aside is forgotten; who has one computes it to its end. @returns how many waited */
  takeOut(keys: readonly string[]): Promise<number> {
    return takeOutCells(this.db, jobs, keys)
  }

  /** A cell that was set aside waits again. @throws PalmError `bad-request` where the queue does not know it any more */
  again(key: string): Promise<void> {
    return putAgain(this.boss, this.results, jobs, key)
  }

  /** Counts, machines and speed. */
  state(): Promise<LabState> {
    return labState(this.boss, jobs)
  }

  private get db() {
    return this.boss.getDb()
  }

  private async hasResult(key: string): Promise<boolean> {
    return (await this.results.have([key])).length > 0
  }

  private async setAside(queue: string, job: Job<unknown>): Promise<void> {
    await this.boss.complete(queue, { id: job.id, retryCount: job.retryCount }, { aside: true, reason: unreadableJob })
  }

  private async inTransaction<T>(work: (db: QueueDatabase) => Promise<T>): Promise<T> {
    const transaction = await this.db.beginTransaction?.()
    if (!transaction) throw new PalmError('internal', 'The queue’s connection has no transactions.')
    try {
      const result = await work(transaction.db)
      await transaction.commit()
      return result
    } catch (thrown) {
      await transaction.rollback()
      throw thrown
    }
  }
}

/** Not as one text: PostgreSQL’s client would take the password from there alone, or from the environment. */
function partsOf(address: string) {
  const { hostname, port, username, pathname } = new URL(address)
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1') || 'localhost',
    port: port === '' ? 5432 : Number(port),
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
  }
}

const sha = (text: string) => createHash('sha256').update(text).digest('hex')
