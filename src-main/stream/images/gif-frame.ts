// The pixels of a GIF's frame: its LZW codes unpacked and looked up in its palette. Our own, because the library that finds the frames follows a damaged
// table of codes in circles, for ever; here a code that is not there yet ends it, as in Pillow.
import type { RgbImage } from './rgb-image.ts'

export interface GifFrame {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Null = grey. */
  readonly palette_offset: number | null
  readonly palette_size: number | null
  readonly data_offset: number
  readonly interlaced: boolean
}

/** @throws Error saying what is wrong; the frame lies within the image. */
export function drawFrame(bytes: Uint8Array, frame: GifFrame, image: RgbImage): void {
  const indices = unpack(bytes, frame.data_offset, frame.width * frame.height)
  const { palette_offset: palette, palette_size: colours } = frame
  let row = 0
  for (const y of frame.interlaced ? interlaced(frame.height) : straight(frame.height)) {
    let to = 3 * ((frame.y + y) * image.width + frame.x)
    for (let from = row * frame.width; from < (row + 1) * frame.width; from++) {
      const index = indices[from] as number
      for (let c = 0; c < 3; c++)
        image.data[to++] = palette === null ? index : index < (colours ?? 0) ? (bytes[palette + 3 * index + c] ?? 0) : 0
    }
    row += 1
  }
}

function* straight(height: number): Generator<number> {
  for (let y = 0; y < height; y++) yield y
}

function* interlaced(height: number): Generator<number> {
  for (const [from, step] of [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const)
    for (let y = from; y < height; y += step) yield y
}

const mostCodes = 4096

/** What is missing at the end is of colour 0. */
function unpack(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  const out = new Uint8Array(length)
  const least = bytes[offset] ?? 0
  if (least < 1 || least > 8) throw new Error(`its pixels begin with codes of ${least} bits`)
  const clear = 1 << least
  const end = clear + 1
  const prefix = new Uint16Array(mostCodes)
  const suffix = new Uint8Array(mostCodes)
  const spelled = new Uint8Array(mostCodes)
  for (let code = 0; code < clear; code++) suffix[code] = code
  let next = end + 1
  let bits = least + 1
  let before = -1
  let first = 0
  let held = 0
  let heldBits = 0
  let at = offset + 1
  let left = bytes[at++] ?? 0
  for (let filled = 0; filled < length;) {
    while (heldBits < bits && left > 0) {
      held |= (bytes[at++] ?? 0) << heldBits
      heldBits += 8
      if (--left === 0) left = bytes[at++] ?? 0
    }
    if (heldBits < bits) break
    const code = held & ((1 << bits) - 1)
    held >>>= bits
    heldBits -= bits
    if (code === end) break
    if (code === clear) {
      next = end + 1
      bits = least + 1
      before = -1
      continue
    }
    if (code > next || (code === next && before < 0) || (before < 0 && code >= clear))
      throw new Error('its pixels are damaged')
    // A code that is about to be made is the one before it with that one's own first value behind it.
    let n = 0
    let follow = code
    if (code === next) {
      spelled[n++] = first
      follow = before
    }
    while (follow > end) {
      spelled[n++] = suffix[follow] as number
      follow = prefix[follow] as number
    }
    first = suffix[follow] as number
    spelled[n++] = first
    while (n > 0 && filled < length) out[filled++] = spelled[--n] as number
    if (before >= 0 && next < mostCodes) {
      prefix[next] = before
      suffix[next] = first
      next += 1
      if (next === 1 << bits && bits < 12) bits += 1
    }
    before = code
  }
  return out
}
