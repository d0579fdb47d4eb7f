// Magnifies the middle of a [height, width, channels] array and crops it back: the original's `clipped_zoom` over scipy's linear zoom
// (corner pixels of input and output fall together).

export function clippedZoom<T extends Float32Array | Float64Array>(
  values: T,
  height: number,
  width: number,
  channels: number,
  factor: number,
  make: (length: number) => T,
): T {
  const rows = zoomPlan(height, factor)
  const columns = zoomPlan(width, factor)
  const out = make(height * width * channels)
  for (let y = 0; y < height; y++) {
    const top = (rows.low[y] as number) * width
    const bottom = (rows.high[y] as number) * width
    const fy = rows.share[y] as number
    for (let x = 0; x < width; x++) {
      const left = columns.low[x] as number
      const right = columns.high[x] as number
      const fx = columns.share[x] as number
      for (let c = 0; c < channels; c++) {
        const a = values[(top + left) * channels + c] as number
        const b = values[(top + right) * channels + c] as number
        const d = values[(bottom + left) * channels + c] as number
        const e = values[(bottom + right) * channels + c] as number
        out[(y * width + x) * channels + c] = (1 - fy) * ((1 - fx) * a + fx * b) + fy * ((1 - fx) * d + fx * e)
      }
    }
  }
  return out
}

interface ZoomPlan {
  readonly low: Int32Array
  readonly high: Int32Array
  readonly share: Float64Array
}

const plans = new Map<string, ZoomPlan>()

/** For each output index: the two input indices and the share of the second. */
function zoomPlan(length: number, factor: number): ZoomPlan {
  const key = `${length} ${factor}`
  let plan = plans.get(key)
  if (plan) return plan
  const cropped = Math.ceil(length / factor)
  const start = Math.floor((length - cropped) / 2)
  const zoomed = Math.max(length, roundHalfEven(cropped * factor))
  const trim = Math.floor((zoomed - length) / 2)
  const ratio = zoomed > 1 ? (cropped - 1) / (zoomed - 1) : 0
  plan = { low: new Int32Array(length), high: new Int32Array(length), share: new Float64Array(length) }
  for (let i = 0; i < length; i++) {
    const at = (i + trim) * ratio
    const low = Math.min(cropped - 1, Math.floor(at))
    plan.low[i] = start + low
    plan.high[i] = start + Math.min(cropped - 1, low + 1)
    plan.share[i] = at - low
  }
  if (plans.size > 512) plans.clear()
  plans.set(key, plan)
  return plan
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}
