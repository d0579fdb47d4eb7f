// Motion blur as ImageMagick defines it: a half Gaussian along a line from each pixel, offsets rounded to whole pixels, edges repeated.

/** Blurs bytes of [height, width, channels]; `angle` in degrees. Results are cut to whole numbers, as the original's conversion to 8 bits does. */
export function motionFilter(data: Uint8Array, height: number, width: number, channels: number, radius: number, sigma: number, angle: number): Uint8Array {
  const taps = 2 * Math.ceil(radius) + 1
  const kernel = Float64Array.from({ length: taps }, (_, i) => Math.exp(-(i * i) / (2 * sigma * sigma)))
  const total = kernel.reduce((sum, weight) => sum + weight, 0)
  const radians = (angle * Math.PI) / 180
  const dx = Int32Array.from({ length: taps }, (_, i) => Math.ceil(i * Math.cos(radians) - 0.5))
  const dy = Int32Array.from({ length: taps }, (_, i) => Math.ceil(i * Math.sin(radians) - 0.5))
  const row = new Float64Array(width * channels)
  const columns = Array.from(dx, (offset) => Int32Array.from({ length: width }, (_, x) => Math.min(width - 1, Math.max(0, x + offset)) * channels))
  const out = new Uint8Array(data.length)
  for (let y = 0; y < height; y++) {
    row.fill(0)
    for (let i = 0; i < taps; i++) {
      const weight = (kernel[i] as number) / total
      if (weight < 1e-7) continue
      const source = Math.min(height - 1, Math.max(0, y + (dy[i] as number))) * width * channels
      const from = columns[i] as Int32Array
      for (let x = 0; x < width; x++) {
        const at = source + (from[x] as number)
        for (let c = 0; c < channels; c++) row[x * channels + c] = (row[x * channels + c] as number) + weight * (data[at + c] as number)
      }
    }
    for (let i = 0; i < row.length; i++) out[y * width * channels + i] = row[i] as number
  }
  return out
}
