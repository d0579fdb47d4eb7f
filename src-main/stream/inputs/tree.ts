// The files of an input by their relative paths: of a folder, or inside a zip or tar archive, which is read in place and never unpacked.
import { open, readdir, realpath, stat, type FileHandle } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import yauzl from 'yauzl'
import { PalmError } from '#contract/errors.ts'
import { byCodePoint, type ImagePlace } from './listing.ts'
import { ZipReader } from './zip-reader.ts'

export interface TreeFile {
  /** Relative, with `/`. */
  readonly path: string
  readonly sizeBytes: number | null
  /** Milliseconds since the epoch, where the archive says so. */
  readonly timeMs: number | null
}

export interface Tree {
  readonly name: string
  readonly root: string
  /** Sorted by path, folder by folder; names that begin with a dot are left out. */
  readonly files: readonly TreeFile[]
  /** Folders without any file in or below them, relative. */
  readonly emptyFolders: readonly string[]
  readonly placeOf: (path: string) => Exclude<ImagePlace, { kind: 'pixels' }>
}

const maxEntries = 20_000_000
const unreadable = (path: string, reason: string, cause?: unknown) =>
  new PalmError(
    'input-unreadable',
    `${path} cannot be read: ${reason}.`,
    cause === undefined ? undefined : String(cause),
    { cause },
  )

/** @throws PalmError `input-unreadable` */
export async function openTree(path: string): Promise<Tree> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new PalmError(
      'input-unreadable',
      `${path} cannot be opened. Does it exist, and may you read it?`,
      String(cause),
      { cause },
    )
  })
  if (info.isDirectory()) return folderTree(path)
  const ending = extname(path).toLowerCase()
  if (ending === '.zip' || ending === '.npz') return zipTree(path, info.size)
  if (ending === '.tar') return tarTree(path)
  if (/\.(tar\.(gz|bz2|xz|zst)|tgz|tbz2|txz)$/i.test(path))
    throw unreadable(path, 'a compressed tar cannot be read in place. Unpack it, or make it a zip or a plain tar')
  throw new PalmError(
    'input-unreadable',
    `${path} is a file of no kind that is taken as images. Give a folder, a .zip or .tar, a .csv or .jsonl list, or .npy / .npz arrays.`,
  )
}

async function folderTree(root: string): Promise<Tree> {
  const files: TreeFile[] = []
  const emptyFolders: string[] = []
  await walk(root, '', files, emptyFolders, new Set(), { left: maxLinks })
  return {
    name: basename(root),
    root,
    files,
    emptyFolders,
    placeOf: (path) => ({ kind: 'file', path: join(root, ...path.split('/')) }),
  }
}

/** Links to folders that are followed: a few that point at each other make more ways than anyone can walk. */
const maxLinks = 10_000

/** `above` holds the real paths on the way down, against links that lead in a circle. @returns whether there was any file */
async function walk(
  folder: string,
  prefix: string,
  files: TreeFile[],
  emptyFolders: string[],
  above: ReadonlySet<string>,
  links: { left: number },
): Promise<boolean> {
  const real = await realpath(folder).catch((cause: unknown) => {
    throw unreadable(`The folder ${folder}`, 'it may be nested too deeply, or not be open to you', cause)
  })
  if (above.has(real)) return false
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new PalmError('input-unreadable', `The folder ${folder} cannot be read. May you open it?`, String(cause), {
      cause,
    })
  })
  const found: { name: string; folder: boolean; link: boolean }[] = []
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === '__MACOSX') continue
    // A link counts as what it points to; a broken one as nothing.
    const target = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => null) : entry
    if (target?.isDirectory()) found.push({ name: entry.name, folder: true, link: entry.isSymbolicLink() })
    else if (target?.isFile()) found.push({ name: entry.name, folder: false, link: false })
  }
  found.sort((a, b) => byCodePoint(a.name, b.name))
  let any = false
  for (const { name, folder: deeper, link } of found) {
    if (link && --links.left < 0)
      throw unreadable(`The folder ${folder}`, `there are more than ${maxLinks} links to folders on the way to it`)
    const path = prefix === '' ? name : `${prefix}/${name}`
    if (!deeper) {
      files.push({ path, sizeBytes: null, timeMs: null })
      any = true
    } else if (await walk(join(folder, name), path, files, emptyFolders, new Set([...above, real]), links)) any = true
    else emptyFolders.push(path)
  }
  return any
}

/** A path inside an archive, or null for what is not to be taken: folders, hidden things, ways out of it. */
function safePath(raw: string): string | null {
  const parts = raw
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
  if (
    raw.endsWith('/') ||
    parts.length === 0 ||
    parts.some((part) => part === '..' || part.startsWith('.') || part === '__MACOSX' || part.includes('\0'))
  )
    return null
  return parts.join('/')
}

/** Null for what no calendar has: archives may say anything. */
const knownTime = (ms: number | null): number | null => (ms !== null && Math.abs(ms) <= 8.64e15 ? ms : null)

interface Part {
  readonly offset: number
  readonly packedBytes: number
  readonly sizeBytes: number
  readonly method: 0 | 8
  readonly timeMs: number | null
}

