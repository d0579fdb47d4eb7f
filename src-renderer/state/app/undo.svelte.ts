// What was done last and can be taken back: one sentence and one way back for the whole window. A later deed takes an earlier one's place.
// Runs without a page.
import { toWireError } from '#contract/errors.ts'

export class Undo {
  /** What was done, in the language that is set when it is read. */
  private told = $state.raw<(() => string) | null>(null)
  /** Why it could not be taken back. */
  problem = $state('')
  private back = $state.raw<(() => Promise<unknown>) | null>(null)

  /** '' = nothing to take back. */
  get done(): string {
    return this.told?.() ?? ''
  }

  get canUndo(): boolean {
    return this.back !== null
  }

  /** `back` undoes it; it may be offered once. Null: there is nothing to take back, it is only told. */
  offer(told: () => string, back: (() => Promise<unknown>) | null): void {
    this.told = told
    this.back = back
    this.problem = ''
  }

  async undo(): Promise<void> {
    const { back } = this
    if (!back) return
    this.forget()
    try {
      await back()
    } catch (thrown) {
      this.problem = toWireError(thrown).message
    }
  }

  /** What was done stays done. */
  forget(): void {
    this.told = null
    this.problem = ''
    this.back = null
  }
}
