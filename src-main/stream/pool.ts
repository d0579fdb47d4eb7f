// A pool of worker threads that decode and corrupt. An order goes to the least busy thread; a thread that dies takes its orders down
// with an error, and the pool goes on with a new one. Threads can be kept from one pool to the next.
import { Worker } from 'node:worker_threads'
import { PalmError } from '#contract/errors.ts'
import type { WorkMessage, WorkOrder, WorkResult } from './corrupt-worker.ts'

interface Waiting {
  readonly resolve: (result: WorkResult) => void
  readonly reject: (error: unknown) => void
  readonly firstFile: string
}

interface Thread {
  worker: Worker
  readonly waiting: Map<number, Waiting>
  /** Whose it is; null: nobody's. */
  pool: WorkerPool | null
}

// Sources run as .ts, the Electron bundle as .js beside it.
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? './corrupt-worker.ts' : './corrupt-worker.js',
  import.meta.url,
)

/** Threads of closed pools that wait for the next pool; null: a pool's threads end with it. */
let spare: Thread[] | null = null

/** From now on the threads of a closed pool are kept for the next one: for a process that takes one order after another. */
export function keepThreads(): void {
  spare ??= []
}

export class WorkerPool {
  private readonly threads: Thread[] = []
  private nextId = 0
  private closed = false

  constructor(size: number) {
    while (this.threads.length < size) this.threads.push(spare?.pop() ?? startThread())
    for (const thread of this.threads) thread.pool = this
  }

  get isClosed(): boolean {
    return this.closed
  }

  get size(): number {
    return this.threads.length
  }

  run(order: Omit<WorkOrder, 'id'>): Promise<WorkResult> {
    if (this.closed) return Promise.reject(new PalmError('cancelled', 'The stream was closed.'))
    const thread = this.threads.reduce((least, other) => (other.waiting.size < least.waiting.size ? other : least))
    const id = this.nextId++
    return new Promise((resolve, reject) => {
      thread.waiting.set(id, { resolve, reject, firstFile: order.items[0]?.id ?? '' })
      thread.worker.postMessage({ ...order, id })
    })
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await Promise.all(this.threads.map((thread) => this.giveBack(thread)))
  }

  private async giveBack(thread: Thread): Promise<void> {
    const { worker, waiting } = thread
    if (spare && waiting.size === 0) {
      worker.postMessage('forget' satisfies WorkMessage)
      thread.pool = null
      spare.push(thread)
      return
    }
    await worker.terminate()
    for (const { reject } of waiting.values()) reject(new PalmError('cancelled', 'The stream was closed.'))
    waiting.clear()
  }
}

function startThread(): Thread {
  const thread: Thread = { worker: new Worker(workerFile), waiting: new Map(), pool: null }
  listen(thread)
  return thread
}

function listen(thread: Thread): void {
  const { worker, waiting } = thread
  worker.on('message', (result: WorkResult) => {
    waiting.get(result.id)?.resolve(result)
    waiting.delete(result.id)
  })
  const died = (why: string) => {
    for (const { reject, firstFile } of waiting.values())
      reject(
        new PalmError('internal', `A worker thread died while it worked on ${firstFile} and the images after it.`, why),
      )
    waiting.clear()
  }
  worker.on('error', (error) => died(error instanceof Error ? (error.stack ?? error.message) : String(error)))
  worker.on('exit', () => {
    if (thread.pool?.isClosed) return
    died('it exited')
    if (!thread.pool) {
      spare = spare?.filter((other) => other !== thread) ?? null
      return
    }
    thread.worker = new Worker(workerFile)
    listen(thread)
  })
  worker.unref()
}
