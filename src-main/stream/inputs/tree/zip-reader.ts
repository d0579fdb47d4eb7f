// Reads a zip's directory in large pieces: by itself the library asks the system twice for each entry, which takes minutes for a million of them.
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import yauzl from 'yauzl'

const pieceBytes = 256 * 1024

export class ZipReader extends yauzl.RandomAccessReader {
  private readonly file: FileHandle
  private readonly size: number
  private piece: Buffer = Buffer.alloc(0)
  private from = 0

  /** The file stays the caller's to close. */
  constructor(file: FileHandle, size: number) {
    super()
    this.file = file
    this.size = size
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    void this.answer(this.copied(buffer, offset, length, position), callback)
  }

  private async answer(copied: Promise<Error | null>, callback: (error: Error | null) => void): Promise<void> {
    callback(await copied)
  }

  /** What went wrong; null = nothing. */
  private async copied(buffer: Buffer, offset: number, length: number, position: number): Promise<Error | null> {
    try {
      if (!(await this.filled(position, length))) return new Error('it ends too early')
      this.piece.copy(buffer, offset, position - this.from, position - this.from + length)
      return null
    } catch (cause) {
      return cause instanceof Error ? cause : new Error(String(cause))
    }
  }

  /** Whether so many bytes are there. */
  private async filled(position: number, length: number): Promise<boolean> {
    if (position < 0 || position + length > this.size) return false
    if (position >= this.from && position + length <= this.from + this.piece.length) return true
    const piece = Buffer.allocUnsafe(Math.min(Math.max(length, pieceBytes), this.size - position))
    const { bytesRead } = await this.file.read(piece, 0, piece.length, position)
    this.piece = piece.subarray(0, bytesRead)
    this.from = position
    return length <= bytesRead
  }

  /** Contents are read elsewhere (places/part.ts). */
  override _readStreamForRange(): Readable {
    return Readable.from([])
  }
}
