// Where a path is asked for: the system's dialog where the host has one, else the program's own picker, one at a time. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import type { PickedKind } from '#contract/files/listing.ts'
import type { Sought } from '#renderer/lib/picker.ts'
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
  async pick(sought: Sought, from: string): Promise<string | null> {
    if (this.program.info?.canPickFiles) return this.program.pick(sought, from)
    if (sought === 'images-folder' || sought === 'images-file') return this.browse('images', from)
    if (sought === 'folder' || sought === 'images' || sought === 'model') return this.browse(sought, from)
    // The name stays: it is the folder that is chosen.
    const folder = await this.browse('folder', from)
    const separator = folder?.includes('\\') ? '\\' : '/'
    return folder === null ? null : `${folder.replace(/[\\/]$/, '')}${separator}${/[^\\/]*$/.exec(from)?.[0] ?? ''}`
  }

  /** Of images: folders and files have a button each where the system's dialog cannot take both. */
  get splitsImages(): boolean {
    const { info } = this.program
    return info !== null && info.canPickFiles && !info.picksEither
  }

  private browse(kind: PickedKind, from: string): Promise<string | null> {
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
