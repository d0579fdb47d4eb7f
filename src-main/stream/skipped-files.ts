// Files of a stream that could not be read: they are left out, and named.
import { PalmError, fromWireError, type WireError } from '#contract/errors.ts'
import type { SkippedFile } from '#contract/tables/report.ts'

const mostNames = 1000

export class SkippedFiles {
  private readonly reasons = new Map<string, string>()
  private readonly files = new Set<string>()

  /** @throws PalmError for what is no damaged file: `input-size` for an image of another size, which is the user's to decide about, and `internal` */
  add(file: string, error: WireError): void {
    if (error.code === 'input-size') {
      throw new PalmError(
        'input-size',
        `The images have different sizes: ${file} is ${error.message}. Give a size to which all are scaled and cut (--size).`,
      )
    }
    if (error.code === 'internal') throw fromWireError({ code: 'internal', message: error.message })
    this.files.add(file)
    if (this.reasons.size < mostNames) this.reasons.set(file, error.message)
  }

  /** The first thousand by name, and how many in all. */
  get found(): { files: readonly SkippedFile[]; total: number } {
    return { files: [...this.reasons].map(([path, reason]) => ({ path, reason })), total: this.files.size }
  }
}
