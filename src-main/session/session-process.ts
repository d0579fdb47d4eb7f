// The session process: takes an order over the channel it was born with and carries it out; then it ends, or, where it was told to stay, takes the next one.
import { toWireError } from '#contract/errors.ts'
import { toSessionSchema, type ToSession } from '#contract/session-protocol.ts'
import { tensorsAlive } from '#engine/compute/backend.ts'
import { runExport } from './export/run-export.ts'
import { runSession } from './run-session.ts'
import { holdsCard } from './core/session-device.ts'
import { misfitOf, type SessionLink } from './core/session-link.ts'
import { runCheck } from './tasks/run-check.ts'
import { runContent } from './tasks/run-content.ts'
import { runCopy } from './tasks/run-copy.ts'
import { runLook } from './tasks/run-look.ts'
import { keepThreads } from '#stream/pool.ts'
import { runTask } from './tasks/run-task.ts'

/** The way to whoever started the process. */
export interface SessionChannel {
  readonly send: (message: unknown) => void
  readonly onMessage: (listener: (message: unknown) => void) => void
  readonly onGone: (listener: () => void) => void
  readonly leave: () => void
}

/** `version` is the program's, which a run records. */
export function serveSession(channel: SessionChannel, version: string): void {
  const floor = new MemoryFloor()
  let stays = false
  let use: Use | null = new Use(channel)

  function receive(data: unknown): void {
    const parsed = toSessionSchema.safeParse(data)
    if (!parsed.success) return channel.send(misfitOf(data, parsed.error.message))
    const message = parsed.data
    if (message.type === 'stay') {
      stays = true
      keepThreads()
      use ??= new Use(channel)
      return
    }
    if (!use) return // said to the order before, which was over already
    const work = workOf(message, use.link, version)
    use.hear(message, work !== null)
    if (!work || use.begun) return
    use.begun = true
    void work().then(over)
  }

  function over(): void {
    const failed = use?.close() ?? true
    use = null
    if (stays && !failed && !holdsCard() && floor.isReached(tensorsAlive())) channel.send({ type: 'idle' })
    else channel.leave()
  }

  function fail(thrown: unknown): void {
    channel.send({ type: 'ended', status: 'failed', error: toWireError(thrown) })
    setTimeout(() => process.exit(1), 100)
  }

  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  // Whoever started it is gone: end after the current step, leaving the run resumable.
  channel.onGone(() => {
    stays = false
    if (!use) process.exit(0)
    use.hear({ type: 'stop' }, false)
  })
  channel.onMessage(receive)
  channel.send({ type: 'ready' })
}

/** One order and what is said to it. */
class Use {
  begun = false
  readonly link: SessionLink
  private readonly listeners: ((message: ToSession) => void)[] = []
  /** What came before anybody listened: a Stop or a frame that was quicker than the start. */
  private readonly early: ToSession[] = []
  private open = true
  private failed = false

  constructor(channel: SessionChannel) {
    this.link = {
      send: (message) => {
        if (!this.open) return
        if (message.type === 'ended') this.failed = message.error !== null || (message.leaves ?? null) !== null
        channel.send(message)
      },
      onMessage: (listener) => {
        this.listeners.push(listener)
        for (const message of this.early.splice(0)) listener(message)
      },
    }
  }

  hear(message: ToSession, isOrder: boolean): void {
    if (this.listeners.length === 0 && !isOrder) this.early.push(message)
    for (const listener of this.listeners) listener(message)
  }

  /** From here on nothing is heard or said. @returns whether the order failed */
  close(): boolean {
    this.open = false
    return this.failed
  }
}

/** What stays alive after the first order (constants of the kernels) is what the process keeps; more of it after a later one is a leak. */
class MemoryFloor {
  private tensors = 0

  isReached(alive: number): boolean {
    if (this.tensors === 0) this.tensors = alive
    return alive <= this.tensors
  }
}

/** What an order asks for; null for a message to work that is under way. */
function workOf(message: ToSession, link: SessionLink, version: string): (() => Promise<void>) | null {
  switch (message.type) {
    case 'start':
      return () => runSession(message, link, Date.now, version)
    case 'export':
      return () => runExport(message, link, Date.now, version)
    case 'content':
      return () => runContent(message, link)
    case 'check':
      return () => runCheck(message, link, version)
    case 'copy':
      return () => runCopy(message, link)
    case 'look':
      return () => runLook(message, link, version)
    case 'compare':
    case 'tensors':
    case 'rewrite':
      return () => runTask(message, link)
    case 'stay':
    case 'frame':
    case 'control':
    case 'pause':
    case 'continue':
    case 'step':
    case 'adjust':
    case 'stop':
      return null
  }
}
