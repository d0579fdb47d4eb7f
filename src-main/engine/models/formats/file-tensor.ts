// A named tensor as files carry it: PyTorch's layout, values as float32 on the host; and how the number formats of files become float32.
export type { FileTensor } from '#engine/compute/ops/formats/network.ts'

export const bytesPer = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const
export type Dtype = keyof typeof bytesPer

/** Reads the value at a byte offset. */
export function elementReader(raw: Uint8Array, dtype: Dtype): (at: number) => number {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  switch (dtype) {
    case 'F64':
      return (at) => view.getFloat64(at, true)
    case 'F32':
      return (at) => view.getFloat32(at, true)
    case 'F16':
      return (at) => halfToFloat(view.getUint16(at, true))
    case 'BF16':
      return (at) => bfloatToFloat(view.getUint16(at, true))
    case 'I64':
      return (at) => Number(view.getBigInt64(at, true))
    case 'I32':
      return (at) => view.getInt32(at, true)
    case 'I16':
      return (at) => view.getInt16(at, true)
    case 'I8':
      return (at) => view.getInt8(at)
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

const bits32 = new Uint32Array(1)
const float32 = new Float32Array(bits32.buffer)
function bfloatToFloat(bits: number): number {
  bits32[0] = bits << 16
  return float32[0] as number
}
