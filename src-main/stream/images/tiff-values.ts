// TIFF files whose pixels are numbers that the decoder has no colours for: indices into a palette, and 32-bit numbers, one a pixel. The decoder is given the
// same file with another directory, by which it unpacks the values as they are; here they become grey or colours, as Pillow's convert('RGB') has it.

/** Of the first directory, as far as it is asked here. */
export interface TiffValues {
  readonly kind: 'palette' | 'float' | 'signed' | 'unsigned'
  /** The file as the decoder takes it: indices as grey, numbers as four channels. */
  readonly bytes: Uint8Array
  readonly little: boolean
  /** Whether values are differences to those on their left. */
  readonly differences: boolean
  /** Of a palette: 16-bit reds, greens, blues. */
  readonly colours: Uint16Array | null
  readonly bits: number
}

const tags = {
  width: 0x100,
  bits: 0x102,
  compression: 0x103,
  photometric: 0x106,
  samples: 0x115,
  predictor: 0x13d,
  colours: 0x140,
  extra: 0x152,
  format: 0x153,
} as const
type Tag = (typeof tags)[keyof typeof tags]
const maxTags = 4096
const short = 3

interface Entry {
  readonly tag: number
  readonly type: number
  readonly count: number
  /** Its four bytes of value or place. */
  readonly value: Uint8Array
}

/** Null for what the decoder takes as it is, and for what nobody does. @throws RangeError for one that is cut short */
export function tiffValues(file: Uint8Array): TiffValues | null {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const little = file[0] === 0x49
  const entries = entriesOf(file, view, little)
  const numberOf = (tag: Tag, otherwise: number) => {
    const entry = entries.find((one) => one.tag === tag)
    if (!entry || entry.count !== 1) return entry ? -1 : otherwise
    const value = new DataView(entry.value.buffer, entry.value.byteOffset, 4)
    return entry.type === short ? value.getUint16(0, little) : value.getUint32(0, little)
  }
  const [bits, samples, format] = [numberOf(tags.bits, 1), numberOf(tags.samples, 1), numberOf(tags.format, 1)]
  const photometric = numberOf(tags.photometric, 1)
  const predictor = numberOf(tags.predictor, 1)
  if (samples !== 1) return null
  if (photometric === 3 && bits === 8) {
    const colours = coloursOf(entries, view, little, bits)
    const changed = changedFile(file, little, entries, [[tags.photometric, [1]]], [tags.colours])
    return colours && { kind: 'palette', bytes: changed, little, differences: false, colours, bits }
  }
  const kind = ({ 1: 'unsigned', 2: 'signed', 3: 'float' } as const)[format]
  if (bits !== 32 || photometric !== 1 || kind === undefined || predictor > 2) return null
  const changes: [Tag, number[]][] = [
    [tags.bits, [8, 8, 8, 8]],
    [tags.photometric, [2]],
    [tags.samples, [4]],
    [tags.extra, [2]],
  ]
  const bytes = changedFile(file, little, entries, changes, [tags.format, tags.predictor])
  return { kind, bytes, little, differences: predictor === 2, colours: null, bits }
}

function entriesOf(file: Uint8Array, view: DataView, little: boolean): Entry[] {
  const start = view.getUint32(4, little)
  const count = Math.min(maxTags, view.getUint16(start, little))
  return Array.from({ length: count }, (_, i) => {
    const at = start + 2 + 12 * i
    return {
      tag: view.getUint16(at, little),
      type: view.getUint16(at + 2, little),
      count: view.getUint32(at + 4, little),
      value: file.subarray(at + 8, at + 12),
    }
  })
}

function coloursOf(entries: readonly Entry[], view: DataView, little: boolean, bits: number): Uint16Array | null {
  const entry = entries.find(({ tag }) => tag === tags.colours)
  const count = 3 * 2 ** bits
  if (!entry || entry.type !== short || entry.count !== count) return null
  const at = new DataView(entry.value.buffer, entry.value.byteOffset, 4).getUint32(0, little)
  return Uint16Array.from({ length: count }, (_, i) => view.getUint16(at + 2 * i, little))
}

/** The file with a further directory at its end, which is the first one now. Values are short numbers. */
function changedFile(
  file: Uint8Array,
  little: boolean,
  entries: readonly Entry[],
  changes: readonly (readonly [Tag, readonly number[]])[],
  without: readonly Tag[],
): Uint8Array {
  const changed = new Map<number, readonly number[]>(changes)
  const kept = entries.filter(({ tag }) => !changed.has(tag) && !without.some((one) => one === tag))
  const all = [...kept.map(({ tag }) => tag), ...changed.keys()].sort((a, b) => a - b)
  const start = file.length + (file.length % 2)
  const longAt = start + 2 + 12 * all.length + 4
  const bytes = new Uint8Array(longAt + 8 * changes.length)
  const view = new DataView(bytes.buffer)
  bytes.set(file)
  view.setUint32(4, start, little)
  view.setUint16(start, all.length, little)
  let next = longAt
  for (const [i, tag] of all.entries()) {
    const at = start + 2 + 12 * i
    view.setUint16(at, tag, little)
    const values = changed.get(tag)
    const entry = kept.find((one) => one.tag === tag)
    if (values) {
      view.setUint16(at + 2, short, little)
      view.setUint32(at + 4, values.length, little)
      const to = values.length > 2 ? next : at + 8
      if (values.length > 2) view.setUint32(at + 8, next, little)
      for (const [j, value] of values.entries()) view.setUint16(to + 2 * j, value, little)
      if (values.length > 2) next += 2 * values.length
    } else if (entry) {
      view.setUint16(at + 2, entry.type, little)
      view.setUint32(at + 4, entry.count, little)
      bytes.set(entry.value, at + 8)
    }
  }
  return bytes
}

/** RGB of what the decoder gave for it, one byte a pixel (indices) or four. */
export function coloursOfValues(
  { kind, little, differences, colours }: TiffValues,
  raw: Uint8Array,
  width: number,
  height: number,
): Uint8Array {
  const rgb = new Uint8Array(width * height * 3)
  if (colours) {
    const size = colours.length / 3
    for (let i = 0; i < width * height; i++)
      for (let c = 0; c < 3; c++) rgb[3 * i + c] = (colours[c * size + (raw[i] as number)] as number) >> 8
    return rgb
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  let left = 0
  for (let i = 0; i < width * height; i++) {
    let bits = view.getUint32(4 * i, little)
    if (differences) bits = (i % width === 0 ? bits : bits + left) >>> 0
    left = bits
    rgb.fill(greyOf(kind, bits), 3 * i, 3 * i + 3)
  }
  return rgb
}

const word = new DataView(new ArrayBuffer(4))

/** As Pillow clips: towards 0, and to what a byte holds. */
function greyOf(kind: TiffValues['kind'], bits: number): number {
  word.setUint32(0, bits)
  const value = kind === 'float' ? word.getFloat32(0) : word.getInt32(0)
  return value >= 255 ? 255 : value > 0 ? Math.trunc(value) : 0
}
