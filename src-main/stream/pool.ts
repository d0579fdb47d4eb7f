// A pool of worker threads that decode and corrupt. An order goes to the least busy thread; a thread that dies takes its orders down
// with an error, and the pool goes on with a new one.
import { Worker } from 'node:worker_threads'
import { PalmError } from '#contract/errors.ts'
import type { WorkOrder, WorkResult } from './corrupt-worker.ts'

interface Waiting {
  readonly resolve: (result: WorkResult) => void
  readonly reject: (error: unknown) => void
  readonly firstFile: string
}

interface Thread {
  worker: Worker
  readonly waiting: Map<number, Waiting>
}

// Sources run as .ts, the Electron bundle as .js beside it.
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? './corrupt-worker.ts' : './corrupt-worker.js',
  import.meta.url,
)

export class WorkerPool {
  private readonly threads: Thread[] = []
  private nextId = 0
  private closed = false

  constructor(size: number) {
    for (let i = 0; i < size; i++) {
      const waiting = new Map<number, Waiting>()
      this.threads.push({ worker: this.start(waiting), waiting })
    }
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
    this.closed = true
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()))
    for (const { waiting } of this.threads) {
      for (const { reject } of waiting.values()) reject(new PalmError('cancelled', 'The stream was closed.'))
      waiting.clear()
    }
  }

  private start(waiting: Map<number, Waiting>): Worker {
    const worker = new Worker(workerFile)
    worker.on('message', (result: WorkResult) => {
      waiting.get(result.id)?.resolve(result)
      waiting.delete(result.id)
    })
    const died = (why: string) => {
      for (const { reject, firstFile } of waiting.values())
        reject(
          new PalmError(
            'internal',
            `A worker thread died while it worked on ${firstFile} and the images after it.`,
            why,
          ),
        )
      waiting.clear()
    }
    worker.on('error', (error) => died(error instanceof Error ? (error.stack ?? error.message) : String(error)))
    worker.on('exit', () => {
      if (this.closed) return
      died('it exited')
      const thread = this.threads.find((candidate) => candidate.waiting === waiting)
      if (thread) thread.worker = this.start(waiting)
    })
    worker.unref()
    return worker
  }
}
