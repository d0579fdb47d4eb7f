// Where a path is asked for: the system's dialog where the host has one, else the program's own picker, one at a time. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import type { PickedKind } from '#contract/files/listing.ts'
import type { Program } from '#renderer/state/app/program.svelte.ts'
import { FileBrowser } from './file-browser.svelte.ts'

export class FilePicker {
  /** What stands over the window; null = nothing is picked, or the system's dialog does it. */
  browser = $state.raw<FileBrowser | null>(null)
  private readonly program: Pick<Program, 'info' | 'pick'>
  private readonly caller: Pick<PalmClient, 'call'>

  constructor(program: Pick<Program, 'info' | 'pick'>, caller: Pick<PalmClient, 'call'>) {
    this.program = program
    this.caller = caller
  }

  /** Null = nothing was chosen. Rejects with what was wrong with the system's dialog. */
  readonly pick = async (kind: PickedKind, from: string): Promise<string | null> => {
    if (this.program.info?.canPickFiles) return this.program.pick(kind === 'model' ? 'model' : 'folder')
    this.browser?.choose(null)
    return new Promise((resolve) => {
      const browser = new FileBrowser({
        kind,
        caller: this.caller,
        now: Date.now,
        answer: (path) => {
          if (this.browser === browser) this.browser = null
          resolve(path)
        },
      })
      this.browser = browser
      void browser.begin(from)
    })
  }
}
