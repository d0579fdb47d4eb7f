// Looks at images and model before a run, each in a process of its own: a newer one of the same form ends the one before, and whoever goes away ends his own.
import { PalmError } from '#contract/errors.ts'
import type { LookRequest, ShownLook } from '#contract/runs/first-look.ts'
import { askTaskProcess, type Folders } from '#app/services/processes/task-process.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'

/** Forms that look at a time: each look holds a model and the library. */
const most = 4

export class Looks {
  private readonly startSession: StartSession
  private readonly folders: Folders
  private readonly underWay = new Map<string, AbortController>()

  constructor(startSession: StartSession, { dataFolder, resourcesFolder }: Folders) {
    this.startSession = startSession
    this.folders = { dataFolder, resourcesFolder }
  }

  /** @throws PalmError for images and models that cannot be read, `cancelled` when a newer one took its place, `run-busy` */
  async look(request: LookRequest): Promise<ShownLook> {
    this.cancel(request.by)
    if (this.underWay.size >= most)
      throw new PalmError('run-busy', 'Several windows are looking at images just now: try again in a moment.')
    const abort = new AbortController()
    this.underWay.set(request.by, abort)
    try {
      return await askTaskProcess(
        this.startSession,
        { type: 'look', request, ...this.folders },
        (message) => (message.type === 'looked' ? message.result : undefined),
        'Nothing was changed.',
        abort.signal,
      )
    } finally {
      if (this.underWay.get(request.by) === abort) this.underWay.delete(request.by)
    }
  }

  cancel(by: string): void {
    this.underWay.get(by)?.abort()
    this.underWay.delete(by)
  }

  close(): void {
    for (const by of [...this.underWay.keys()]) this.cancel(by)
  }
}
