// A machine that takes cells from a lab's queue, computes them in sessions of its own, and sends what came out. It runs nothing that comes from the queue: a cell is
// data, and its key must follow from what was found here.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PalmError, toWireError, type ErrorCode, type WireError } from '#contract/errors.ts'
import { deviceLine, devicesOf, type DeviceChoice } from '#contract/devices.ts'
import { runOptionsSchema, type RunOptions } from '#contract/runs/run-options.ts'
import type { QueuedContents, QueuedStream } from '#contract/sweeps/lab.ts'
import { resultsRevision } from '#contract/sweeps/sweep.ts'
import type { Runs } from '#app/services/runs/runs.ts'
import { keyOf } from '#app/services/sweeps/sweep-cells.ts'
import type { Store } from '#store/store.ts'
import type { FoundContents, LabLibrary } from './lab-library.ts'
import type { LabQueue, TakenCell } from './lab-queue.ts'

export interface LabWorkerParts {
  readonly queue: LabQueue
  readonly library: LabLibrary
  readonly store: Store
  readonly runs: Runs
  /** For files on their way. */
  readonly folder: string
  readonly device: DeviceChoice | null
  /** This program's version. */
  readonly program: string
  /** A third of what the queue waits for a sign of life. */
  readonly heartbeatMs: number
  /** Whether it ends when nothing waits that it could compute. */
  readonly untilEmpty: boolean
  readonly told: (event: WorkerEvent) => void
}

export type WorkerEvent =
  | { readonly event: 'cell'; readonly label: string; readonly run: number }
  | { readonly event: 'done'; readonly label: string; readonly ms: number; readonly bytes: number }
  | { readonly event: 'failed'; readonly label: string; readonly error: WireError; readonly aside: boolean }
  | { readonly event: 'waiting'; readonly reason: string }

/** Faults of this machine, not of a cell: it stops, and the cell is for others. */
const ofMachine: readonly ErrorCode[] = [
  'disk-full',
  'native-missing',
  'device-missing',
  'device-wrong',
  'store-damaged',
]

const idleMs = 1000
/** The same where the queue tells of new cells: what comes back from a machine that has gone is told by nobody. */
const listeningMs = 15_000
/** How often it looks for new queues, and again for what it did not find. */
const lookAgainMs = 20_000
/** How long a result is offered to a server that does not answer. */
const patienceMs = 60 * 60 * 1000

export class LabWorker {
  private readonly parts: LabWorkerParts
  private readonly streams = new Map<string, QueuedStream>()
  private served: { readonly name: string; readonly contents: QueuedContents; readonly found: FoundContents }[] = []
  private looked = -Infinity
  private next = 0
  private device = ''
  private wake: () => void = () => undefined
  /** There were new cells since it began to look. */
  private heard = false

  constructor(parts: LabWorkerParts) {
    this.parts = parts
  }

  /** Works until `signal` says so, or as long as there is something. @returns cells that were sent. @throws PalmError for a fault of this machine */
  async work(signal: AbortSignal): Promise<number> {
    let sent = 0
    const unlisten = this.parts.untilEmpty ? null : await this.parts.queue.listen(() => this.woken())
    while (!signal.aborted) {
      let taken: TakenCell | null
      this.heard = false
      try {
        taken = await this.take()
      } catch (thrown) {
        this.parts.told({ event: 'waiting', reason: `The queue does not answer: ${toWireError(thrown).message}` })
        await pause(idleMs * 2, signal)
        continue
      }
      if (taken) {
        if (await this.compute(taken, signal)) sent += 1
      } else if (this.parts.untilEmpty) break
      else await this.rest(unlisten ? listeningMs : idleMs, signal)
    }
    await unlisten?.().catch(() => undefined)
    await this.parts.queue.tell(null).catch(() => undefined)
    return sent
  }

  /** There are new cells, perhaps of new queues. */
  private woken(): void {
    this.looked = -Infinity
    this.heard = true
    this.wake()
  }

  private async rest(ms: number, signal: AbortSignal): Promise<void> {
    if (this.heard) return
    const rested = new AbortController()
    this.wake = () => rested.abort()
    await pause(ms, AbortSignal.any([signal, rested.signal]))
    this.wake = () => undefined
  }

  /** What a run of it is computed on, for lists; where the server does not answer it is said with the next cell. */
  private async sayDeviceOf(run: number): Promise<void> {
    const plan = this.parts.store.runs.plan(run)
    const used = plan ? devicesOf(plan).at(-1) : undefined
    const device = used ? deviceLine(used) : this.device
    if (device === this.device) return
    this.device = device
    await this.parts.queue.sayDevice(device).catch(() => (this.device = ''))
  }

  /** From each queue in turn. */
  private async take(): Promise<TakenCell | null> {
    if (Date.now() - this.looked > lookAgainMs) await this.look()
    for (let i = 0; i < this.served.length; i++) {
      const queue = this.served[(this.next + i) % this.served.length]
      const taken = queue && (await this.parts.queue.take(queue.name))
      if (!taken) continue
      this.next = (this.next + i + 1) % this.served.length
      return taken
    }
    return null
  }

