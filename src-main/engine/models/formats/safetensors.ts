// The safetensors format: 8 bytes of header length, a JSON header, then raw little-endian tensors. Bytes in, bytes out.
// A reader for hostile files: lengths, offsets, overlaps, types and duplicate names are checked before anything is read.
import { z } from 'zod'
import { parseBoundedJson } from '#contract/bounded-json.ts'
import { PalmError } from '#contract/errors.ts'
import { bytesPer, isWhole, toFloat32, type Dtype, type FileTensor } from './file-tensor.ts'

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, FileTensor>
  readonly metadata: Readonly<Record<string, string>>
  /** Names of tensors of whole numbers or truth values. */
  readonly whole: ReadonlySet<string>
}

const maxHeaderBytes = 100_000_000

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(count).max(16),
  data_offsets: z.tuple([count, count]),
})

/** @throws PalmError `model-unreadable` that names the file and what is wrong with it. */
export function readSafetensors(bytes: Uint8Array, fileName: string): SafetensorsFile {
  const { entries, metadata, dataStart } = readHeader(bytes, fileName)
  const tensors = new Map<string, FileTensor>()
  for (const [name, entry] of entries) {
    const raw = bytes.subarray(dataStart + entry.begin, dataStart + entry.end)
    tensors.set(name, { shape: entry.shape, data: toFloat32(raw, entry.dtype) })
  }
  const whole = new Set([...entries].filter(([, { dtype }]) => isWhole(dtype)).map(([name]) => name))
  return { tensors, metadata, whole }
}

interface Entry {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, Entry>
  readonly metadata: Readonly<Record<string, string>>
  readonly dataStart: number
}

/** Names, shapes and types only: the tensors' values are not looked at. */
function readHeader(bytes: Uint8Array, fileName: string): SafetensorsHeader {
  const fail = (reason: string) =>
    new PalmError('model-unreadable', `${fileName} is not a usable .safetensors file: ${reason}.`)
  if (bytes.byteLength < 8) throw fail('it is shorter than its 8-byte header')
  const headerBytes = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  if (headerBytes > maxHeaderBytes || headerBytes > bytes.byteLength - 8)
    throw fail('its header is longer than the file: it may be cut short')
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + headerBytes))
    header = parseBoundedJson(text)
  } catch (cause) {
    throw fail(`its header is not valid JSON (${cause instanceof Error ? cause.message : 'unreadable'})`)
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw fail('its header is not an object')
  const repeated = repeatedKey(text)
  if (repeated !== null) throw fail(`the name “${repeated}” occurs twice`)
  const dataStart = 8 + headerBytes
  const dataBytes = bytes.byteLength - dataStart
  const entries = new Map<string, Entry>()
  let metadata: Record<string, string> = {}
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = textsOf(value)
      continue
    }
    const parsed = entrySchema.safeParse(value)
    if (!parsed.success) throw fail(`the entry of “${name}” is malformed`)
    const {
      dtype,
      shape,
      data_offsets: [begin, end],
    } = parsed.data
    if (!Object.hasOwn(bytesPer, dtype))
      throw fail(`“${name}” has the type ${dtype.slice(0, 20)}, which is not supported`)
    const size = shape.reduce((product, n) => product * n, 1)
    if (!Number.isSafeInteger(size) || begin > end || end > dataBytes)
      throw fail(`“${name}” reaches beyond the end of the file: it may be cut short`)
    if (end - begin !== size * bytesPer[dtype as Dtype])
      throw fail(
        `“${name}” has ${end - begin} bytes where its shape [${shape.join(', ')}] needs ${size * bytesPer[dtype as Dtype]}`,
      )
    entries.set(name, { dtype: dtype as Dtype, shape, begin, end })
  }
  let reached = 0
  for (const [name, entry] of [...entries].sort((a, b) => a[1].begin - b[1].begin || a[1].end - b[1].end)) {
    if (entry.begin < reached) throw fail(`“${name}” overlaps another tensor`)
    reached = Math.max(reached, entry.end)
  }
  return { entries, metadata, dataStart }
}

/** What somebody wrote into the metadata is no reason to refuse the tensors: only texts count, as the format says. */
function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** The first top-level key that occurs twice (JSON.parse would silently keep the last), or null. The text is valid JSON. */
function repeatedKey(text: string): string | null {
  const seen = new Set<string>()
  let depth = 0
  let expectsKey = false
  for (let i = 0; i < text.length; i++) {
    const ch = text[i]
    if (ch === '{' || ch === '[') {
      depth += 1
      expectsKey = ch === '{' && depth === 1
    } else if (ch === '}' || ch === ']') depth -= 1
    else if (ch === ',') expectsKey = depth === 1
    else if (ch === '"') {
      const start = i
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++
      if (depth === 1 && expectsKey) {
        const key = JSON.parse(text.slice(start, i + 1)) as string
        if (seen.has(key)) return key
        seen.add(key)
        expectsKey = false
      }
    }
  }
  return null
}

/** Float32 tensors as a file that PyTorch's `safetensors` opens: names sorted, data aligned to 8 bytes. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, FileTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const names = [...tensors.keys()].sort()
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {}
  let offset = 0
  for (const name of names) {
    const { shape, data } = tensors.get(name) as FileTensor
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  let text = JSON.stringify(header)
  const encoder = new TextEncoder()
  text += ' '.repeat((8 - (encoder.encode(text).byteLength % 8)) % 8)
  const head = encoder.encode(text)
  const out = new Uint8Array(8 + head.byteLength + offset)
  new DataView(out.buffer).setBigUint64(0, BigInt(head.byteLength), true)
  out.set(head, 8)
  let at = 8 + head.byteLength
  for (const name of names) {
    const { data } = tensors.get(name) as FileTensor
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return out
}
