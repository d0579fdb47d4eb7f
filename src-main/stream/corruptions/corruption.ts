// What a corruption is, and the conversion between bytes and numbers that all of them share.
import type { CorruptionFamily, Severity } from '#contract/inputs/corruption.ts'
import type { RgbImage } from '#stream/images/rgb-image.ts'
import type { NumpyRandom } from '#stream/images/random.ts'

/** Pure: the input is never changed; all randomness comes from `random`. Any image size. */
export type Corruption = (
  image: RgbImage,
  severity: Severity,
  family: CorruptionFamily,
  random: NumpyRandom,
) => RgbImage

/** Five settings, for severity 1 to 5, in each of the three published families. */
export type Settings<T> = Readonly<Record<CorruptionFamily, readonly [T, T, T, T, T]>>

export function settingOf<T>(settings: Settings<T>, family: CorruptionFamily, severity: Severity): T {
  return settings[family][severity - 1] as T
}

/** A byte as a share of 255, in double precision. */
export const unitOf = Float64Array.from({ length: 256 }, (_, byte) => byte / 255)

/** 0..255 -> 0..1 in double precision. */
export function toUnit(image: RgbImage): Float64Array {
  const { data } = image
  const out = new Float64Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = unitOf[data[i] as number] as number
  return out
}

/** Clipped to 0..1, times 255, cut to whole numbers: NumPy's `np.uint8(np.clip(x, 0, 1) * 255)`. */
export function fromUnit(image: RgbImage, values: ArrayLike<number>): RgbImage {
  const data = new Uint8Array(values.length)
  for (let i = 0; i < data.length; i++) {
    const value = values[i] as number
    data[i] = value <= 0 ? 0 : value >= 1 ? 255 : value * 255
  }
  return { width: image.width, height: image.height, data }
}
