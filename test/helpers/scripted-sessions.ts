// Sessions that compute nothing and end when the test says so, as it says: recorded in the store like a real one's end.
import type { WireError } from '#contract/errors.ts'
import type { ToSession } from '#contract/session-protocol.ts'
import type { RunStatus } from '#contract/tables/report.ts'
import type { SessionExit, StartSession } from '#app/services/processes/session-process.ts'
import type { Store } from '#store/store.ts'

export class ScriptedSessions {
  /** Runs whose sessions began, in order. */
  readonly began: number[] = []
  private readonly store: Store
  /** By run, in the order in which they began. */
  private readonly atWork = new Map<number, (status: RunStatus, error: WireError | null) => void>()

  constructor(store: Store) {
    this.store = store
  }

  /** The runs at work. */
  get runs(): readonly number[] {
    return [...this.atWork.keys()]
  }

  /** The newest run at work; null = none. */
  get run(): number | null {
    return this.runs.at(-1) ?? null
  }

  /** The session at work ends, or that of a run. */
  end(status: 'done' | 'stopped' | 'failed', error: WireError | null = null, run = this.run): void {
    if (run !== null) this.atWork.get(run)?.(status, error)
  }

  readonly start: StartSession = () => {
    const toHost: ((message: unknown) => void)[] = []
    const exits: ((exit: SessionExit) => void)[] = []
    const end = (run: number, status: RunStatus, error: WireError | null): void => {
      this.atWork.delete(run)
      this.store.transaction(() => this.store.runs.setStatus(run, status, error, 1))
      toHost.forEach((listener) => listener({ type: 'ended', status, error }))
      exits.forEach((listener) => listener({ code: 0, signal: null, stderrTail: '' }))
    }
    let own: number | null = null
    queueMicrotask(() => toHost.forEach((listener) => listener({ type: 'ready' })))
    return {
      pid: null,
      send: (message: ToSession) => {
        if (message.type === 'start') {
          const { run } = message
          own = run
          this.began.push(run)
          this.store.transaction(() => this.store.runs.setStatus(run, 'running', null, 1))
          this.atWork.set(run, (status, error) => end(run, status, error))
        } else if (message.type === 'stop') this.end('stopped', null, own)
      },
      onMessage: (listener) => void toHost.push(listener),
      onExit: (listener) => void exits.push(listener),
      kill: () => undefined,
    }
  }
}
