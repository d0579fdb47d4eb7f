// Trees of files that nobody decodes: what an input is told by is their names.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openPath } from '#stream/inputs/layouts/layouts.ts'
import type { PlacedInput } from '#contract/inputs/input-kinds.ts'
import type { Listing } from '#stream/inputs/listing.ts'

/** Makes files by their relative paths; a path that ends with `/` is an empty folder. */
export function plant(root: string, paths: readonly string[]): string {
  mkdirSync(root, { recursive: true })
  for (const path of paths) {
    mkdirSync(join(root, path.endsWith('/') ? path : dirname(path)), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(join(root, path), 'x')
  }
  return root
}

export const look = (path: string, more: Partial<PlacedInput> = {}): Promise<Listing> =>
  openPath({ kind: 'folder', path, split: null, domains: 'none', labels: {}, ...more })
