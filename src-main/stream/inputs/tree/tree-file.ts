// The files of an input by their relative paths, wherever they lie.
import { PalmError } from '#contract/errors.ts'
import type { ImagePlace } from '#stream/inputs/places/place.ts'

/** Folders that systems leave behind. */
export const notOurs: ReadonlySet<string> = new Set(['__MACOSX', '@eaDir', '__pycache__', '$RECYCLE.BIN'])

export interface TreeFile {
  /** Relative, with `/`. */
  readonly path: string
  readonly sizeBytes: number | null
  /** Milliseconds since the epoch, where the archive says so. */
  readonly timeMs: number | null
}

export interface Tree {
  readonly name: string
  readonly root: string
  /** Sorted by path, folder by folder; names that begin with a dot are left out. */
  readonly files: readonly TreeFile[]
  /** Folders without any file in or below them, relative. */
  readonly emptyFolders: readonly string[]
  readonly placeOf: (path: string) => ImagePlace
}

export function unreadable(path: string, reason: string, cause?: unknown): PalmError {
  return new PalmError(
    'input-unreadable',
    `${path} cannot be read: ${reason}.`,
    cause instanceof Error ? String(cause) : undefined,
    { cause },
  )
}
