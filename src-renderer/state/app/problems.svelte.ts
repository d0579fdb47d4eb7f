// What went wrong last and is shown above every view until it is closed. Runs without a page.
import { toWireError, type WireError } from '#contract/errors.ts'

export class Problems {
  current = $state.raw<WireError | null>(null)

  /** A lost connection is shown by itself, and comes back by itself. */
  readonly show = (error: WireError): void => {
    if (error.code !== 'cancelled') this.current = error
  }

  dismiss(): void {
    this.current = null
  }

  /** Does it, and shows why it could not be done. @returns whether it was done */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    this.dismiss()
    try {
      await work()
      return true
    } catch (thrown) {
      this.show(toWireError(thrown))
      return false
    }
  }
}
