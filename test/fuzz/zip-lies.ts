// Writes zip archives that may lie: sizes that differ between the directory and the entries, entries in the same place, encryption flags, other methods,
// names that lead out. Reads plain ones, to have something to lie about.
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { FuzzRandom } from './fuzz-random.ts'
import { oddNumbers } from './fuzz-random.ts'

export interface ZipEntry {
  name: string
  data: Uint8Array
  method: number
  flags: number
  /** What is said, where it differs from what is. */
  packedSize?: number
  size?: number
  localSize?: number
  offset?: number
  time?: number
}

export const stored = (name: string, data: Uint8Array): ZipEntry => ({ name, data, method: 0, flags: 0 })

export function zipOf(
  entries: readonly ZipEntry[],
  lies: { comment?: number; count?: number; directoryAt?: number; directorySize?: number } = {},
): Uint8Array {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const entry of entries) {
    const name = Buffer.from(entry.name)
    const packed = entry.method === 8 ? deflateRawSync(entry.data) : Buffer.from(entry.data)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(20, 4)
    local.writeUInt16LE(entry.flags, 6)
    local.writeUInt16LE(entry.method, 8)
    local.writeUInt32LE(entry.time ?? 0x5a214a21, 10)
    local.writeUInt32LE(crc32(entry.data), 14)
    local.writeUInt32LE((entry.packedSize ?? packed.length) >>> 0, 18)
    local.writeUInt32LE((entry.localSize ?? entry.size ?? entry.data.length) >>> 0, 22)
    local.writeUInt16LE(name.length, 26)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    local.copy(central, 6, 4, 28)
    central.writeUInt32LE((entry.size ?? entry.data.length) >>> 0, 24)
    central.writeUInt16LE(name.length, 28)
    central.writeUInt32LE((entry.offset ?? at) >>> 0, 42)
    parts.push(local, name, packed)
    directory.push(central, name)
    at += 30 + name.length + packed.length
  }
  const end = Buffer.alloc(22)
  const size = directory.reduce((sum, part) => sum + part.length, 0)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE((lies.count ?? entries.length) & 65535, 8)
  end.writeUInt16LE((lies.count ?? entries.length) & 65535, 10)
  end.writeUInt32LE((lies.directorySize ?? size) >>> 0, 12)
  end.writeUInt32LE((lies.directoryAt ?? at) >>> 0, 16)
  end.writeUInt16LE(lies.comment ?? 0, 20)
  return new Uint8Array(Buffer.concat([...parts, ...directory, end]))
}

/** Of an honest archive without data descriptors that matter: by its central directory. */
export function zipEntriesOf(bytes: Uint8Array): ZipEntry[] {
  const buffer = Buffer.from(bytes)
  const end = buffer.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
  const entries: ZipEntry[] = []
  let at = buffer.readUInt32LE(end + 16)
  for (let n = buffer.readUInt16LE(end + 10); n > 0; n--) {
    const nameLength = buffer.readUInt16LE(at + 28)
    const local = buffer.readUInt32LE(at + 42)
    const from = local + 30 + buffer.readUInt16LE(local + 26) + buffer.readUInt16LE(local + 28)
    const raw = buffer.subarray(from, from + buffer.readUInt32LE(at + 20))
    const method = buffer.readUInt16LE(at + 10)
    entries.push({
      name: buffer.toString('utf8', at + 46, at + 46 + nameLength),
      data: new Uint8Array(method === 8 ? inflateRawSync(raw) : raw),
      method,
      flags: 0,
    })
    at += 46 + nameLength + buffer.readUInt16LE(at + 30) + buffer.readUInt16LE(at + 32)
  }
  return entries
}

const names = [
  '../outside.png',
  '/etc/passwd',
  'a/../../b.png',
  '..\\b.png',
  '',
  '/',
  'x\u0000.png',
  'C:/x.png',
  '__proto__',
  'constructor/x.png',
  'a/'.repeat(300),
  `${'n'.repeat(60_000)}.png`,
]

/** One lie, or several. `inner` changes what an entry holds. */
export function mutateZip(
  entries: readonly ZipEntry[],
  random: FuzzRandom,
  inner: (entry: ZipEntry, random: FuzzRandom) => Uint8Array,
): Uint8Array {
  const out = entries.map((entry) => ({ ...entry }))
  const lies: Parameters<typeof zipOf>[1] = {}
  for (let n = random.chance(0.7) ? 1 : 1 + random.below(4); n > 0; n--) {
    const entry = random.pick(out)
    if (!entry) break
    const number = () =>
      random.pick([...oddNumbers, entry.data.length + 1, entry.data.length - 1, entry.data.length * 10])
    switch (random.below(15)) {
      case 0:
        entry.size = number()
        break
      case 1:
        entry.packedSize = number()
        break
      case 2:
        entry.localSize = number()
        break
      case 3:
        entry.offset = number()
        break
      case 4:
        entry.name = random.pick([...names, random.pick(out).name])
        break
      case 5:
        entry.flags = random.pick([1, 8, 0x800, 0x41, 0xffff])
        break
      case 6:
        entry.method = random.pick([0, 8, 9, 12, 14, 99])
        break
      case 7:
        out.splice(random.below(out.length), 1)
        break
      case 8:
        out.push({ ...entry, name: random.chance(0.5) ? entry.name : `${entry.name}2` })
        break
      case 9:
        lies.count = number()
        break
      case 10:
        if (random.chance(0.5)) lies.directoryAt = number()
        else lies.directorySize = number()
        break
      case 11:
        entry.time = random.pick([0, 0xffffffff, 0x0000ffff, 0xffff0000])
        break
      case 12: {
        // A bomb: a megabyte of zeros in a kilobyte.
        entry.data = new Uint8Array(random.pick([100_000, 1_000_000, 4_000_000]))
        entry.method = 8
        if (random.chance(0.5)) entry.size = random.pick([10, 1000, 2 ** 31])
        break
      }
      default:
        entry.data = inner(entry, random)
    }
    if (out.length === 0) break
  }
  return zipOf(out, lies)
}
