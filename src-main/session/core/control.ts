// What a session is told from outside, in the order in which it came, and the course that follows from it: run, pause, stop, single steps.
import { PalmError } from '#contract/errors.ts'
import type { ToSession } from '#contract/session-protocol.ts'
import { refusalOf, type SessionLink } from './session-link.ts'

/** Said of an option that was to change. */
export const overBeforeChange = 'The run ended before its next step, so the option was not changed.'

export type Course = 'run' | 'pause' | 'stop'

export class Control {
  course: Course = 'run'
  private readonly link: SessionLink
  private readonly inbox: ToSession[] = []
  private wake: (() => void) | null = null
  /** How many batches a paused run shall still make. */
  private steps = 0

  constructor(link: SessionLink) {
    this.link = link
    link.onMessage((message) => {
      this.inbox.push(message)
      this.wake?.()
    })
  }

  /** Paused, and no single step is asked for. */
  get waits(): boolean {
    return this.course === 'pause' && this.steps === 0
  }

  /** The oldest message, if there is one. */
  take(): ToSession | undefined {
    return this.inbox.shift()
  }

  /** Resolves when there is a message to take. */
  async arrival(): Promise<void> {
    if (this.inbox.length > 0) return
    await new Promise<void>((resolve) => {
      this.wake = resolve
    })
    this.wake = null
  }

  /** Sets the course, or refuses a message that is none of this session's. @returns the course from now on */
  follow(message: ToSession): Course {
    if (message.type === 'step') {
      if (this.course === 'pause') this.steps += 1
    } else if (message.type === 'pause' || message.type === 'continue' || message.type === 'stop') {
      this.course = message.type === 'continue' ? 'run' : message.type
      this.steps = 0
    } else this.refuse(message, new PalmError('bad-request', `This run cannot be told to “${message.type}”.`))
    return this.course
  }

  /** One of the single steps is made. */
  stepMade(): void {
    this.steps -= 1
  }

  refuse(message: ToSession, reason: PalmError): void {
    this.link.send(refusalOf(message, reason))
  }

  /** Answers what came too late. */
  close(): void {
    for (const message of this.inbox.splice(0)) {
      if (message.type === 'frame') this.refuse(message, new PalmError('cancelled', 'The run is over.'))
      if (message.type === 'adjust') this.refuse(message, new PalmError('cancelled', overBeforeChange))
    }
  }
}
