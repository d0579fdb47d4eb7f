// How many severities an array of corrupted images holds, one after the other. CIFAR-C's files do not say: the labels do where they repeat for each severity,
// and where labels would repeat by themselves (0, 1, 2, 0, 1, 2, …) the pictures do, which are the same ones in each severity.
import { open } from 'node:fs/promises'
import type { ImageArray } from './npy.ts'

export const mostSeverities = 5

/** Of `rows` images with so many labels. Null = the two do not belong together. */
export function labelBlocks(labels: ArrayLike<number>, rows: number): readonly number[] | null {
  const all = labels.length
  // Labels of one severity, which repeat for the others.
  if (rows > all) return rows % all === 0 && rows / all <= mostSeverities ? [rows / all] : null
  const found: number[] = []
  for (let blocks = mostSeverities; blocks > 1; blocks--)
    if (rows % blocks === 0 && repeats(labels, rows / blocks, all)) found.push(blocks)
  // Labels of more severities than this array has, which are worth what they repeat.
  // Labels without an order of their own do not repeat by chance.
  const [most] = found
  if (most !== undefined && rows === all && !isOrderly(labels, rows / most)) return [most]
  return rows === all ? [...found, 1] : found.length > 0 ? found : repeats(labels, rows, all) ? [1] : null
}

function repeats(labels: ArrayLike<number>, period: number, to: number): boolean {
  if (to % period !== 0) return false
  for (let i = period; i < to; i++) if (labels[i] !== labels[i - period]) return false
  return true
}

const fewLabels = 8

/** Whether the first so many labels are few, count up, or repeat within themselves. */
function isOrderly(labels: ArrayLike<number>, period: number): boolean {
  if (period < fewLabels) return true
  let counts = true
  for (let i = 1; i < period && counts; i++) {
    const step = (labels[i] as number) - (labels[i - 1] as number)
    counts = step === 0 || step === 1
  }
  if (counts) return true
  for (let own = 1; own <= period / 2; own++) if (period % own === 0 && repeats(labels, own, period)) return true
  return false
}

/** How much more alike pictures of one place in two severities are than any two: what is the same picture lies far above, what is not at nothing. */
const alike = { same: 0.2, other: 0.1 } as const
const pairs = 24
/** Of an image's values, spread evenly. */
const fewValues = 1024

/**
 * Which of the numbers of severities that labels allow (descending, 1 last) is the array's. Null = neither labels nor pictures tell.
 * @throws Error when the file cannot be read
 */
export async function severityBlocks(array: ImageArray, allowed: readonly number[]): Promise<number | null> {
  const several = allowed.filter((blocks) => blocks > 1)
  if (several.length === 0) return 1
  if (!allowed.includes(1)) return several.length === 1 ? (several[0] as number) : mostAlike(array, several, null)
  return mostAlike(array, several, 1)
}

/** The largest number of severities under which pictures are the same; `otherwise` when they clearly are under none. */
async function mostAlike(
  array: ImageArray,
  several: readonly number[],
  otherwise: number | null,
): Promise<number | null> {
  let clear = true
  for (const blocks of several) {
    const margin = await likeness(array, array.images / blocks)
    if (margin > alike.same) return blocks
    if (margin > alike.other) clear = false
  }
  return clear ? otherwise : null
}

/** Mean correlation of images `distance` rows apart, less that of images which no order of severities puts together. */
async function likeness(array: ImageArray, distance: number): Promise<number> {
  const size = array.width * array.height * 3
  const file = await open(array.path, 'r')
  try {
    const read = async (row: number) => {
      const bytes = new Uint8Array(size)
      await file.read(bytes, 0, size, array.offset + row * size)
      return bytes
    }
    const count = Math.min(pairs, distance)
    let same = 0
    let other = 0
    for (let i = 0; i < count; i++) {
      const row = Math.floor((i * distance) / count)
      const picture = await read(row)
      same += correlation(picture, await read(row + distance))
      other += correlation(picture, await read(((row + Math.max(1, distance >> 1)) % distance) + distance))
    }
    return (same - other) / count
  } finally {
    await file.close()
  }
}

function correlation(a: Uint8Array, b: Uint8Array): number {
  const step = Math.max(1, Math.floor(a.length / fewValues))
  let [n, sumA, sumB, sumAB, sumAA, sumBB] = [0, 0, 0, 0, 0, 0]
  for (let i = 0; i < a.length; i += step) {
    const [x, y] = [a[i] as number, b[i] as number]
    n += 1
    sumA += x
    sumB += y
    sumAB += x * y
    sumAA += x * x
    sumBB += y * y
  }
  const spread = Math.sqrt((n * sumAA - sumA * sumA) * (n * sumBB - sumB * sumB))
  return spread === 0 ? 0 : (n * sumAB - sumA * sumB) / spread
}
