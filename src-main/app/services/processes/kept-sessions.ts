// Session processes that stay for the next order: it begins at once, where a new process loads the program and the library first (over a second of the processor).
// Whoever gets one sees a process that is born and ends; crash isolation stays, one order a process at a time. One that failed, was killed, or was
// started with another environment is never used again.
import type { FromSession, ToSession } from '#contract/session-protocol.ts'
import type { SessionExit, SessionProcess, SessionSettings, StartSession } from './session-process.ts'

/** How long a process without work is kept. */
const keptMs = 60_000

/** A run's and a task's. */
const mostResting = 2

/** `environmentOf`: what a process of these settings would be started with; only one with the same is used again, and where it is null none is kept. */
export function keepSessions(
  start: StartSession,
  environmentOf: (settings?: SessionSettings) => string | null,
  restMs = keptMs,
): StartSession {
  const resting: KeptProcess[] = []
  const remove = (kept: KeptProcess): void => {
    const at = resting.indexOf(kept)
    if (at >= 0) resting.splice(at, 1)
  }
  return (settings) => {
    const environment = environmentOf(settings)
    if (environment === null) return start(settings)
    const found = resting.find((kept) => kept.environment === environment)
    if (found) {
      remove(found)
      return found.use()
    }
    const kept: KeptProcess = new KeptProcess(start(settings), environment, {
      idle() {
        resting.push(kept)
        if (resting.length > mostResting) resting.shift()?.letGo()
        kept.rest(restMs)
      },
      gone: () => remove(kept),
    })
    return kept.use()
  }
}

interface KeptListener {
  idle(): void
  gone(): void
}

class KeptProcess {
  readonly environment: string
  private readonly process: SessionProcess
  private user: User | null = null
  /** Said `ready`, which it does once. */
  private isUp = false
  /** What it had said before may come after that, that it is idle too: it ends all the same. */
  private killed = false
  private timer: NodeJS.Timeout | undefined

  constructor(process: SessionProcess, environment: string, listener: KeptListener) {
    this.process = process
    this.environment = environment
    process.onMessage((message) => {
      const type = typeOf(message)
      if (type === 'idle') {
        if (this.killed) return // its owner hears of the end when it is there
        const { user } = this
        this.user = null
        listener.idle()
        user?.gone({ code: 0, signal: null, stderrTail: '' })
        return
      }
      if (type === 'ready') {
        this.isUp = true
        this.process.send({ type: 'stay' })
      }
      this.user?.heard(message)
    })
    process.onExit((exit) => {
      clearTimeout(this.timer)
      listener.gone()
      this.user?.gone(exit)
    })
  }

  use(): SessionProcess {
    clearTimeout(this.timer)
    this.process.hold?.(true)
    const user = new User(this.process, () => (this.killed = true))
    this.user = user
    if (this.isUp) {
      this.process.send({ type: 'stay' })
      setImmediate(() => user.heard({ type: 'ready' } satisfies FromSession))
    }
    return user
  }

  rest(ms: number): void {
    this.process.hold?.(false)
    this.timer = setTimeout(() => this.letGo(), ms)
    this.timer.unref()
  }

  letGo(): void {
    clearTimeout(this.timer)
    this.process.kill()
  }
}

/** A process as one order's owner sees it: gone when the order is over. */
class User implements SessionProcess {
  private readonly process: SessionProcess
  private readonly onKill: () => void
  private readonly messageListeners: ((message: unknown) => void)[] = []
  private readonly exitListeners: ((exit: SessionExit) => void)[] = []
  private exit: SessionExit | null = null

  constructor(process: SessionProcess, onKill: () => void) {
    this.process = process
    this.onKill = onKill
  }

  get pid(): number | null {
    return this.process.pid
  }

  send(message: ToSession): void {
    if (!this.exit) this.process.send(message)
  }

  onMessage(listener: (message: unknown) => void): void {
    this.messageListeners.push(listener)
  }

  onExit(listener: (exit: SessionExit) => void): void {
    if (this.exit) listener(this.exit)
    else this.exitListeners.push(listener)
  }

  kill(): void {
    if (this.exit) return
    this.onKill()
    this.process.kill()
  }

  heard(message: unknown): void {
    if (this.exit) return
    for (const listener of this.messageListeners) listener(message)
  }

  gone(exit: SessionExit): void {
    if (this.exit) return
    this.exit = exit
    for (const listener of this.exitListeners) listener(exit)
  }
}

const typeOf = (message: unknown): unknown =>
  typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined
