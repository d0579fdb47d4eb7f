// The supervised contrastive loss (Khosla et al., NeurIPS 2020) on rows of the host, with its gradient, and the matrix products that it needs.

/** a [n, k] times b [m, k] transposed: [n, m]. */
export function timesTransposed(a: Float64Array, b: Float64Array, k: number): Float64Array {
  const n = a.length / k
  const m = b.length / k
  const out = new Float64Array(n * m)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0
      for (let c = 0; c < k; c++) sum += (a[i * k + c] as number) * (b[j * k + c] as number)
      out[i * m + j] = sum
    }
  }
  return out
}

/** a [n, k] times b [k, m]: [n, m]. */
export function times(a: Float64Array, b: Float64Array, k: number): Float64Array {
  const n = a.length / k
  const m = b.length / k
  const out = new Float64Array(n * m)
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < k; c++) {
      const factor = a[i * k + c] as number
      if (factor === 0) continue
      for (let j = 0; j < m; j++) out[i * m + j] = (out[i * m + j] as number) + factor * (b[c * m + j] as number)
    }
  }
  return out
}

/** Rows brought to unit length, and the way back: the gradient by the rows as they were. */
export function normalizeRows(
  rows: Float64Array,
  width: number,
): { unit: Float64Array; back: (gradient: Float64Array) => Float64Array } {
  const unit = new Float64Array(rows.length)
  const norms = new Float64Array(rows.length / width)
  for (let i = 0; i < norms.length; i++) {
    let square = 0
    for (let c = 0; c < width; c++) square += (rows[i * width + c] as number) ** 2
    const norm = Math.max(1e-12, Math.sqrt(square))
    norms[i] = norm
    for (let c = 0; c < width; c++) unit[i * width + c] = (rows[i * width + c] as number) / norm
  }
  return {
    unit,
    back(gradient) {
      const out = new Float64Array(gradient.length)
      for (let i = 0; i < norms.length; i++) {
        let along = 0
        for (let c = 0; c < width; c++) along += (gradient[i * width + c] as number) * (unit[i * width + c] as number)
        for (let c = 0; c < width; c++)
          out[i * width + c] =
            ((gradient[i * width + c] as number) - along * (unit[i * width + c] as number)) / (norms[i] as number)
      }
      return out
    },
  }
}

/**
 * Rows in three views of equal length one after another: the positives of a row are its two other views, all other rows stand in the
 * denominator. Cosine similarity over `temperature`; the mean over all rows.
 */
export function threeViewContrast(
  rows: Float64Array,
  width: number,
  temperature: number,
): { value: number; gradient: Float64Array } {
  const { unit, back } = normalizeRows(rows, width)
  const n = rows.length / width
  const views = n / 3
  const similarity = timesTransposed(unit, unit, width)
  const slopes = new Float64Array(n * n) // by the similarities
  let value = 0
  for (let i = 0; i < n; i++) {
    let most = Number.NEGATIVE_INFINITY
    for (let j = 0; j < n; j++) if (j !== i) most = Math.max(most, (similarity[i * n + j] as number) / temperature)
    let total = 0
    for (let j = 0; j < n; j++) if (j !== i) total += Math.exp((similarity[i * n + j] as number) / temperature - most)
    const log = most + Math.log(total)
    for (let j = 0; j < n; j++) {
      if (j === i) continue
      const s = (similarity[i * n + j] as number) / temperature
      const positive = j % views === i % views
      if (positive) value -= (s - log) / (2 * n)
      slopes[i * n + j] = (Math.exp(s - log) - (positive ? 0.5 : 0)) / (n * temperature)
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const both = (slopes[i * n + j] as number) + (slopes[j * n + i] as number)
      slopes[i * n + j] = both
      slopes[j * n + i] = both
    }
  }
  return { value, gradient: back(times(slopes, unit, n)) }
}
