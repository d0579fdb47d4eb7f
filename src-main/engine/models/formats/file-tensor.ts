// A named tensor as files carry it: PyTorch's layout, values as float32 on the host; and how the number formats of files become float32.
export type { FileTensor } from '#engine/compute/ops/formats/network.ts'

export const bytesPer = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  C64: 8,
  C128: 16,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const
export type Dtype = keyof typeof bytesPer

/** Counters, masks, tables of counts: whole numbers, as weights never are. */
export const isWhole = (dtype: Dtype): boolean => /^[IU]\d|^BOOL/.test(dtype)

/** Reads the value at a byte offset; of a complex number its real part, as PyTorch's `copy_` into a real tensor does. */
export function elementReader(raw: Uint8Array, dtype: Dtype): (at: number) => number {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  switch (dtype) {
    case 'F64':
    case 'C128':
      return (at) => view.getFloat64(at, true)
    case 'F32':
    case 'C64':
      return (at) => view.getFloat32(at, true)
    case 'F16':
      return (at) => halfToFloat(view.getUint16(at, true))
    case 'BF16':
      return (at) => bfloatToFloat(view.getUint16(at, true))
    case 'F8_E5M2':
      return (at) => halfToFloat(view.getUint8(at) << 8)
    case 'F8_E4M3':
      return (at) => e4m3ToFloat(view.getUint8(at))
    case 'I64':
      return (at) => Number(view.getBigInt64(at, true))
    case 'I32':
      return (at) => view.getInt32(at, true)
    case 'I16':
      return (at) => view.getInt16(at, true)
    case 'I8':
      return (at) => view.getInt8(at)
    case 'U64':
      return (at) => Number(view.getBigUint64(at, true))
    case 'U32':
      return (at) => view.getUint32(at, true)
    case 'U16':
      return (at) => view.getUint16(at, true)
    case 'U8':
    case 'BOOL':
      return (at) => view.getUint8(at)
  }
}

/** Little-endian values as float32. */
export function toFloat32(raw: Uint8Array, dtype: Dtype): Float32Array {
  const width = bytesPer[dtype]
  const out = new Float32Array(raw.byteLength / width)
  if (dtype === 'F32') {
    new Uint8Array(out.buffer).set(raw) // every platform of ours is little-endian
    return out
  }
  const read = elementReader(raw, dtype)
  for (let i = 0; i < out.length; i++) out[i] = read(i * width)
  return out
}

function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** OCP's 8-bit float of 4 exponent bits, PyTorch's `float8_e4m3fn`: no infinities, and one pattern that is no number. */
function e4m3ToFloat(bits: number): number {
  const sign = bits & 0x80 ? -1 : 1
  const exponent = (bits >> 3) & 15
  const fraction = bits & 7
  if (exponent === 15 && fraction === 7) return Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -9 : sign * (1 + fraction / 8) * 2 ** (exponent - 7)
}

const bits32 = new Uint32Array(1)
const float32 = new Float32Array(bits32.buffer)
function bfloatToFloat(bits: number): number {
  bits32[0] = bits << 16
  return float32[0] as number
}
