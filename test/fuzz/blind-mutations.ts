// Changes that know nothing of a format: cut, flipped, overwritten, doubled, moved and deleted spans, and numbers of 1 to 8 bytes set to odd values.
import { FuzzRandom, oddNumbers } from './fuzz-random.ts'

type Mutation = (bytes: Uint8Array, random: FuzzRandom) => Uint8Array

const join = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
/** Short spans mostly: a long one leaves nothing to be read. */
const span = (length: number, random: FuzzRandom): [number, number] => {
  const from = random.below(length)
  const most = random.chance(0.8) ? 64 : length
  return [from, Math.min(length, from + 1 + random.below(most))]
}

const cut: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length))
const cutFront: Mutation = (bytes, random) => bytes.slice(random.below(Math.min(64, bytes.length)))

const flipBits: Mutation = (bytes, random) => {
  const out = bytes.slice()
  // Headers are where it matters: every other flip falls into the first bytes.
  for (let n = 1 + random.below(8); n > 0; n--) {
    const at = random.below(random.chance(0.5) ? Math.min(512, out.length) : out.length)
    out[at] = (out[at] as number) ^ (1 << random.below(8))
  }
  return out
}

const setNumber: Mutation = (bytes, random) => {
  const out = bytes.slice()
  const width = random.pick([1, 2, 4, 4, 8])
  if (out.length < width) return out
  const view = new DataView(out.buffer)
  const at = random.below(random.chance(0.5) ? Math.min(512, out.length - width + 1) : out.length - width + 1)
  const little = random.chance(0.7)
  const value = random.chance(0.2)
    ? -1 - random.below(3)
    : random.chance(0.2)
      ? 2 ** 32 - random.below(bytes.length + 2)
      : random.pick(oddNumbers)
  if (width === 1) view.setUint8(at, value & 255)
  else if (width === 2) view.setUint16(at, value & 65535, little)
  else if (width === 4) view.setUint32(at, value >>> 0, little)
  else view.setBigInt64(at, random.chance(0.3) ? (1n << 63n) - 1n : BigInt(value), little)
  return out
}

const overwrite: Mutation = (bytes, random) => {
  const out = bytes.slice()
  const [from, to] = span(bytes.length, random)
  out.set(
    random.chance(0.3) ? new Uint8Array(to - from).fill(random.pick([0, 0xff, 0x7f, 0x80])) : random.bytes(to - from),
    from,
  )
  return out
}

const remove: Mutation = (bytes, random) => {
  const [from, to] = span(bytes.length, random)
  return join(bytes.subarray(0, from), bytes.subarray(to))
}

const double: Mutation = (bytes, random) => {
  const [from, to] = span(bytes.length, random)
  return join(
    bytes.subarray(0, to),
    ...Array.from({ length: 1 + random.below(random.chance(0.9) ? 2 : 200) }, () => bytes.subarray(from, to)),
    bytes.subarray(to),
  )
}

const move: Mutation = (bytes, random) => {
  const [from, to] = span(bytes.length, random)
  const rest = join(bytes.subarray(0, from), bytes.subarray(to))
  const at = random.below(rest.length + 1)
  return join(rest.subarray(0, at), bytes.subarray(from, to), rest.subarray(at))
}

const insert: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1)
  return join(bytes.subarray(0, at), random.bytes(1 + random.below(16)), bytes.subarray(at))
}

const mutations = [
  cut,
  cut,
  flipBits,
  flipBits,
  flipBits,
  setNumber,
  setNumber,
  setNumber,
  overwrite,
  remove,
  double,
  move,
  insert,
  cutFront,
] as const

/** One to three changes, one after the other. */
export function mutateBlindly(bytes: Uint8Array, random: FuzzRandom): Uint8Array {
  let out = bytes
  for (let n = random.chance(0.7) ? 1 : 1 + random.below(3); n > 0 && out.length > 0; n--)
    out = random.pick(mutations)(out, random)
  return out
}
