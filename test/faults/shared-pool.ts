// The pool of threads (#stream/pool.ts) with one thread for all sessions of a process: in the place of one each, which would take most of the time of a process that lives for a second.
import { Worker } from 'node:worker_threads'
import type { WorkOrder, WorkResult } from '#stream/corrupt-worker.ts'

let thread: Worker | null = null
let nextId = 0
const waiting = new Map<number, (result: WorkResult) => void>()

function started(): Worker {
  if (thread) return thread
  const worker = new Worker(new URL('./corrupt-worker.js', import.meta.url)) // beside the bundle
  worker.on('message', (result: WorkResult) => {
    waiting.get(result.id)?.(result)
    waiting.delete(result.id)
  })
  worker.unref()
  thread = worker
  return worker
}

export class WorkerPool {
  isClosed = false
  readonly size = 1

  run(order: Omit<WorkOrder, 'id'>): Promise<WorkResult> {
    const id = nextId++
    return new Promise((resolve) => {
      waiting.set(id, resolve)
      started().postMessage({ ...order, id })
    })
  }

  close(): Promise<void> {
    this.isClosed = true
    return Promise.resolve()
  }
}
