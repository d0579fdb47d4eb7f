// Images that a method remembers, as bytes, with a row of numbers each. Small: tens of images.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { NamedArray } from '#engine/methods/method.ts'
import type { Arrays, StatePart } from './state-parts.ts'

interface RememberedImage {
  readonly pixels: Float32Array // 0..255
  readonly label: number
  /** RoTTA: entropy when it came. */
  readonly uncertainty: number
  /** Samples of the stream since it came. */
  age: number
  /** Its place in the stream. */
  readonly sample: number
}

/** Lists of remembered images by predicted class, oldest first. Arrays `memory/images`, `memory/rows`. */
export class ImageMemory implements StatePart {
  lists: RememberedImage[][]
  private readonly classes: number
  private shape: readonly number[] = [0, 0, 3]

  constructor(classes: number) {
    this.classes = classes
    this.lists = Array.from({ length: classes }, () => [])
  }

  get size(): number {
    return this.lists.reduce((sum, list) => sum + list.length, 0)
  }

  /** In class order. */
  get all(): RememberedImage[] {
    return this.lists.flat()
  }

  /** The classes with the most images. */
  fullest(): number[] {
    const most = this.lists.reduce((size, list) => Math.max(size, list.length), 0)
    return [...this.lists.keys()].filter((c) => this.lists[c]?.length === most)
  }

  add(image: RememberedImage, shape: readonly number[]): void {
    this.shape = shape
    this.lists[image.label]?.push(image)
  }

  /** All images, in class order, as [n, H, W, 3] in [0, 1]: the caller's. */
  tensor(device: Device): DeviceTensor {
    const images = this.array()
    const raw = device.fromArray(images.data, images.shape)
    const pixels = device.scale(raw, 1 / 255)
    raw.dispose()
    return pixels
  }

  private array(): NamedArray {
    const { all } = this
    const size = this.shape.reduce((product, n) => product * n, 1)
    const data = new Float32Array(all.length * size)
    for (const [i, { pixels }] of all.entries()) data.set(pixels, i * size)
    return { shape: [all.length, ...this.shape], data }
  }

  export(arrays: Arrays): void {
    const { all } = this
    if (all.length === 0) return
    arrays.set('memory/images', this.array())
    arrays.set('memory/rows', {
      shape: [all.length, 4],
      data: Float32Array.from(all.flatMap(({ label, uncertainty, age, sample }) => [label, uncertainty, age, sample])),
    })
  }

  restore(arrays: ReadonlyMap<string, NamedArray>): void {
    this.clear()
    const images = arrays.get('memory/images')
    const rows = arrays.get('memory/rows')
    if (!images || !rows) return
    const [n = 0, ...shape] = images.shape
    const size = shape.reduce((product, side) => product * side, 1)
    if (rows.data.length !== 4 * n || images.data.length !== n * size)
      throw new Error('The remembered images do not fit')
    for (let i = 0; i < n; i++) {
      const [label = -1, uncertainty = 0, age = 0, sample = 0] = rows.data.subarray(4 * i, 4 * i + 4)
      if (!Number.isInteger(label) || label < 0 || label >= this.classes)
        throw new Error('A remembered image has no class')
      this.add({ pixels: images.data.slice(i * size, (i + 1) * size), label, uncertainty, age, sample }, shape)
    }
  }

  clear(): void {
    this.lists = Array.from({ length: this.classes }, () => [])
  }

  dispose(): void {
    this.clear()
  }
}
