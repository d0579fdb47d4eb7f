// The program's own picker: a folder on the screen, the row that the keys stand on, the way in and out, typing to find. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { toWireError } from '#contract/errors.ts'
import type { ListedEntry, Listing, PickedKind } from '#contract/files/listing.ts'

/** Letters that follow each other so soon are one word, ms. */
const typedMs = 1000

export class FileBrowser {
  readonly kind: PickedKind
  listing = $state.raw<Listing | null>(null)
  at = $state(0)
  looking = $state(false)
  problem = $state('')
  private readonly caller: Pick<PalmClient, 'call'>
  private readonly answer: (path: string | null) => void
  private readonly now: () => number
  private looks = 0
  private typed = ''
  private typedAt = 0

  /** `answer` hears what was chosen, once; null = nothing. `now` in ms. */
  constructor(parts: {
    readonly kind: PickedKind
    readonly caller: Pick<PalmClient, 'call'>
    readonly answer: (path: string | null) => void
    readonly now: () => number
  }) {
    this.kind = parts.kind
    this.caller = parts.caller
    this.answer = parts.answer
    this.now = parts.now
  }

  get entries(): readonly ListedEntry[] {
    return this.listing?.entries ?? []
  }

  get current(): ListedEntry | null {
    return this.entries[this.at] ?? null
  }

  /** The folder on the screen can be chosen itself. */
  get choosesFolder(): boolean {
    return this.kind !== 'model' && this.listing?.folder != null
  }

  /** Begins where the field points, or at its folder; else at the places. */
  async begin(from: string): Promise<void> {
    const path = from.trim()
    if (path !== '') {
      if (await this.go(path, null, true)) return
      const folder = path.replace(/[\\/][^\\/]*$/, '')
      if (folder !== '' && folder !== path && (await this.go(folder, path, true))) return
    }
    await this.go(null)
  }

  /** `onto`: the path of the row to stand on. @returns whether it could be listed */
  async go(folder: string | null, onto: string | null = null, quiet = false): Promise<boolean> {
    const look = ++this.looks
    this.looking = true
    this.problem = ''
    try {
      const listing = await this.caller.call('files.list', { folder, kind: this.kind })
      if (look !== this.looks) return true
      this.listing = listing
      this.at = Math.max(
        0,
        listing.entries.findIndex(({ path }) => path === onto),
      )
      this.typed = ''
      return true
    } catch (thrown) {
      if (look === this.looks && !quiet) this.problem = toWireError(thrown).message
      return false
    } finally {
      if (look === this.looks) this.looking = false
    }
  }

  /** To the folder that this one lies in, standing on this one. */
  async up(): Promise<void> {
    const { listing } = this
    if (listing?.folder != null) await this.go(listing.parent, listing.folder)
  }

  move(by: number): void {
    this.at = Math.max(0, Math.min(this.entries.length - 1, this.at + by))
  }

  /** A folder is opened, a file chosen. */
  async open(entry: ListedEntry | null = this.current): Promise<void> {
    if (entry?.folder) await this.go(entry.path)
    else if (entry) this.choose(entry.path)
  }

  /** Goes to the next row whose name begins with what is typed. */
  find(letter: string): void {
    const now = this.now()
    const goesOn = now - this.typedAt < typedMs
    this.typed = (goesOn ? this.typed : '') + letter.toLowerCase()
    this.typedAt = now
    // The same letter again and again goes from one to the next.
    const same = this.typed === this.typed.charAt(0).repeat(this.typed.length)
    const sought = same ? this.typed.slice(0, 1) : this.typed
    const { length } = this.entries
    for (let i = same ? 1 : 0; i < length + 1; i++) {
      const at = (this.at + i) % length
      if (!this.entries[at]?.name.toLowerCase().startsWith(sought)) continue
      this.at = at
      return
    }
  }

  choose(path: string | null): void {
    this.answer(path)
  }
}
