// What the fuzzing knows of a reader: honest files, how its format may be broken, and what reading one of its files means.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FuzzRandom } from './fuzz-random.ts'
import { mutateBlindly } from './blind-mutations.ts'

export interface FuzzFile {
  /** With the ending that the reader goes by; may hold folders. */
  readonly name: string
  readonly bytes: Uint8Array
  /** Files that lie beside it. */
  readonly beside?: Readonly<Record<string, Uint8Array>>
}

export interface FuzzReader {
  readonly name: string
  readonly honest: readonly FuzzFile[]
  /** Fixed hostile files, the first of every run. */
  readonly hostile: readonly (FuzzFile & { readonly what: string })[]
  /** Changes that know the format. */
  readonly mutations: readonly ((file: FuzzFile, random: FuzzRandom) => FuzzFile)[]
  /** Where parts of the format begin and end: files are cut there. */
  readonly boundaries?: (file: FuzzFile) => readonly number[]
  /** Bytes that honest readers of such a file need, where its size alone does not tell (an image's pixels). */
  readonly needs?: (file: FuzzFile) => number
  /** Reads it as the program does. Whatever it throws is judged by the caller. */
  readonly read: (path: string, file: FuzzFile, random: FuzzRandom) => Promise<void>
}

/** The file with this number: always the same for the same seed. */
export function fuzzFile(reader: FuzzReader, seed: number, index: number): FuzzFile & { readonly what: string } {
  const fixed = reader.hostile[index]
  if (fixed) return fixed
  const random = new FuzzRandom(seed, reader.name, index)
  const base = random.pick(reader.honest)
  const kind = random.next()
  if (kind < 0.1 && reader.boundaries) {
    const at = Math.max(0, random.pick(reader.boundaries(base)) + random.pick([-1, 0, 0, 1]))
    return { ...base, bytes: base.bytes.slice(0, at), what: `${base.name} cut at ${at}` }
  }
  if (kind < 0.5 || reader.mutations.length === 0) {
    const beside = Object.keys(base.beside ?? {})
    if (base.beside && random.chance(0.2)) {
      const part = random.pick(beside)
      return {
        ...base,
        beside: { ...base.beside, [part]: mutateBlindly(base.beside[part] as Uint8Array, random) },
        what: `${base.name}, ${part} changed blindly`,
      }
    }
    return { ...base, bytes: mutateBlindly(base.bytes, random), what: `${base.name} changed blindly` }
  }
  const mutation = random.below(reader.mutations.length)
  return {
    ...(reader.mutations[mutation] as FuzzReader['mutations'][number])(base, random),
    what: `${base.name}, change ${mutation}`,
  }
}

/** Writes a file and what lies beside it; gives its path. Names are the harness' own. */
export function layDown(folder: string, { name, bytes, beside }: FuzzFile): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  for (const [part, data] of Object.entries(beside ?? {})) writeFileSync(join(folder, part), data)
  return path
}

export function pickUp(folder: string, { name, beside }: FuzzFile): void {
  for (const part of [name, ...Object.keys(beside ?? {})]) rmSync(join(folder, part), { force: true })
}
