// All layouts by name, in the order in which they are asked whether they are what lies at a path.
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import type { PlacedInput } from '#contract/inputs/input-kinds.ts'
import type { InputLayout } from '#contract/inputs/input-layouts.ts'
import { PalmError } from '#contract/errors.ts'
import { hasImageEnding } from '#stream/images/decode.ts'
import type { Listing } from '#stream/inputs/listing.ts'
import { unreadable } from '#stream/inputs/tree/tree-file.ts'
import { openTree } from '#stream/inputs/tree/tree.ts'
import { array } from './array.ts'
import { cifarC } from './cifar-c.ts'
import { classFolders, flatFolder } from './folders.ts'
import { imageNetC } from './imagenet-c.ts'
import type { Found, LayoutDriver } from './layout.ts'
import { table } from './table.ts'

const layouts = {
  table,
  'cifar-c': cifarC,
  array,
  'imagenet-c': imageNetC,
  'class-folders': classFolders,
  'flat-folder': flatFolder,
} satisfies Record<InputLayout, LayoutDriver>

/** What images lie at a path. @throws PalmError `input-unreadable`, `input-empty`, `input-labels` */
export async function openPath(input: PlacedInput): Promise<Listing> {
  const found = await lookAt(input)
  for (const kind of Object.keys(layouts) as InputLayout[]) {
    const open = layouts[kind].recognise(found)
    if (open) return { kind, path: input.path, ...(await open()) }
  }
  throw nothingKnown(found)
}

async function lookAt(input: PlacedInput): Promise<Found> {
  const { path } = input
  const info = await stat(path).catch((cause: unknown) => {
    throw new PalmError(
      'input-unreadable',
      `The folder ${path} cannot be opened. Does it exist, and may you read it?`,
      String(cause),
      { cause },
    )
  })
  const tree = await openTree(path, info)
  const images = tree?.files.filter((file) => hasImageEnding(file.path)) ?? []
  return { input, path, ending: extname(path).toLowerCase(), isFile: info.isFile(), tree, images }
}

function nothingKnown({ path, isFile, tree }: Found): PalmError {
  if (isFile && hasImageEnding(path))
    return new PalmError('input-unreadable', `${path} is a single image. Give the folder that holds it.`)
  if (tree)
    return new PalmError(
      'input-empty',
      `There are no images in ${path}. It should hold one folder per class with JPEG, PNG, WebP, BMP, GIF, TIFF, PPM or AVIF files in it.`,
    )
  if (/\.(tar\.(gz|bz2|xz|zst)|tgz|tbz2|txz)$/i.test(path))
    return unreadable(path, 'a compressed tar cannot be read in place. Unpack it, or make it a zip or a plain tar')
  return new PalmError(
    'input-unreadable',
    `${path} is not a kind of file that images are read from. Give a folder, a .zip or .tar, a .csv or .jsonl list, or .npy / .npz arrays.`,
  )
}
