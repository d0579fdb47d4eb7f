// Writes 24-bit BMP files: the simplest images that the reader takes, for made-up folders.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** `pixel(x, y)` gives [r, g, b]. */
export function writeBmp(
  path: string,
  width: number,
  height: number,
  pixel: (x: number, y: number) => readonly [number, number, number],
): void {
  const stride = Math.ceil((width * 3) / 4) * 4
  const bytes = Buffer.alloc(54 + stride * height)
  bytes.write('BM', 0, 'latin1')
  bytes.writeUInt32LE(bytes.length, 2)
  bytes.writeUInt32LE(54, 10)
  bytes.writeUInt32LE(40, 14)
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  bytes.writeUInt16LE(1, 26)
  bytes.writeUInt16LE(24, 28)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = pixel(x, y)
      bytes.set([b, g, r], 54 + (height - 1 - y) * stride + x * 3)
    }
  }
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
}
