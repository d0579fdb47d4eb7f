// Width and height that a JPEG's frame header declares, read from its markers: the decoder's own way of telling them decodes the whole picture first.

/** The largest that any frame header before the pixels declares; null when there is none. The bytes begin as a JPEG's. */
export function jpegSize(bytes: Uint8Array): { width: number; height: number } | null {
  const word = (at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  let most: { width: number; height: number } | null = null
  for (let at = 2; at + 9 <= bytes.length;) {
    const marker = bytes[at + 1] as number
    // Decoders look for the next marker where there is none, and skip fill bytes and markers that stand alone.
    if (bytes[at] !== 0xff || marker === 0xff || marker === 0) at += 1
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else if (marker === 0xda || marker === 0xd9) break
    else {
      if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
        const size = { height: word(at + 5), width: word(at + 7) }
        if (!most || size.width * size.height > most.width * most.height) most = size
      }
      at += 2 + Math.max(2, word(at + 2))
    }
  }
  return most
}
