// The last frames of a webcam that methods adapt on. A frame enters only some time after the one before it, because neighbours hardly differ; the
// oldest leaves. Frames are bytes on the host: nothing grows.
import type { RgbImage } from '#stream/images/rgb-image.ts'

export class SlidingWindow {
  readonly size: number
  private readonly spacingMs: number
  private images: Uint8Array[] = []
  private lastAt = Number.NEGATIVE_INFINITY
  /** Frames that entered since `taken` was called last. */
  fresh = 0

  constructor(size: number, spacingMs: number) {
    this.size = size
    this.spacingMs = spacingMs
  }

  get frames(): number {
    return this.images.length
  }

  /** `at` in milliseconds, of any clock that only rises. @returns whether it entered */
  offer(image: RgbImage, at: number): boolean {
    if (at - this.lastAt < this.spacingMs) return false
    this.lastAt = at
    this.images.push(image.data)
    if (this.images.length > this.size) this.images.shift()
    this.fresh += 1
    return true
  }

  /** All frames, oldest first, one after the other. */
  pixels(): Uint8Array {
    const [first] = this.images
    if (!first) return new Uint8Array(0)
    const all = new Uint8Array(first.length * this.images.length)
    for (const [i, image] of this.images.entries()) all.set(image, i * first.length)
    return all
  }

  taken(): void {
    this.fresh = 0
  }

  clear(): void {
    this.images = []
    this.fresh = 0
    this.lastAt = Number.NEGATIVE_INFINITY
  }
}
