// The EuroSAT training tiles: unpacked from the archive, decoded once, split in two by a seeded draw per class.
// `train` makes the sample's model; `search` is never trained on and finds the PALM preset. The shipped tiles are in neither.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NumpyRandom } from '#stream/images/random.ts'
import { decodeImage } from '#stream/images/decode.ts'

export const tileSize = 64
export const searchPerClass = 100

export interface Tiles {
  readonly pixels: Uint8Array // [n, 64, 64, 3]
  readonly labels: Int32Array
  readonly names: readonly string[] // file names, for the record
}

export interface SplitTiles {
  readonly classNames: readonly string[]
  readonly train: Tiles
  readonly search: Tiles
}

/** A seeded Fisher-Yates order of 0..n-1. */
export function seededOrder(n: number, random: NumpyRandom): number[] {
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random.random() * (i + 1))
    const kept = order[i] as number
    order[i] = order[j] as number
    order[j] = kept
  }
  return order
}

/** Reads `train.tar.gz` (class folders of 64 x 64 JPEG tiles) under `dataFolder`. Throws when it is not there. */
export async function readTrainingTiles(dataFolder: string): Promise<SplitTiles> {
  const archive = join(dataFolder, 'train.tar.gz')
  if (!existsSync(archive))
    throw new Error(`${archive} is not there: give the folder with EuroSAT's train.tar.gz (--data DIR).`)
  const scratch = mkdtempSync(join(tmpdir(), 'palm-tiles-'))
  try {
    const unpacked = spawnSync('tar', ['xzf', archive, '-C', scratch])
    if (unpacked.status !== 0) throw new Error(`tar could not unpack ${archive}: ${unpacked.stderr.toString()}`)
    const folder = join(scratch, 'train')
    const classNames = readdirSync(folder).sort()
    const parts = { train: [] as { file: string; label: number }[], search: [] as { file: string; label: number }[] }
    for (const [label, name] of classNames.entries()) {
      const files = readdirSync(join(folder, name)).sort()
      const order = seededOrder(files.length, new NumpyRandom(1000 + label))
      for (const [rank, index] of order.entries()) {
        const row = { file: join(folder, name, files[index] as string), label }
        if (rank < searchPerClass) parts.search.push(row)
        else parts.train.push(row)
      }
    }
    return { classNames, train: await decodeAll(parts.train), search: await decodeAll(parts.search) }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function decodeAll(rows: readonly { file: string; label: number }[]): Promise<Tiles> {
  const imageBytes = tileSize * tileSize * 3
  const pixels = new Uint8Array(rows.length * imageBytes)
  for (const [i, row] of rows.entries()) {
    const image = await decodeImage(readFileSync(row.file), row.file)
    if (image.width !== tileSize || image.height !== tileSize)
      throw new Error(`${row.file} is not ${tileSize} x ${tileSize}`)
    pixels.set(image.data, i * imageBytes)
  }
  return {
    pixels,
    labels: Int32Array.from(rows, (row) => row.label),
    names: rows.map((row) => row.file.split(/[\\/]/).slice(-2).join('/')),
  }
}
