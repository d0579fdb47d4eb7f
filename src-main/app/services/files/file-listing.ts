// Lists folders for the picker of a host without a system's dialog. Nothing is listed that a page may not open: hidden files, places of programs, links that lead out. A folder
// of a million files keeps nobody waiting: what is read has bounds, and the answer says that there is more.
import { opendir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import { pickedEndings, type ListedEntry, type ListRequest, type Listing } from '#contract/files/listing.ts'
import type { Grants } from '#app/services/grants.ts'

export interface ListingParts {
  readonly grants: Pick<Grants, 'isAllowed'>
  /** Where a person may begin: folders; those that are not there are left out. */
  readonly places: readonly string[]
  readonly hasImageEnding: (path: string) => boolean
  readonly bounds?: ListingBounds
}

export interface ListingBounds {
  /** Names that are read of one folder. */
  readonly read: number
  /** Entries that are answered with; folders come first. */
  readonly shown: number
  /** Names that are read of a folder within it, to count images. */
  readonly counted: number
  /** All counting together, ms. */
  readonly countMs: number
}

const usual: ListingBounds = { read: 20_000, shown: 2_000, counted: 2_000, countMs: 300 }

/** 2 before 10, whatever the capitals. */
const order = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

export class FileListing {
  private readonly parts: ListingParts
  private readonly bounds: ListingBounds

  constructor(parts: ListingParts) {
    this.parts = parts
    this.bounds = parts.bounds ?? usual
  }

  /** @throws PalmError `input-unreadable`, `not-granted` where a link leads out of what a page may open */
  async list({ folder, kind }: ListRequest): Promise<Listing> {
    if (folder === null) return this.beginnings()
    const place = resolve(folder)
    await this.refuseWayOut(place)
    const endings = pickedEndings[kind]
    // What programs keep in a place itself is not open; further in, what is not hidden is.
    const isPlace = this.parts.places.some((one) => resolve(one) === place)
    const folders: string[] = []
    const files: string[] = []
    let images = 0
    let read = 0
    try {
      for await (const entry of await opendir(place, { bufferSize: 256 })) {
        if (++read > this.bounds.read) break
        const path = join(place, entry.name)
        if (entry.name.startsWith('.') || (isPlace && !this.parts.grants.isAllowed(path))) continue
        const found = entry.isSymbolicLink() ? await this.kindOfLink(path) : entry
        if (found?.isDirectory()) folders.push(path)
        else if (!found?.isFile()) continue
        else if (endings.some((ending) => entry.name.toLowerCase().endsWith(ending))) files.push(path)
        else if (this.parts.hasImageEnding(path)) images += 1
      }
    } catch (cause) {
      throw unreadable(place, cause)
    }
    const byName = (a: string, b: string): number => order.compare(basename(a), basename(b))
    const { shown } = this.bounds
    const kept = folders.sort(byName).slice(0, shown)
    const others = files.sort(byName).slice(0, shown - kept.length)
    const entries = [...(await this.described(kept)), ...(await Promise.all(others.map(fileOf)))]
    const up = dirname(place)
    const parent = up !== place && this.parts.grants.isAllowed(up) ? up : null
    return {
      folder: place,
      parent,
      entries,
      images,
      cut: read > this.bounds.read || entries.length < folders.length + files.length,
    }
  }

  private async beginnings(): Promise<Listing> {
    const there: string[] = []
    for (const place of new Set(this.parts.places.map((one) => resolve(one))))
      if ((await stat(place).catch(() => null))?.isDirectory()) there.push(place)
    const entries = (await this.described(there)).map((entry) => ({ ...entry, name: entry.path }))
    return { folder: null, parent: null, entries, images: 0, cut: false }
  }

  /** A link may lie where a page may look, and lead where it may not. */
  private async refuseWayOut(place: string): Promise<void> {
    const real = await realpath(place).catch((cause: unknown) => {
      throw unreadable(place, cause)
    })
    if (!(await this.isInside(real)))
      throw new PalmError('not-granted', `${place} leads to ${real}, which this window may not open.`)
  }

  private async isInside(real: string): Promise<boolean> {
    if (this.parts.grants.isAllowed(real)) return true
    // The places themselves may be reached over a link (a home on another disk): what lies in them is theirs all the same.
    for (const place of this.parts.places) {
      const root = await realpath(place).catch(() => null)
      if (root === null || root === place || !`${real}${sep}`.startsWith(`${root}${sep}`)) continue
      if (this.parts.grants.isAllowed(join(place, real.slice(root.length)))) return true
    }
    return false
  }

  private async kindOfLink(path: string): Promise<{ isDirectory(): boolean; isFile(): boolean } | null> {
    const real = await realpath(path).catch(() => null) // it leads nowhere
    return real !== null && (await this.isInside(real)) ? stat(real).catch(() => null) : null
  }

  private async described(folders: readonly string[]): Promise<ListedEntry[]> {
    const until = performance.now() + this.bounds.countMs
    const found: ListedEntry[] = []
    for (const path of folders) {
      const counted = performance.now() < until ? await this.imagesIn(path) : null
      found.push({
        name: basename(path),
        path,
        folder: true,
        sizeBytes: null,
        images: counted?.images ?? null,
        more: counted?.more ?? false,
      })
    }
    return found
  }

  /** Null where it cannot be read. */
  private async imagesIn(folder: string): Promise<{ readonly images: number; readonly more: boolean } | null> {
    let images = 0
    let read = 0
    try {
      for await (const entry of await opendir(folder, { bufferSize: 256 })) {
        if (++read > this.bounds.counted) return { images, more: true }
        if (entry.isFile() && this.parts.hasImageEnding(entry.name)) images += 1
      }
    } catch {
      return null
    }
    return { images, more: false }
  }
}

async function fileOf(path: string): Promise<ListedEntry> {
  const sizeBytes = await stat(path).then(
    ({ size }) => size,
    () => null,
  )
  return { name: basename(path), path, folder: false, sizeBytes, images: null, more: false }
}

function unreadable(folder: string, cause: unknown): PalmError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : ''
  const what =
    code === 'ENOENT'
      ? `${folder} is not there.`
      : code === 'ENOTDIR'
        ? `${folder} is no folder.`
        : `${folder} may not be read by this user.`
  return new PalmError('input-unreadable', what, String(cause), { cause })
}
