// A worker thread of the pool: reads, decodes, scales and corrupts images, and writes the pixels where the pool said. Keeps decoded clean
// images within a budget, because every domain reads the same ones again.
import { parentPort } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import type { CorruptionFamily, CorruptionName, Severity } from '#contract/inputs/corruption.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import { corrupt } from './corruptions/registry.ts'
import { pictureOf, pictureSize } from './images/picture.ts'
import { NumpyRandom } from './images/random.ts'
import { resizeAndCrop } from './images/resize.ts'
import type { RgbImage } from './images/rgb-image.ts'
import type { ImagePlace } from './inputs/places/place.ts'
import { readerOf } from './inputs/places/places.ts'

export interface WorkItem {
  readonly place: ImagePlace
  readonly id: string
  readonly corruption: CorruptionName | null
  readonly severity: Severity | null
  readonly seed: number
}

export interface WorkOrder {
  readonly id: number
  readonly items: readonly WorkItem[]
  readonly family: CorruptionFamily
  readonly width: number
  readonly height: number
  /** Scale and crop to this side; null = the image must have the size already. */
  readonly inputSize: number | null
  /** Short side before the middle is cut out, in sizes. */
  readonly resize: number
  /** Where pixels go: item i at i * width * height * 3. The clean images of the first items go into `clean`. */
  readonly pixels: SharedArrayBuffer
  readonly clean: SharedArrayBuffer
  readonly cleanCount: number
  readonly cacheBytes: number
  /** For a screen: made small after it was corrupted; then `pixels` holds pictures of `pictureSize`. */
  readonly asPictures?: boolean
}

/** `forget`: no image is kept any more, because whoever asks next may mean other files of the same names. */
export type WorkMessage = WorkOrder | 'forget'

export interface WorkResult {
  readonly id: number
  /** One per item: null = done. */
  readonly errors: readonly (WireError | null)[]
  /** Of the clean images' pixels, one per item: 0 where there was an error. */
  readonly sums: Uint32Array
}

interface CleanImage {
  readonly image: RgbImage
  readonly sum: number
}

const cache = new Map<string, CleanImage>()
let cachedBytes = 0

async function cleanImage(order: WorkOrder, { place, id }: WorkItem): Promise<CleanImage> {
  // With the size: a preview's model may change from order to order.
  const reader = readerOf(place)
  const key = `${reader.key(place)}\u0000${order.inputSize} ${order.resize}`
  const known = cache.get(key)
  if (known) return known
  const decoded = await reader.image(place, id)
  const image = order.inputSize === null ? decoded : resizeAndCrop(decoded, order.inputSize, order.resize)
  const clean = { image, sum: crc32(image.data) }
  if (cachedBytes + image.data.length <= order.cacheBytes) {
    cache.set(key, clean)
    cachedBytes += image.data.length
  }
  return clean
}

async function work(order: WorkOrder): Promise<WorkResult> {
  const shown = order.asPictures ? pictureSize(order.width, order.height) : order
  const size = shown.width * shown.height * 3
  const pixels = new Uint8Array(order.pixels)
  const clean = new Uint8Array(order.clean)
  const errors: (WireError | null)[] = []
  const sums = new Uint32Array(order.items.length)
  for (const [index, item] of order.items.entries()) {
    try {
      const { image, sum } = await cleanImage(order, item)
      sums[index] = sum
      if (image.width !== order.width || image.height !== order.height) {
        throw new RangeError(`${image.width} x ${image.height} where ${order.width} x ${order.height} was expected`)
      }
      const corrupted =
        item.corruption === null || item.severity === null
          ? image
          : corrupt(image, item.corruption, item.severity, order.family, new NumpyRandom(item.seed))
      pixels.set(order.asPictures ? pictureOf(corrupted).data : corrupted.data, index * size)
      if (index < order.cleanCount) clean.set(image.data, index * size)
      errors.push(null)
    } catch (thrown) {
      errors.push(thrown instanceof RangeError ? { code: 'input-size', message: thrown.message } : toWireError(thrown))
    }
  }
  return { id: order.id, errors, sums }
}

parentPort?.on('message', (message: WorkMessage) => {
  if (message !== 'forget') return void work(message).then((result) => parentPort?.postMessage(result))
  cache.clear()
  cachedBytes = 0
})
