// Work on the store that would keep the main process too long, in a process of its own: comparing two checkpoints, looking at a lane's tensors, writing the database file anew. Loads no
// TensorFlow.
import { join } from 'node:path'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { ToSession } from '#contract/session-protocol.ts'
import { openStore } from '#store/store.ts'
import { compareCheckpoints } from './compare-checkpoints.ts'
import type { SessionLink } from '#session/core/session-link.ts'
import { tensorValues } from './tensor-values.ts'

export type TaskMessage = Extract<ToSession, { type: 'compare' | 'tensors' | 'rewrite' }>

/** Answers with `compared` or `tensors`, or with the reason in `ended`. */
export async function runTask(task: TaskMessage, link: SessionLink): Promise<void> {
  let error: WireError | null = null
  try {
    const store = openStore(join(task.dataFolder, 'palm.sqlite'))
    try {
      if (task.type === 'compare')
        link.send({ type: 'compared', result: await compareCheckpoints(store, task.resourcesFolder, task.request) })
      else if (task.type === 'tensors')
        link.send({ type: 'tensors', result: await tensorValues(store, task.resourcesFolder, task.request) })
      else store.rewriteFile()
    } finally {
      store.close()
    }
  } catch (thrown) {
    error = toWireError(thrown)
  }
  link.send({ type: 'ended', status: error ? 'failed' : 'done', error })
}
