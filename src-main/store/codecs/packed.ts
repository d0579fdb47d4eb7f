// Unsigned integers as small as they fit: 1, 2 or 4 bytes each, little-endian, without a header. How many there are stands beside them in the row.
import { PalmError } from '#contract/errors.ts'

export function pack(values: ArrayLike<number>): Uint8Array {
  let most = 0
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i] as number)
  const width = most < 2 ** 8 ? 1 : most < 2 ** 16 ? 2 : 4
  const out = new Uint8Array(values.length * width)
  if (width === 1) {
    for (let i = 0; i < values.length; i++) out[i] = values[i] as number
    return out
  }
  const view = new DataView(out.buffer)
  for (let i = 0; i < values.length; i++) {
    if (width === 2) view.setUint16(2 * i, values[i] as number, true)
    else view.setUint32(4 * i, values[i] as number, true)
  }
  return out
}

/** @throws PalmError `store-damaged` */
export function unpack(bytes: Uint8Array, count: number): Uint8Array | Uint32Array {
  const width = count === 0 ? 1 : bytes.byteLength / count
  if (width === 1) return bytes
  if (width !== 2 && width !== 4)
    throw new PalmError(
      'store-damaged',
      'The database holds predictions that do not fit.',
      `${bytes.byteLength} bytes for ${count} images`,
    )
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const out = new Uint32Array(count)
  for (let i = 0; i < count; i++) out[i] = width === 2 ? view.getUint16(2 * i, true) : view.getUint32(4 * i, true)
  return out
}

/** Confidences are kept to 1 / 65535. */
const finest = 65_535

export function packShares(shares: ArrayLike<number>): Uint8Array {
  const out = new Uint8Array(2 * shares.length)
  const view = new DataView(out.buffer)
  for (let i = 0; i < shares.length; i++) {
    const share = shares[i] as number
    view.setUint16(2 * i, Number.isFinite(share) ? Math.round(finest * Math.min(1, Math.max(0, share))) : 0, true)
  }
  return out
}

/** @throws PalmError `store-damaged` */
export function unpackShares(bytes: Uint8Array, count: number): Float32Array {
  if (bytes.byteLength !== 2 * count)
    throw new PalmError(
      'store-damaged',
      'The database holds confidences that do not fit.',
      `${bytes.byteLength} bytes for ${count} images`,
    )
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: count }, (_, i) => view.getUint16(2 * i, true) / finest)
}
