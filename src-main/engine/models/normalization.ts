// The normalisations that families of published weights were trained with. A guess, always shown and overridable.
import type { ModelNormalization } from './model.ts'

export const imagenetNormalization: ModelNormalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
export const cifarNormalization: ModelNormalization = { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] }
/** Pixels in [0, 1] as they are. */
export const noNormalization: ModelNormalization = { mean: [0, 0, 0], std: [1, 1, 1] }
/** Pixels in [-1, 1]. */
export const signedNormalization: ModelNormalization = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }
/** Bytes, 0 to 255. */
export const bytesNormalization: ModelNormalization = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] }
/** EfficientNet-Lite's: (x - 127) / 128 of bytes. */
export const liteNormalization: ModelNormalization = {
  mean: [127 / 255, 127 / 255, 127 / 255],
  std: [128 / 255, 128 / 255, 128 / 255],
}

const inBytes = 255

/**
 * Of three means and deviations as they were found: for pixels in [0, 1], or for pixels in [0, 255], which are brought to [0, 1]. Null for numbers that
 * are no such thing.
 */
export function normalizationFrom(mean: readonly number[], std: readonly number[]): ModelNormalization | null {
  const triple = (values: readonly number[], scale: number): [number, number, number] | null => {
    const [a, b, c] = values.map((value) => value / scale)
    return values.length === 3 && a !== undefined && b !== undefined && c !== undefined ? [a, b, c] : null
  }
  const all = [...mean, ...std]
  if (!all.every((value) => typeof value === 'number' && Number.isFinite(value)) || !std.every((value) => value > 0))
    return null
  const small = all.every((value) => Math.abs(value) <= 1)
  const large = all.every((value) => value >= 0 && value <= inBytes) && std.every((value) => value > 1)
  if (!small && !large) return null
  const [means, deviations] = [triple(mean, small ? 1 : inBytes), triple(std, small ? 1 : inBytes)]
  return means && deviations ? { mean: means, std: deviations } : null
}
