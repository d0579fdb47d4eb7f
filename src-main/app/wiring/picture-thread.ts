// Asks the picture thread, which is started when the first picture is wanted and ended when none was for a while.
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import type { MakePictures } from '#app/services/runs/images.ts'
import { PalmError, fromWireError, wireErrorSchema } from '#contract/errors.ts'
import { pictureSchema, type Picture } from '#contract/runs/images.ts'
import { programFile } from './program-files.ts'

const idleMs = 60_000
const answerSchema = z.object({
  id: z.number(),
  pictures: z.array(pictureSchema).nullable(),
  error: wireErrorSchema.nullable(),
})

export function pictureThread(resourcesFolder: string): MakePictures {
  const waiting = new Map<number, { resolve: (pictures: Picture[]) => void; reject: (error: unknown) => void }>()
  let thread: Worker | null = null
  let idle: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  function rest(): void {
    if (waiting.size > 0) return
    idle = setTimeout(() => {
      const ended = thread
      thread = null
      void ended?.terminate()
    }, idleMs)
    idle.unref()
  }

  function started(): Worker {
    const worker = new Worker(programFile('picture-worker'), { workerData: resourcesFolder })
    worker.unref()
    worker.on('message', (message) => {
      const { id, pictures, error } = answerSchema.parse(message)
      const one = waiting.get(id)
      waiting.delete(id)
      if (pictures) one?.resolve(pictures)
      else one?.reject(fromWireError(error ?? { code: 'internal', message: 'The pictures were not made.' }))
      rest()
    })
    const died = (why: string) => {
      if (thread !== worker) return
      thread = null
      for (const { reject } of waiting.values())
        reject(new PalmError('internal', 'The thread that makes pictures ended.', why))
      waiting.clear()
    }
    worker.on('error', (error) => died(error instanceof Error ? (error.stack ?? error.message) : String(error)))
    worker.on('exit', (code) => died(`exit ${code}`))
    return worker
  }

  return ({ options, inputHash, images, maxSide }) => {
    clearTimeout(idle)
    thread ??= started()
    const id = asked++
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      thread?.postMessage({ id, options, inputHash, images, maxSide })
    })
  }
}
