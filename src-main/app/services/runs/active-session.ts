// A session at work on a run: its process, its lock, and the answers that somebody waits for.
import { PalmError, fromWireError, type WireError } from '#contract/errors.ts'
import type { OptionChange, OptionRequest } from '#contract/runs/option-change.ts'
import type { RunEvent } from '#contract/tables/report.ts'
import type { ToSession } from '#contract/session-protocol.ts'
import type { WebcamAnswer, WebcamFrame } from '#contract/webcam.ts'
import type { SessionProcess } from '#app/services/processes/session-process.ts'
import { superviseSession } from '#app/services/processes/supervisor.ts'
import type { SessionAnswer, SessionEnd, Supervised } from '#app/services/processes/supervisor.ts'
import type { RunLock } from './run-lock.ts'

interface Waiting<T> {
  readonly id: number
  readonly resolve: (answer: T) => void
  readonly reject: (error: PalmError) => void
}

export class ActiveSession {
  readonly run: number
  /** Resolves when the process is gone; never rejects. */
  readonly end: Promise<SessionEnd>
  private readonly lock: RunLock
  private readonly supervised: Supervised
  private readonly changes = new Map<number, Waiting<OptionChange | null>>()
  /** The webcam's frame on its way. */
  private frame: Waiting<WebcamAnswer> | null = null
  private nextId = 0

  /** Sends `start` to the process once it is ready; events go to `heard`, in order. */
  constructor(
    process: SessionProcess,
    start: Extract<ToSession, { type: 'start' }>,
    lock: RunLock,
    heard: (event: RunEvent) => void,
  ) {
    this.run = start.run
    this.lock = lock
    this.supervised = superviseSession(process, start, {
      ready: (pid) => {
        if (pid !== null) lock.hold(pid)
      },
      event: heard,
      answer: (answer) => this.answered(answer),
    })
    this.end = this.supervised.end
  }

  send(message: ToSession): void {
    this.supervised.send(message)
  }

  /** Ends the process at once. */
  kill(): void {
    this.supervised.kill()
  }

  /** Resolves when the change is recorded, null where the option has that value already. @throws PalmError as the session says, `cancelled` when it ends first */
  adjust(change: OptionRequest): Promise<OptionChange | null> {
    const id = this.nextId++
    return new Promise((resolve, reject) => {
      this.changes.set(id, { id, resolve, reject })
      this.send({ type: 'adjust', id, change })
    })
  }

  /** What the models say of a webcam's frame. @throws PalmError `run-busy` while another one is on its way */
  async answerFrame(frame: WebcamFrame): Promise<WebcamAnswer> {
    if (this.frame)
      throw new PalmError('run-busy', 'Another frame is on its way: send the newest one when it is answered.')
    const id = this.nextId++
    return new Promise((resolve, reject) => {
      this.frame = { id, resolve, reject }
      this.send({ type: 'frame', id, frame })
    })
  }

  /** After the end: nobody waits for an answer any more, and the run is free. */
  close(): void {
    const over = new PalmError('cancelled', 'The run is over.')
    for (const { reject } of this.changes.values()) reject(over)
    this.changes.clear()
    this.frame?.reject(over)
    this.frame = null
    this.lock.release()
  }

  private answered(answer: SessionAnswer): void {
    if (answer.type === 'refused') this.refused(answer.id, answer.error)
    else if (answer.error) this.refused(answer.id, answer.error)
    else if (answer.type === 'adjusted') {
      this.changes.get(answer.id)?.resolve(answer.change)
      this.changes.delete(answer.id)
    } else if (this.frame?.id === answer.id && answer.answer) {
      const { resolve } = this.frame
      this.frame = null
      resolve(answer.answer)
    }
  }

  private refused(id: number | null, error: WireError): void {
    if (id === null) return // of a message that nobody waits for: it is in the log
    this.changes.get(id)?.reject(fromWireError(error))
    this.changes.delete(id)
    if (this.frame?.id !== id) return
    const { reject } = this.frame
    this.frame = null
    reject(fromWireError(error))
  }
}
