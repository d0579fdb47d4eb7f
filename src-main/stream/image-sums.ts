// What each image was when a run read it first. One that is another one at a later reading (a file was replaced, in the middle of the run or before it was resumed) ends the run:
// its numbers would be of another input without a word.
import { PalmError } from '#contract/errors.ts'

export class ImageSums {
  private readonly known = new Map<number, number>()

  /** `sum`: of its pixels. @throws PalmError `input-labels` where it was another one before */
  see(image: number, sum: number, name: string): void {
    const before = this.known.get(image)
    if (before === undefined) this.known.set(image, sum)
    else if (before !== sum)
      throw new PalmError(
        'input-labels',
        `${name} is not the image any more that this run read before: it was replaced. Put back what was there and resume, or start a new run.`,
      )
  }

  /** Eight bytes an image. */
  get bytes(): Uint8Array {
    const pairs = new Uint32Array(2 * this.known.size)
    let at = 0
    for (const [image, sum] of this.known) {
      pairs[at++] = image
      pairs[at++] = sum
    }
    return new Uint8Array(pairs.buffer)
  }

  /** What an earlier session of the run has read. */
  load(bytes: Uint8Array): void {
    const pairs = new Uint32Array(bytes.slice().buffer)
    for (let at = 0; at + 1 < pairs.length; at += 2) this.known.set(pairs[at] as number, pairs[at + 1] as number)
  }
}
