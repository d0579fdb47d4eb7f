// A clip that Chromium's fake camera plays: raw YUV 4:2:0 frames (Y4M), made from pictures.
import { writeFileSync } from 'node:fs'
import type { RgbImage } from '#stream/images/rgb-image.ts'

/** Each picture for `repeat` frames at so many frames a second, scaled by whole pixels to `side`, which must be even. */
export function writeClip(path: string, pictures: readonly RgbImage[], side: number, repeat: number, rate = 20): void {
  const frames: Buffer[] = [Buffer.from(`YUV4MPEG2 W${side} H${side} F${rate}:1 Ip A1:1 C420jpeg\n`)]
  for (const picture of pictures) {
    const at = (x: number, y: number, c: number) =>
      picture.data[
        (Math.floor((y * picture.height) / side) * picture.width + Math.floor((x * picture.width) / side)) * 3 + c
      ] as number
    const luma = Buffer.alloc(side * side)
    const half = side / 2
    const blue = Buffer.alloc(half * half)
    const red = Buffer.alloc(half * half)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++)
        luma[y * side + x] = Math.round(0.299 * at(x, y, 0) + 0.587 * at(x, y, 1) + 0.114 * at(x, y, 2))
    for (let y = 0; y < half; y++) {
      for (let x = 0; x < half; x++) {
        const [r, g, b] = [at(2 * x, 2 * y, 0), at(2 * x, 2 * y, 1), at(2 * x, 2 * y, 2)]
        blue[y * half + x] = Math.max(0, Math.min(255, Math.round(128 - 0.168736 * r - 0.331264 * g + 0.5 * b)))
        red[y * half + x] = Math.max(0, Math.min(255, Math.round(128 + 0.5 * r - 0.418688 * g - 0.081312 * b)))
      }
    }
    const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, blue, red])
    for (let i = 0; i < repeat; i++) frames.push(frame)
  }
  writeFileSync(path, Buffer.concat(frames))
}
