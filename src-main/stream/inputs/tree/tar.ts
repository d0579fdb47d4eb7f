// The files in a tar archive: ustar with GNU's long names and POSIX' pax paths. Headers only, the contents are stepped over.
import { open, type FileHandle } from 'node:fs/promises'
import { ArchiveParts, archiveTree, knownTime, maxEntries, type Part } from './archive.ts'
import { unreadable, type Tree } from './tree-file.ts'

const block = 512
const maxNameBytes = 1_000_000

/** @throws PalmError `input-unreadable` */
export async function tarTree(root: string): Promise<Tree> {
  const file = await open(root, 'r').catch((cause: unknown) => {
    throw unreadable(root, 'it cannot be opened', cause)
  })
  try {
    const { parts, folders } = await entriesOf(file, root)
    return archiveTree(root, parts, folders, false)
  } finally {
    await file.close()
  }
}

async function entriesOf(file: FileHandle, root: string): Promise<ArchiveParts> {
  const entries = new ArchiveParts()
  const { size: end } = await file.stat()
  const reader = new TarReader(file, end)
  let longName: string | null = null
  for (let at = 0; at + block <= end;) {
    const header = await reader.bytes(at, block)
    if (header.every((byte) => byte === 0)) break
    const size = tarNumber(header.subarray(124, 136))
    if (!checksumFits(header) || size === null || at + block + size > end)
      throw unreadable(root, at === 0 ? 'it is not a tar archive' : 'it is cut short or damaged')
    const kind = String.fromCharCode(header[156] as number)
    const data = at + block
    if (kind === 'L' || kind === 'x') {
      if (size > maxNameBytes) throw unreadable(root, 'it has a name of absurd length')
      const text = new TextDecoder().decode(await reader.bytes(data, size))
      longName =
        kind === 'L' ? (text.split('\0', 1)[0] ?? '') : (/(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1] ?? longName)
    } else {
      const name = longName ?? ownName(header)
      const path = isFile(kind) ? name : kind === '5' ? `${name}/` : '/'
      if (entries.add(path, isFile(kind) ? partOf(header, data, size) : null))
        throw unreadable(root, `it has more than ${maxEntries} entries`)
      longName = null
    }
    at = data + Math.ceil(size / block) * block
  }
  return entries
}

const isFile = (kind: string) => kind === '0' || kind === '\0' || kind === '7'

function ownName(header: Uint8Array): string {
  const prefix = tarText(header.subarray(257, 262)) === 'ustar' ? tarText(header.subarray(345, 500)) : ''
  const name = tarText(header.subarray(0, 100))
  return prefix ? `${prefix}/${name}` : name
}

function partOf(header: Uint8Array, offset: number, size: number): Part {
  const seconds = tarNumber(header.subarray(136, 148))
  return {
    offset,
    packedBytes: size,
    sizeBytes: size,
    method: 0,
    timeMs: knownTime(seconds === null ? null : seconds * 1000),
  }
}

/** Reads ahead, so that small files do not cost a system call each. */
class TarReader {
  private readonly file: FileHandle
  private readonly end: number
  private buffer = new Uint8Array(0)
  private from = 0

  constructor(file: FileHandle, end: number) {
    this.file = file
    this.end = end
  }

  async bytes(at: number, length: number): Promise<Uint8Array> {
    if (at < this.from || at + length > this.from + this.buffer.length) {
      const size = Math.min(Math.max(length, 64 * 1024), this.end - at)
      const buffer = new Uint8Array(size)
      const { bytesRead } = await this.file.read(buffer, 0, size, at)
      this.buffer = buffer.subarray(0, bytesRead)
      this.from = at
    }
    return this.buffer.subarray(at - this.from, at - this.from + length)
  }
}

const tarText = (bytes: Uint8Array) => new TextDecoder().decode(bytes).split('\0', 1)[0] ?? ''

/** Octal, or GNU's binary form for sizes beyond 8 GiB. */
function tarNumber(bytes: Uint8Array): number | null {
  if ((bytes[0] ?? 0) & 0x80) {
    let value = (bytes[0] as number) & 0x7f
    for (const byte of bytes.subarray(1)) value = value * 256 + byte
    return Number.isSafeInteger(value) ? value : null
  }
  const text = tarText(bytes).trim()
  return text === '' ? 0 : /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : null
}

function checksumFits(header: Uint8Array): boolean {
  let sum = 0
  for (let i = 0; i < block; i++) sum += i >= 148 && i < 156 ? 32 : (header[i] as number)
  return sum === tarNumber(header.subarray(148, 156))
}
