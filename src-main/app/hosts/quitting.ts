// What happens when somebody quits: at once when nothing is under way; in the middle of a run it is asked, and the run may be finished without
// a window. Knows neither Electron nor the app but through its parts.

export const quitChoices = ['stop', 'background', 'cancel'] as const
export type QuitChoice = (typeof quitChoices)[number]

export interface QuittingParts {
  /** Whether a run or a sweep is under way. */
  readonly isBusy: () => boolean
  readonly ask: () => Promise<QuitChoice>
  readonly closeWindows: () => void
  readonly hasWindow: () => boolean
  readonly openWindow: () => void
  /** Stops what is under way, leaving it resumable, and closes the store. */
  readonly closeApp: () => Promise<void>
  /** Ends the process: comes back to `wanted`, which lets it. */
  readonly quit: () => void
  /** A run came to its end with no window there. */
  readonly tellOver: () => void
}

export class Quitting {
  private readonly parts: QuittingParts
  private state: 'no' | 'asking' | 'background' | 'closing' | 'may' = 'no'

  constructor(parts: QuittingParts) {
    this.parts = parts
  }

  /** Whether the process may end right now; if not, it ends by itself when it may. */
  wanted(): boolean {
    if (this.state === 'may') return true
    if (this.state === 'asking' || this.state === 'closing') return false
    if (!this.parts.isBusy()) this.close()
    else void this.ask()
    return false
  }

  /** Closes without a question, for an update that was asked for, and calls `last`, which ends the process. */
  endWith(last: () => void): void {
    if (this.state === 'closing' || this.state === 'may') return
    this.close(last)
  }

  /** The last window is gone: that is quitting, but where the run shall go on, and on macOS. */
  allClosed(platform: NodeJS.Platform): void {
    if (platform !== 'darwin' && this.state === 'no') this.wanted()
  }

  /** Somebody started the program again, or clicked on it. */
  opened(): void {
    if (this.state === 'background') this.state = 'no'
    if (this.state === 'no') this.parts.openWindow()
  }

  /** A run's status changed. */
  runChanged(): void {
    if (this.state !== 'background' || this.parts.isBusy()) return
    this.parts.tellOver()
    this.close()
  }

  private async ask(): Promise<void> {
    this.state = 'asking'
    const choice = await this.parts.ask().catch((): QuitChoice => 'cancel')
    if (choice === 'stop') this.close()
    else if (choice === 'background') {
      this.state = 'background'
      this.parts.closeWindows()
      this.runChanged() // it may have ended while it was asked
    } else {
      this.state = 'no'
      if (!this.parts.hasWindow()) this.parts.openWindow()
    }
  }

  private close(last = this.parts.quit): void {
    this.state = 'closing'
    void this.parts.closeApp().finally(() => {
      this.state = 'may'
      last()
    })
  }
}