  private async look(): Promise<void> {
    const { queue, library, program } = this.parts
    library.forget()
    const served: typeof this.served = []
    for (const { name, contents } of await queue.queues()) {
      if (contents.program !== program || contents.revision !== resultsRevision) continue
      const found = await library.find(contents)
      if (found) served.push({ name, contents, found })
    }
    this.served = served
    this.looked = this.heard ? -Infinity : Date.now()
  }

  /** @returns whether its result was sent */
  private async compute(taken: TakenCell, signal: AbortSignal): Promise<boolean> {
    const { queue, store, told } = this.parts
    const { label } = taken.cell
    const begun = Date.now()
    let run: number | null = null
    const heartbeat = setInterval(() => {
      void queue.keep(taken).catch(() => undefined)
      if (run !== null) void this.sayDeviceOf(run)
    }, this.parts.heartbeatMs)
    try {
      const { options, sent } = await this.optionsOf(taken, signal)
      void queue.tell(`${label}, seed ${options.seed}`).catch(() => undefined)
      const bytes = await this.run(options, sent, taken, signal, (id) => (run = id))
      if (bytes === null) {
        await queue.giveBack(taken)
        return false
      }
      await this.offer(() => queue.finish(taken, bytes), signal)
      told({ event: 'done', label, ms: Date.now() - begun, bytes: bytes.length })
      return true
    } catch (thrown) {
      const error = toWireError(thrown)
      if (ofMachine.includes(error.code)) {
        await queue.giveBack(taken).catch(() => undefined)
        throw thrown
      }
      const aside = await this.offer(() => queue.failed(taken, withoutDetail(error)), signal).catch(() => false)
      told({ event: 'failed', label, error, aside })
      return false
    } finally {
      clearInterval(heartbeat)
      const done = run
      if (done !== null) store.transaction(() => store.runs.remove(done))
    }
  }

  /** The cell's run on this machine, and as it is sent: without this machine's places. */
  private async optionsOf(
    { cell, queue }: TakenCell,
    signal: AbortSignal,
  ): Promise<{ options: RunOptions; sent: RunOptions }> {
    const served = this.served.find(({ name }) => name === queue)
    if (!served) throw new PalmError('internal', 'A cell of a queue that is not served.')
    // A server that does not answer is no fault of the cell.
    const ofQueue = () => this.offer(() => this.parts.queue.stream(cell.stream), signal)
    const stream = this.streams.get(cell.stream) ?? (await ofQueue())
    this.streams.set(cell.stream, stream)
    const { contents, found } = served
    const lanes = [{ id: cell.options.method, label: cell.label, options: cell.options }]
    const at = (where: FoundContents) =>
      runOptionsSchema.parse({ ...stream.run, ...where, lanes, device: this.parts.device })
    const options = at(found)
    const sent = at({
      input: contents.input.options,
      model: contents.model.options,
      source: contents.source?.options ?? null,
    })
    const key = keyOf(options, cell.options, {
      input: contents.input.print,
      model: contents.model.print,
      source: contents.source?.print ?? null,
    })
    if (key !== cell.key)
      throw new PalmError(
        'bad-request',
        'The cell’s key does not follow from its settings: the queue’s row was changed.',
      )
    return { options, sent }
  }

  /** @returns null where it was stopped. @throws PalmError why the run failed */
  private async run(
    options: RunOptions,
    sent: RunOptions,
    { cell }: TakenCell,
    signal: AbortSignal,
    began: (run: number) => void,
  ): Promise<Uint8Array | null> {
    const { runs, store, folder, told } = this.parts
    await runs.sessions.settled()
    const run = runs.sessions.start(options)
    began(run)
    store.transaction(() => store.cells.put(cell.key, run, cell.options.method))
    told({ event: 'cell', label: cell.label, run })
    const stop = (): void => {
      if (runs.sessions.isActive(run)) runs.sessions.stop(run)
    }
    signal.addEventListener('abort', stop)
    try {
      await runs.sessions.over(run)
    } finally {
      signal.removeEventListener('abort', stop)
    }
    await this.sayDeviceOf(run)
    const { status, error } = runs.catalogue.get(run)
    if (status === 'stopped') return null
    if (status !== 'done')
      throw new PalmError(error?.code ?? 'session-died', error?.message ?? `The run ended as ${status}.`, error?.detail)
    const file = join(folder, `result-${run}.palmdb`)
    try {
      store.runFiles.write(file, [{ run, options: sent }], [])
      return await readFile(file)
    } finally {
      await rm(file, { force: true })
    }
  }

  /** Again and again while the server does not answer. */
  private async offer<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const begun = Date.now()
    for (;;) {
      try {
        return await work()
      } catch (thrown) {
        if (thrown instanceof PalmError || signal.aborted || Date.now() - begun > patienceMs) throw thrown
        this.parts.told({ event: 'waiting', reason: `The queue does not answer: ${toWireError(thrown).message}` })
        await pause(idleMs * 2, signal)
      }
    }
  }
}

/** Details may name places of this machine. */
const withoutDetail = ({ code, message }: WireError): WireError => ({ code, message })

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const over = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', over)
      resolve()
    }
    const timer = setTimeout(over, ms)
    signal.addEventListener('abort', over)
  })
