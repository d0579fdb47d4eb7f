// What a layout of images is to the program: how it is recognised, and what it holds. Everything else that is asked of an input (what it shows before a
// run, its fingerprint, its previews, resuming on it) is answered from the listing that it opens.
import type { PlacedInput } from '#contract/inputs/input-kinds.ts'
import type { LaidOut } from '#stream/inputs/listing.ts'
import type { Tree, TreeFile } from '#stream/inputs/tree/tree-file.ts'

/** What lies at an input's path, as far as names tell. */
export interface Found {
  readonly input: PlacedInput
  readonly path: string
  /** Of the path, in small letters, with its dot. */
  readonly ending: string
  readonly isFile: boolean
  /** Of a folder or an archive; null for another file. */
  readonly tree: Tree | null
  /** Those of the tree's files that are called as images are. */
  readonly images: readonly TreeFile[]
}

/** Lists the samples, and where each one's pixels lie. @throws PalmError `input-unreadable`, `input-empty`, `input-labels` */
type OpenLayout = () => Promise<LaidOut> | LaidOut

export interface LayoutDriver {
  /** What opens it; null where something else lies there. Told by names alone, nothing is read. @throws PalmError `input-labels` for options that do not fit it */
  recognise(found: Found): OpenLayout | null
}

/** The first folder of a relative path, '' without one, and what follows. */
export const splitPath = (path: string): [first: string, rest: string] => {
  const slash = path.indexOf('/')
  return slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)]
}
