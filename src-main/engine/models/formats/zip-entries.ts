// The entries of a zip archive that is in memory. PyTorch stores them uncompressed, so that they are views into the archive; a compressed one is unpacked
// within its declared size, which may not be absurd.
import { inflateRawSync } from 'node:zlib'
import yauzl from 'yauzl'

const maxEntries = 100_000
/** A deflated entry may be at most so many times its packed size: weights hardly shrink at all. */
const largestRatio = 20

export async function zipEntries(bytes: Uint8Array, broken: (reason: string) => Error): Promise<Map<string, Uint8Array>> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fail = (cause: unknown) => broken(`its archive is damaged (${cause instanceof Error ? cause.message : 'unreadable'})`)
  const archive = await new Promise<yauzl.ZipFile>((resolve, reject) => {
    yauzl.fromBuffer(buffer, { lazyEntries: true, decodeStrings: true, validateEntrySizes: true }, (error, zip) => (error ? reject(fail(error)) : resolve(zip)))
  })
  const found: yauzl.Entry[] = []
  await new Promise<void>((resolve, reject) => {
    archive.on('entry', (entry: yauzl.Entry) => {
      found.push(entry)
      if (found.length > maxEntries) reject(broken('its archive has too many entries'))
      else archive.readEntry()
    })
    archive.on('end', resolve)
    archive.on('error', (error: unknown) => reject(fail(error)))
    archive.readEntry()
  })
  const entries = new Map<string, Uint8Array>()
  let unpacked = 0
  for (const entry of found) {
    const start = dataStart(buffer, entry.relativeOffsetOfLocalHeader)
    if (start === null || start + entry.compressedSize > buffer.length) throw broken('its archive is cut short')
    const raw = bytes.subarray(start, start + entry.compressedSize)
    if (entry.compressionMethod === 0) {
      entries.set(entry.fileName, raw)
      continue
    }
    if (entry.compressionMethod !== 8) throw broken(`its archive is packed by a method (${entry.compressionMethod}) that is not read`)
    unpacked += entry.uncompressedSize
    if (entry.uncompressedSize > largestRatio * Math.max(1024, entry.compressedSize) || unpacked > largestRatio * buffer.length) throw broken('its archive unpacks to an absurd size')
    try {
      entries.set(entry.fileName, inflateRawSync(raw, { maxOutputLength: Math.max(1, entry.uncompressedSize) }))
    } catch (cause) {
      throw fail(cause)
    }
  }
  return entries
}

/** Where an entry's bytes begin, behind its local header; null when there is none. */
export function dataStart(buffer: Buffer, at: number): number | null {
  if (at + 30 > buffer.length || buffer.readUInt32LE(at) !== 0x04034b50) return null
  return at + 30 + buffer.readUInt16LE(at + 26) + buffer.readUInt16LE(at + 28)
}
