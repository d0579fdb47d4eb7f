// What it costs to know an input of many images: 100,000 in 1,000 class folders (hard links to one small picture), a list of a million rows, and an
// array of 50,000 images read by rows. Each in a process of its own, for its peak memory. For measuring only.
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npy } from '#test/helpers/write-npy.ts'

export interface ListingRow {
  readonly input: string
  readonly images: number
  readonly listMs: number
  readonly inspectMs: number
  readonly planMs: number
  readonly fingerprintMs: number
  /** Of the process, Node's own 60 MiB included. */
  readonly peakMiB: number
  /** Steps that were streamed, and the memory held half-way and at their end. */
  readonly streamedSteps: number
  readonly halfwayMiB: number
  readonly endMiB: number
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const picture = join(root, 'resources/sample/images/Forest/Forest_101.jpg')

function makeTree(folder: string): string {
  const tree = join(folder, 'folders')
  for (let c = 0; c < 1000; c++) {
    const name = join(tree, `n${10_000_000 + 7 * c}`)
    mkdirSync(name, { recursive: true })
    const first = join(name, 'picture_00.JPEG')
    copyFileSync(picture, first)
    for (let i = 1; i < 100; i++) linkSync(first, join(name, `picture_${String(i).padStart(2, '0')}.JPEG`))
  }
  return tree
}

function makeTable(folder: string): string {
  const path = join(folder, 'million.csv')
  const rows = Array.from(
    { length: 1_000_000 },
    (_, i) =>
      `folders/n${10_000_000 + 7 * (i % 1000)}/picture_${String(i % 100).padStart(2, '0')}.JPEG,class ${i % 1000}`,
  )
  writeFileSync(path, `path,label\n${rows.join('\n')}\n`)
  return path
}

/** 50,000 images of 64 x 64: 614 MB of zeros, of which the file system keeps nothing. */
function makeArray(folder: string): string {
  const path = join(folder, 'images.npy')
  const header = Buffer.from(npy('|u1', [0, 64, 64, 3], []))
  const text = header
    .toString('latin1')
    .replace(/\(0, 64, 64, 3\), \}( *)\n/, (_, spaces: string) => `(50000, 64, 64, 3), }${spaces.slice(4)}\n`)
  const file = openSync(path, 'w')
  writeSync(file, Buffer.from(text, 'latin1'))
  ftruncateSync(file, text.length + 50_000 * 64 * 64 * 3)
  closeSync(file)
  return path
}

export function benchListing(): ListingRow[] {
  const folder = mkdtempSync(join(tmpdir(), 'palm-listing-'))
  try {
    return [makeTree(folder), makeTable(folder), makeArray(folder)].map((path) => {
      const result = spawnSync(process.execPath, [join(root, 'test/bench/listing-child.ts'), path], {
        encoding: 'utf8',
      })
      if (result.status !== 0) throw new Error(`Listing ${path} failed:\n${result.stderr.slice(-2000)}`)
      return JSON.parse(result.stdout) as ListingRow
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
