// Labelled images that the search for `auto` may use: EuroSAT tiles (MIT), whole or at half size, and Fashion-MNIST (MIT; Debian's `dataset-fashion-mnist`),
// padded to 32 x 32 and as grey in three channels. Each is cut in three: what networks are trained on, what the rule may be made on, what it is judged on.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readTrainingTiles, tileSize, type Tiles } from '#build/sample/tiles.ts'
import { decodeImage } from '#stream/images/decode.ts'

export const datasetNames = ['eurosat', 'eurosat-half', 'fashion'] as const
export type DatasetName = (typeof datasetNames)[number]

export interface Dataset {
  readonly side: number
  readonly classes: number
  /** Networks are trained on these. */
  readonly train: Tiles
  /** Streams that the rule is made on. */
  readonly open: Tiles
  /** Streams that it is judged on. */
  readonly heldOut: Tiles
}

interface Folders {
  /** With `train.tar.gz` and `test.tar.gz`. */
  readonly eurosat: string
  /** With the four files of Fashion-MNIST. */
  readonly fashion: string
}

/** @throws Error that says what is missing */
export async function readDataset(name: DatasetName, folders: Folders): Promise<Dataset> {
  if (name === 'fashion') return fashion(folders.fashion)
  const { train, search } = await readTrainingTiles(folders.eurosat)
  const shipped = await eurosatTest(folders.eurosat)
  const sized = name === 'eurosat' ? (tiles: Tiles) => tiles : halved
  const side = name === 'eurosat' ? tileSize : tileSize / 2
  return { side, classes: 10, train: sized(train), open: sized(search), heldOut: sized(shipped) }
}

async function eurosatTest(folder: string): Promise<Tiles> {
  const archive = join(folder, 'test.tar.gz')
  if (!existsSync(archive))
    throw new Error(`${archive} is not there: give the folder with EuroSAT's archives (--data).`)
  const scratch = mkdtempSync(join(tmpdir(), 'palm-tiles-'))
  try {
    const { status, stderr } = spawnSync('tar', ['xzf', archive, '-C', scratch])
    if (status !== 0) throw new Error(`tar could not unpack ${archive}: ${stderr.toString()}`)
    const root = join(scratch, readdirSync(scratch)[0] ?? '')
    const classes = readdirSync(root).sort()
    const files = classes.flatMap((name, label) =>
      readdirSync(join(root, name))
        .sort()
        .map((file) => ({ name: `${name}/${file}`, label })),
    )
    const size = tileSize * tileSize * 3
    const pixels = new Uint8Array(files.length * size)
    for (const [i, file] of files.entries())
      pixels.set((await decodeImage(readFileSync(join(root, file.name)), file.name)).data, i * size)
    return { pixels, labels: Int32Array.from(files, ({ label }) => label), names: files.map((file) => file.name) }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Means of 2 x 2 pixels. */
function halved({ pixels, labels, names }: Tiles): Tiles {
  const [from, to] = [tileSize, tileSize / 2]
  const small = new Uint8Array(pixels.length / 4)
  for (let image = 0; image < labels.length; image++)
    for (let y = 0; y < to; y++)
      for (let x = 0; x < to; x++)
        for (let c = 0; c < 3; c++) {
          const at = (dy: number, dx: number) =>
            pixels[((image * from + 2 * y + dy) * from + 2 * x + dx) * 3 + c] as number
          small[((image * to + y) * to + x) * 3 + c] = Math.round((at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4)
        }
  return { pixels: small, labels, names }
}

const fashionTrain = 20_000
const fashionSide = 32

function fashion(folder: string): Dataset {
  const file = (name: string) => {
    const path = join(folder, name)
    if (!existsSync(path))
      throw new Error(`${path} is not there: Fashion-MNIST is Debian's package dataset-fashion-mnist (--fashion DIR).`)
    return gunzipSync(readFileSync(path))
  }
  const part = (kind: string, from: number, to: number): Tiles => {
    const images = file(`${kind}-images-idx3-ubyte.gz`).subarray(16)
    const labels = file(`${kind}-labels-idx1-ubyte.gz`).subarray(8)
    const [inner, border] = [28, 2]
    const pixels = new Uint8Array((to - from) * fashionSide * fashionSide * 3)
    for (let image = from; image < to; image++)
      for (let y = 0; y < inner; y++)
        for (let x = 0; x < inner; x++) {
          const value = images[(image * inner + y) * inner + x] as number
          const at = (((image - from) * fashionSide + y + border) * fashionSide + x + border) * 3
          pixels.fill(value, at, at + 3)
        }
    return {
      pixels,
      labels: Int32Array.from(labels.subarray(from, to)),
      names: Array.from({ length: to - from }, (_, i) => `${kind}/${from + i}`),
    }
  }
  return {
    side: fashionSide,
    classes: 10,
    train: part('train', 0, fashionTrain),
    open: part('t10k', 0, 5000),
    heldOut: part('t10k', 5000, 10_000),
  }
}
