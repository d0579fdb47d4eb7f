// A PNG whose palette is no row of whole colours: the decoder ends the process over such a file instead of refusing it, so it is not given to it.

/** Whether any palette before the pixels is empty, too long, or not made of threes. The bytes are a PNG's. */
export function hasBrokenPalette(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at)
    const kind = view.getUint32(at + 4)
    if (kind === PLTE && (length === 0 || length > 768 || length % 3 !== 0)) return true
    if (kind === IDAT) return false
    at += 12 + length
  }
  return false
}

const PLTE = 0x504c5445
const IDAT = 0x49444154
