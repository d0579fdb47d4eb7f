// Where the images lie that a list names: as it says, or, where nothing lies there, found again beside the list. Lists come from other machines, with
// their paths and separators, and Kaggle's name images without their endings.
import { stat } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { hasImageEnding } from '#stream/images/decode.ts'
import { folderTree } from '#stream/inputs/tree/folder-tree.ts'

export interface ListedFiles {
  /** Absolute path of what a list names; where nothing was found, that of what it says. */
  readonly find: (name: string) => string
  /** Whether such a file was seen: of the names that were asked for, and of those found again. */
  readonly has: (name: string) => boolean
  /** What was done to find them; null = they lie where the list says. */
  readonly note: string | null
}

const slashed = (name: string) => name.replaceAll('\\', '/').replace(/^(?:file:\/\/)?(?:\.\/)+/, '')
const stem = (path: string) => path.replace(/\.[^./]+$/, '')
const base = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** `names`: all cells of the list's first rows, whatever they are. */
export async function listedFiles(list: string, names: readonly string[]): Promise<ListedFiles> {
  const folder = dirname(list)
  const at = (name: string) => (isAbsolute(name) ? name : join(folder, name))
  const asked = [...new Set(names)].filter((name) => name !== '' && name.length < 4096 && !name.includes('\0'))
  for (const [change, note] of [
    [(name: string) => name, null],
    [slashed, 'The backslashes in its paths are read as slashes.'],
  ] as const) {
    const there = await filesAmong(asked, (name) => at(change(name)))
    if (there.size > 0) return { find: (name) => at(change(name)), has: (name) => there.has(name), note }
  }
  const beside = await besideList(folder)
  const moves = movesOf(asked, beside)
  const find = (name: string) => {
    const found = beside.find(slashed(name), moves)
    return found === null ? at(slashed(name)) : join(folder, ...found.split('/'))
  }
  return {
    find,
    has: (name) => beside.find(slashed(name), moves) !== null,
    note:
      moves?.note ??
      (asked.some((name) => beside.find(slashed(name), null) !== null)
        ? 'The images are found by their names beside the list.'
        : null),
  }
}

async function filesAmong(names: readonly string[], at: (name: string) => string): Promise<Set<string>> {
  const found = await Promise.all(
    names.map(async (name) => ((await stat(at(name)).catch(() => null))?.isFile() ? [name] : [])),
  )
  return new Set(found.flat())
}

/** Another place for all paths that begin alike. */
interface Move {
  readonly from: string
  readonly to: string
  readonly note: string
}

class Beside {
  /** Paths, in NFC and also without their endings -> the path; null = several. */
  private readonly paths = new Map<string, string | null>()
  /** The same by names alone. */
  private readonly named = new Map<string, string[]>()

  constructor(paths: readonly string[]) {
    for (const path of paths) {
      const known = path.normalize('NFC')
      this.paths.set(known, path)
      this.once(stem(known), path)
      for (const name of new Set([base(known), stem(base(known))])) {
        const others = this.named.get(name)
        if (others) others.push(path)
        else this.named.set(name, [path])
      }
    }
  }

  private once(key: string, path: string): void {
    this.paths.set(key, this.paths.has(key) && this.paths.get(key) !== path ? null : path)
  }

  candidates(name: string): readonly string[] {
    return this.named.get(base(name.normalize('NFC'))) ?? []
  }

  /** A name without folders wherever one file has it; a path only where all of the list's have moved to. */
  find(name: string, move: Move | null): string | null {
    const key = name.normalize('NFC')
    if (move && key.startsWith(move.from)) return this.paths.get(move.to + key.slice(move.from.length)) ?? null
    const same = this.paths.get(key)
    if (same) return same
    const [only, another] = key.includes('/') ? [] : this.candidates(key)
    return only !== undefined && another === undefined ? only : null
  }
}

async function besideList(folder: string): Promise<Beside> {
  const tree = await folderTree(folder).catch(() => null)
  return new Beside((tree?.files ?? []).flatMap(({ path }) => (hasImageEnding(path) ? [path] : [])))
}

/** Where all paths of a list have moved to, by most of those whose place is certain; null = nowhere. */
function movesOf(names: readonly string[], beside: Beside): Move | null {
  const votes = new Map<string, { move: Move; count: number }>()
  for (const name of names.map((one) => slashed(one).normalize('NFC'))) {
    if (!name.includes('/')) continue
    const parts = name.split('/')
    const scored = beside
      .candidates(name)
      .map((path) => ({ path, same: sameEnd(parts, path.normalize('NFC').split('/')) }))
      .sort((a, b) => b.same - a.same)
    const [best, next] = scored
    if (!best || best.same === next?.same) continue
    const from = `${parts.slice(0, parts.length - best.same).join('/')}/`
    const to = best.path.normalize('NFC').split('/').slice(0, -best.same).join('/')
    const move = {
      from: from === '/' && !name.startsWith('/') ? '' : from,
      to: to === '' ? '' : `${to}/`,
      note: `Its paths do not exist; the images are read in ${to === '' ? 'its own folder' : to} in place of ${from}.`,
    }
    const key = `${move.from}\u0000${move.to}`
    const vote = votes.get(key) ?? { move, count: 0 }
    vote.count += 1
    votes.set(key, vote)
  }
  return [...votes.values()].sort((a, b) => b.count - a.count)[0]?.move ?? null
}

/** How many parts at the end are alike; the last one with or without its ending. */
function sameEnd(a: readonly string[], b: readonly string[]): number {
  const last = b.at(-1) ?? ''
  let same = a.at(-1) === last || a.at(-1) === stem(last) ? 1 : 0
  while (same > 0 && same < Math.min(a.length, b.length) && a.at(-1 - same) === b.at(-1 - same)) same += 1
  return same
}
