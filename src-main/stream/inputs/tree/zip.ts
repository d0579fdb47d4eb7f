// The files in a zip archive, from its directory; nothing is unpacked.
import { open, type FileHandle } from 'node:fs/promises'
import yauzl from 'yauzl'
import { ArchiveParts, archiveTree, knownTime, maxEntries, type Part } from './archive.ts'
import { unreadable, type Tree } from './tree-file.ts'
import { ZipReader } from './zip-reader.ts'

/** @throws PalmError `input-unreadable` */
export async function zipTree(root: string, fileBytes: number): Promise<Tree> {
  const file = await open(root, 'r').catch((cause: unknown) => {
    throw unreadable(root, 'it cannot be opened', cause)
  })
  try {
    const { parts, folders } = await entriesOf(file, fileBytes, root)
    return archiveTree(root, parts, folders, true)
  } finally {
    await file.close()
  }
}

function entriesOf(file: FileHandle, fileBytes: number, root: string): Promise<ArchiveParts> {
  const damaged = (cause: unknown) => unreadable(root, 'it is not a usable zip archive (cut short or damaged)', cause)
  const entries = new ArchiveParts()
  return new Promise((resolve, reject) => {
    // Names are decoded here, so that one that leads out of the archive is left out, and the rest is read.
    const how = { lazyEntries: true, autoClose: false, decodeStrings: false }
    yauzl.fromRandomAccessReader(new ZipReader(file, fileBytes), fileBytes, how, (error, zip) => {
      if (error) return reject(damaged(error))
      zip.on('error', (cause: unknown) => reject(damaged(cause)))
      zip.on('end', () => resolve(entries))
      zip.on('entry', (entry: yauzl.Entry) => {
        const path = yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false)
        if (entries.add(path, partOf(entry, fileBytes)))
          return reject(unreadable(root, `it has more than ${maxEntries} entries`))
        zip.readEntry()
      })
      zip.readEntry()
    })
  })
}

/** Null for encrypted entries and other ways of packing, which are left out: whoever looks for them finds nothing. */
function partOf(entry: yauzl.Entry, fileBytes: number): Part | null {
  const {
    compressionMethod: method,
    relativeOffsetOfLocalHeader: offset,
    compressedSize: packedBytes,
    uncompressedSize: sizeBytes,
  } = entry
  if (method !== 0 && method !== 8) return null
  if ((entry.generalPurposeBitFlag & 1) !== 0 || offset + packedBytes > fileBytes) return null
  return { offset, packedBytes, sizeBytes, method, timeMs: knownTime(entry.getLastModDate().getTime()) }
}
