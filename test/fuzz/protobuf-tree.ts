// A protocol buffer as a tree of fields, for changes that know its structure: written back, every length fits again, and what is wrong lies deeper.
import { FuzzRandom } from './fuzz-random.ts'

export interface Field {
  tag: number
  wire: number
  value: bigint | Uint8Array | Field[]
}

/** ONNX's messages inside messages, by the path of field numbers; `*` below them are plain values. */
const onnxMessages = new Set([
  '7',
  '7.1',
  '7.1.5',
  '7.1.5.5',
  '7.1.5.5.13',
  '7.5',
  '7.5.13',
  '7.11',
  '7.11.2',
  '7.11.2.1',
  '7.11.2.1.2',
  '7.11.2.1.2.1',
  '7.12',
  '7.12.2',
  '7.12.2.1',
  '7.12.2.1.2',
  '7.12.2.1.2.1',
  '8',
  '14',
])

function varint(bytes: Uint8Array, at: number): [bigint, number] {
  let value = 0n
  for (let shift = 0n, i = at; ; i++, shift += 7n) {
    value |= BigInt((bytes[i] as number) & 0x7f) << shift
    if ((bytes[i] as number) < 0x80) return [value, i + 1]
  }
}

export function parseFields(bytes: Uint8Array, path = ''): Field[] {
  const fields: Field[] = []
  for (let at = 0; at < bytes.length;) {
    const [key, afterKey] = varint(bytes, at)
    const tag = Number(key >> 3n)
    const wire = Number(key & 7n)
    const here = path === '' ? String(tag) : `${path}.${tag}`
    at = afterKey
    if (wire === 0) {
      const [value, end] = varint(bytes, at)
      fields.push({ tag, wire, value })
      at = end
    } else if (wire === 2) {
      const [length, from] = varint(bytes, at)
      at = from + Number(length)
      const inner = bytes.slice(from, at)
      fields.push({ tag, wire, value: onnxMessages.has(here) ? parseFields(inner, here) : inner })
    } else {
      const width = wire === 5 ? 4 : 8
      fields.push({ tag, wire, value: bytes.slice(at, at + width) })
      at += width
    }
  }
  return fields
}

export function varintBytes(value: bigint): Uint8Array {
  const out: number[] = []
  let rest = BigInt.asUintN(64, value)
  do {
    out.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
    rest >>= 7n
  } while (rest > 0n)
  return Uint8Array.from(out)
}

export function fieldBytes(fields: readonly Field[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const { tag, wire, value } of fields) {
    parts.push(varintBytes(BigInt(tag * 8 + wire)))
    if (typeof value === 'bigint') parts.push(varintBytes(value))
    else {
      const inner = value instanceof Uint8Array ? value : fieldBytes(value)
      if (wire === 2) parts.push(varintBytes(BigInt(inner.length)))
      parts.push(inner)
    }
  }
  return new Uint8Array(Buffer.concat(parts))
}

const oddVarints = [
  0n,
  1n,
  2n,
  3n,
  4n,
  127n,
  128n,
  255n,
  65535n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 53n,
  (1n << 63n) - 1n,
  -1n,
  -2n,
  1_000_000_000n,
]

function listsOf(fields: Field[], into: Field[][] = []): Field[][] {
  into.push(fields)
  for (const { value } of fields) if (Array.isArray(value)) listsOf(value, into)
  return into
}

/** Names that are in use, so that a renamed one may well exist: circles, outputs given twice, constants where features are expected. */
function textsOf(fields: readonly Field[], into: Uint8Array[] = []): Uint8Array[] {
  for (const { wire, value } of fields) {
    if (value instanceof Uint8Array) {
      if (wire === 2 && value.length > 0 && value.length < 40) into.push(value)
    } else if (Array.isArray(value)) textsOf(value, into)
  }
  return into
}

export function mutateFields(root: Field[], random: FuzzRandom): Uint8Array {
  const copy = structuredClone(root)
  const texts = textsOf(copy)
  for (let n = random.chance(0.6) ? 1 : 1 + random.below(4); n > 0; n--) {
    const lists = listsOf(copy).filter((list) => list.length > 0)
    if (lists.length === 0) break
    const list = random.pick(lists)
    const at = random.below(list.length)
    const field = list[at] as Field
    switch (random.below(9)) {
      case 0:
        list.splice(at, 1)
        break
      case 1:
        for (let times = random.chance(0.95) ? 1 : 3000; times > 0; times--) list.splice(at, 0, structuredClone(field))
        break
      case 2: {
        const other = random.below(list.length)
        list[at] = list[other] as Field
        list[other] = field
        break
      }
      case 3:
        field.tag = random.pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 20, 1000])
        break
      case 4: {
        // A part of one place in another.
        const theirs = random.pick(lists)
        list.splice(at, 0, structuredClone(theirs[random.below(theirs.length)] as Field))
        break
      }
      default:
        if (typeof field.value === 'bigint')
          field.value = random.chance(0.3) ? field.value + BigInt(random.below(5) - 2) : random.pick(oddVarints)
        else if (field.value instanceof Uint8Array) {
          if (field.wire === 2 && random.chance(0.6) && texts.length > 0) field.value = random.pick(texts)
          else if (field.wire === 2 && random.chance(0.3)) field.value = random.bytes(random.below(40))
          else if (random.chance(0.5))
            field.value = new Uint8Array(field.value.length).fill(random.pick([0, 0xff, 0x7f]))
          else field.value = field.value.map((byte) => (random.chance(0.1) ? random.below(256) : byte))
        } else if (random.chance(0.3)) field.value = []
    }
  }
  return fieldBytes(copy)
}
