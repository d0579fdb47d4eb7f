// Files that end before their pictures do: the decoder makes up the rest of them without a word, where Pillow and so torchvision raise.
import type { ImageKind } from './image-header.ts'

/** The bytes are of that kind. */
export function isCutShort(bytes: Uint8Array, kind: ImageKind): boolean {
  if (kind === 'jpeg') return !hasEnd(bytes)
  if (kind !== 'webp') return false
  const declared = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true)
  return declared + 8 > bytes.length
}

/** Whether a JPEG's end marker stands behind its last scan; those of pictures within its segments do not count. */
function hasEnd(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xff, 2); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at)) {
    const marker = bytes[at + 1] as number
    if (marker === 0xd9) return true
    // Fill bytes; and within a scan values, restarts and whatever else has no length.
    if (marker === 0xff) at += 1
    else if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else at += 2 + Math.max(2, ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
  }
  return false
}
