// The entries of a zip archive that is in memory. PyTorch stores them uncompressed, so that they are views into the archive; a compressed one is unpacked
// when it is asked for, within its declared size, which may not be absurd.
import { inflateRawSync } from 'node:zlib'
import yauzl from 'yauzl'

const maxEntries = 20_000
/** A deflated entry may be at most so many times its packed size: weights hardly shrink at all. */
const largestRatio = 20

export interface ZipEntries {
  readonly names: readonly string[]
  /** Null when there is no such entry. @throws what `broken` makes */
  readonly bytesOf: (name: string) => Uint8Array | null
}

export async function zipEntries(bytes: Uint8Array, broken: (reason: string) => Error): Promise<ZipEntries> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fail = (cause: unknown) =>
    broken(`its archive is damaged (${cause instanceof Error ? cause.message : 'unreadable'})`)
  const archive = await new Promise<yauzl.ZipFile>((resolve, reject) => {
    yauzl.fromBuffer(buffer, { lazyEntries: true, decodeStrings: true, validateEntrySizes: true }, (error, zip) =>
      error ? reject(fail(error)) : resolve(zip),
    )
  })
  if (archive.entryCount > maxEntries)
    throw broken(`its archive has ${archive.entryCount} entries, more than a model has`)
  const found = new Map<string, yauzl.Entry>()
  await new Promise<void>((resolve, reject) => {
    archive.on('entry', (entry: yauzl.Entry) => {
      found.set(entry.fileName, entry)
      archive.readEntry()
    })
    archive.on('end', resolve)
    archive.on('error', (error: unknown) => reject(fail(error)))
    archive.readEntry()
  })
  let unpacked = 0
  return {
    names: [...found.keys()],
    bytesOf(name) {
      const entry = found.get(name)
      if (!entry) return null
      if ((entry.generalPurposeBitFlag & 1) !== 0) throw broken('its archive is encrypted')
      const start = dataStart(buffer, entry.relativeOffsetOfLocalHeader)
      if (start === null || start + entry.compressedSize > buffer.length) throw broken('its archive is cut short')
      const raw = bytes.subarray(start, start + entry.compressedSize)
      if (entry.compressionMethod === 0) return raw
      if (entry.compressionMethod !== 8)
        throw broken(`its archive is packed by a method (${entry.compressionMethod}) that is not read`)
      unpacked += entry.uncompressedSize
      if (
        entry.uncompressedSize > largestRatio * Math.max(1024, entry.compressedSize) ||
        unpacked > largestRatio * buffer.length
      )
        throw broken('its archive unpacks to an absurd size')
      try {
        return inflateRawSync(raw, { maxOutputLength: Math.max(1, entry.uncompressedSize) })
      } catch (cause) {
        throw fail(cause)
      }
    },
  }
}

/** Where an entry's bytes begin, behind its local header; null when there is none. */
function dataStart(buffer: Buffer, at: number): number | null {
  if (at + 30 > buffer.length || buffer.readUInt32LE(at) !== 0x04034b50) return null
  return at + 30 + buffer.readUInt16LE(at + 26) + buffer.readUInt16LE(at + 28)
}