function archiveTree(root: string, parts: ReadonlyMap<string, Part>, header: boolean): Tree {
  // One folder around everything is the archive's own name, not a class.
  const tops = new Set([...parts.keys()].map((path) => path.split('/', 1)[0]))
  const only = tops.size === 1 && [...parts.keys()].every((path) => path.includes('/')) ? `${[...tops][0]}/` : ''
  const short = (path: string) => path.slice(only.length)
  const files = [...parts]
    .map(([path, { sizeBytes, timeMs }]) => ({ path: short(path), sizeBytes, timeMs }))
    .sort((a, b) => byCodePoint(a.path, b.path))
  return {
    name: basename(root).replace(/\.(zip|tar|npz)$/i, ''),
    root,
    files,
    emptyFolders: [],
    placeOf(path) {
      const part = parts.get(only + path)
      if (!part) throw new RangeError(`There is no ${path} in ${root}`)
      const { offset, packedBytes, sizeBytes, method } = part
      return { kind: 'part', path: root, offset, packedBytes, sizeBytes, method, header }
    },
  }
}

async function zipTree(root: string, fileBytes: number): Promise<Tree> {
  const damaged = (cause: unknown) => unreadable(root, 'it is no usable zip archive (cut short or damaged)', cause)
  const parts = new Map<string, Part>()
  const file = await open(root, 'r').catch((cause: unknown) => {
    throw unreadable(root, 'it cannot be opened', cause)
  })
  try {
    await new Promise<void>((resolve, reject) => {
      // Names are decoded here, so that one that leads out of the archive is left out, and the rest is read.
      yauzl.fromRandomAccessReader(
        new ZipReader(file, fileBytes),
        fileBytes,
        { lazyEntries: true, autoClose: false, decodeStrings: false },
        (error, zip) => {
          if (error) return reject(damaged(error))
          zip.on('error', (cause: unknown) => reject(damaged(cause)))
          zip.on('end', resolve)
          zip.on('entry', (entry: yauzl.Entry) => {
            const path = safePath(
              yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false),
            )
            const {
              compressionMethod: method,
              relativeOffsetOfLocalHeader: offset,
              compressedSize: packedBytes,
              uncompressedSize: sizeBytes,
            } = entry
            // Encrypted entries and other ways of packing are left out; whoever looks for them finds nothing.
            if (
              path &&
              (method === 0 || method === 8) &&
              (entry.generalPurposeBitFlag & 1) === 0 &&
              offset + packedBytes <= fileBytes
            )
              parts.set(path, {
                offset,
                packedBytes,
                sizeBytes,
                method,
                timeMs: knownTime(entry.getLastModDate().getTime()),
              })
            if (parts.size > maxEntries) return reject(unreadable(root, `it has more than ${maxEntries} entries`))
            zip.readEntry()
          })
          zip.readEntry()
        },
      )
    })
  } finally {
    await file.close()
  }
  return archiveTree(root, parts, true)
}

const block = 512

/** ustar with GNU's long names and POSIX' pax paths: headers only, the contents are stepped over. */
async function tarTree(root: string): Promise<Tree> {
  const parts = new Map<string, Part>()
  const file = await open(root, 'r').catch((cause: unknown) => {
    throw unreadable(root, 'it cannot be opened', cause)
  })
  try {
    const { size: end } = await file.stat()
    const reader = new TarReader(file, end)
    let longName: string | null = null
    for (let at = 0; at + block <= end;) {
      const header = await reader.bytes(at, block)
      if (header.every((byte) => byte === 0)) break
      const size = tarNumber(header.subarray(124, 136))
      if (!checksumFits(header) || size === null || at + block + size > end)
        throw unreadable(root, at === 0 ? 'it is no tar archive' : 'it is cut short or damaged')
      const kind = String.fromCharCode(header[156] as number)
      const data = at + block
      if (kind === 'L' || kind === 'x') {
        if (size > 1_000_000) throw unreadable(root, 'it has a name of absurd length')
        const text = new TextDecoder().decode(await reader.bytes(data, size))
        longName =
          kind === 'L' ? (text.split('\0', 1)[0] ?? '') : (/(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1] ?? longName)
      } else {
        if (kind === '0' || kind === '\0' || kind === '7') {
          const prefix = tarText(header.subarray(257, 262)) === 'ustar' ? tarText(header.subarray(345, 500)) : ''
          const path = safePath(
            longName ?? (prefix ? `${prefix}/${tarText(header.subarray(0, 100))}` : tarText(header.subarray(0, 100))),
          )
          const seconds = tarNumber(header.subarray(136, 148))
          if (path)
            parts.set(path, {
              offset: data,
              packedBytes: size,
              sizeBytes: size,
              method: 0,
              timeMs: knownTime(seconds === null ? null : seconds * 1000),
            })
          if (parts.size > maxEntries) throw unreadable(root, `it has more than ${maxEntries} entries`)
        }
        longName = null
      }
      at = data + Math.ceil(size / block) * block
    }
  } finally {
    await file.close()
  }
  return archiveTree(root, parts, false)
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
