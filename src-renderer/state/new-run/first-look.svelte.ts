// The look at the form's images and model: made anew when they change, the newest alone counts, and it can be stopped. Runs without a page.
import { isDoubtful, type LookRequestInput, type ShownLook } from '#contract/runs/first-look.ts'
import { toWireError } from '#contract/errors.ts'

export interface LookAsker {
  look(request: LookRequestInput): Promise<ShownLook>
  cancelLook(by: string): Promise<unknown>
}

export type LookSubject = Omit<LookRequestInput, 'by'>

/** Somebody who goes on choosing is waited for. */
const pauseMs = 300

export class FormLook {
  shown = $state.raw<ShownLook | null>(null)
  looking = $state(false)
  problem = $state('')
  /** Somebody stopped it. */
  halted = $state(false)
  private readonly asker: LookAsker
  private readonly by = crypto.randomUUID()
  private subject: LookSubject | null = null
  private key = ''
  private asked = 0

  constructor(asker: LookAsker) {
    this.asker = asker
  }

  get doubtful(): boolean {
    return this.shown !== null && isDoubtful(this.shown.look)
  }

  /** Looks at a subject; the same one again changes nothing. Null: nothing can be said, and what was said does not hold any more. */
  async want(subject: LookSubject | null): Promise<void> {
    const key = JSON.stringify(subject)
    if (key === this.key) return
    this.key = key
    this.subject = subject
    this.leave()
    this.shown = null
    this.problem = ''
    this.halted = false
    if (subject) await this.make(subject)
  }

  /** The same subject once more: what lies there may have changed, or somebody had stopped it. */
  async again(): Promise<void> {
    const { subject } = this
    this.key = ''
    await this.want(subject)
  }

  /** Looks no further. */
  halt(): void {
    this.leave()
    this.halted = true
  }

  /** The form is gone. */
  stop(): void {
    this.leave()
    this.key = ''
  }

  private leave(): void {
    this.asked++
    if (this.looking) void this.asker.cancelLook(this.by).catch(() => undefined) // the connection is gone, and with it the look
    this.looking = false
  }

  private async make(subject: LookSubject): Promise<void> {
    const ask = ++this.asked
    this.looking = true
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    if (ask !== this.asked) return
    try {
      const shown = await this.asker.look({ by: this.by, ...subject })
      if (ask !== this.asked) return
      this.shown = shown
    } catch (thrown) {
      if (ask !== this.asked) return
      this.problem = toWireError(thrown).message
    }
    this.looking = false
  }
}
