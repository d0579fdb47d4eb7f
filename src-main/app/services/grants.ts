// Which places of this machine a page may name. Pages ask the services to open files for them; a page that was taken over could ask for any. So a host says beforehand where a page
// may lead (a folder of the user's), and what a person chose in the system's dialog or dropped on a window is added. The command line, which the user types, is not asked.
import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { ApiMethod } from '#contract/api.ts'
import { PalmError } from '#contract/errors.ts'
import { placeKeys } from '#contract/places.ts'

export interface GrantParts {
  /** Folders in which everything may be named, but what is hidden in them. */
  readonly roots: readonly string[]
  /** Folders in which everything may be named: the program's own. */
  readonly own: readonly string[]
  /** What runs, models and settings of before name: somebody chose it then. Asked only for what is not allowed otherwise. */
  readonly openedBefore: () => Iterable<string>
  /** What a person can do, for the end of the refusal. */
  readonly remedy: string
}

/** Pieces of an upload are named, too, but lie where the program puts them. */
const namesNoPlace: readonly ApiMethod[] = ['uploads.write']

/** Where programs keep what is theirs, on systems that do not begin it with a dot. */
const ofPrograms: Readonly<Partial<Record<NodeJS.Platform, string>>> = { win32: 'appdata', darwin: 'library' }

/** Whether no part of the way is hidden, as keys and settings of programs are. */
const isOpen = (way: readonly string[]): boolean =>
  way.every((part, i) => !part.startsWith('.') && !(i === 0 && part.toLowerCase() === ofPrograms[process.platform]))

export class Grants {
  private readonly parts: GrantParts
  private readonly chosen = new Set<string>()

  constructor(parts: GrantParts) {
    this.parts = parts
  }

  /** A person chose it: with all that lies in it, where it is a folder. */
  allow(path: string): void {
    this.chosen.add(resolve(path))
  }

  /** @throws PalmError `not-granted` when the request names a place that nobody allowed */
  check(method: ApiMethod, request: unknown): void {
    if (namesNoPlace.includes(method)) return
    for (const path of placesIn(request))
      if (!this.isAllowed(path))
        throw new PalmError('not-granted', `This window may not open ${path}. ${this.parts.remedy}`)
  }

  /** Whether a page may name it, by how it is written: where links lead is not looked at. */
  isAllowed(path: string): boolean {
    const place = resolve(path)
    const { roots, own, openedBefore } = this.parts
    if ([...own, ...this.chosen].some((root) => within(place, resolve(root)) !== null)) return true
    for (const root of roots) {
      const way = within(place, resolve(root))
      if (way !== null && isOpen(way)) return true
    }
    for (const before of openedBefore()) if (within(place, resolve(before)) !== null) return true
    return false
  }
}

/** The parts of the way from `root` to `place`, none where it is the same; null when it lies elsewhere. */
function within(place: string, root: string): readonly string[] | null {
  const way = relative(root, place)
  if (way === '') return []
  const parts = way.split(sep)
  return isAbsolute(way) || parts[0] === '..' ? null : parts
}

/** Every place that a request names, however deep. */
export function placesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(placesIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]: [string, unknown]) =>
    typeof part === 'string' ? (placeKeys.includes(key) && part !== '' ? [part] : []) : placesIn(part),
  )
}
