// RGB <-> HSV on values in [0, 1], three numbers a pixel, in place; ties and edges as in scikit-image.

/** Calls `change(hsv)` with [h, s, v] of each pixel and writes the changed colour back as RGB. */
export function mapHsv(values: Float64Array, change: (hsv: [number, number, number]) => void): void {
  const hsv: [number, number, number] = [0, 0, 0]
  for (let i = 0; i < values.length; i += 3) {
    const r = values[i] as number
    const g = values[i + 1] as number
    const b = values[i + 2] as number
    const max = Math.max(r, g, b)
    const delta = max - Math.min(r, g, b)
    let h = 0
    if (delta > 0) {
      if (b === max) h = 4 + (r - g) / delta
      else if (g === max) h = 2 + (b - r) / delta
      else h = (g - b) / delta
      h /= 6
      h -= Math.floor(h)
    }
    hsv[0] = h
    hsv[1] = delta > 0 ? delta / max : 0
    hsv[2] = max
    change(hsv)
    toRgb(hsv, values, i)
  }
}

function toRgb([h, s, v]: readonly [number, number, number], out: Float64Array, at: number): void {
  const sector = Math.floor(h * 6)
  const f = h * 6 - sector
  const p = v * (1 - s)
  const q = v * (1 - f * s)
  const t = v * (1 - (1 - f) * s)
  let rgb: readonly [number, number, number]
  switch (sector % 6) {
    case 0:
      rgb = [v, t, p]
      break
    case 1:
      rgb = [q, v, p]
      break
    case 2:
      rgb = [p, v, t]
      break
    case 3:
      rgb = [p, q, v]
      break
    case 4:
      rgb = [t, p, v]
      break
    default:
      rgb = [v, p, q]
  }
  out[at] = rgb[0]
  out[at + 1] = rgb[1]
  out[at + 2] = rgb[2]
}
