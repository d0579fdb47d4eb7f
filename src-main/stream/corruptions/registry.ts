// All corruptions by name, in the benchmark's order, the four extra ones last (Hendrycks & Dietterich, ICLR 2019).
import type { CorruptionFamily, CorruptionName, Severity } from '#contract/inputs/corruption.ts'
import type { NumpyRandom } from '#stream/images/random.ts'
import type { RgbImage } from '#stream/images/rgb-image.ts'
import { brightness } from './brightness.ts'
import { contrast } from './contrast.ts'
import type { Corruption } from './corruption.ts'
import { defocusBlur } from './defocus-blur.ts'
import { elasticTransform } from './elastic-transform.ts'
import { fog } from './fog.ts'
import { frost } from './frost.ts'
import { gaussianBlur } from './gaussian-blur.ts'
import { gaussianNoise } from './gaussian-noise.ts'
import { glassBlur } from './glass-blur.ts'
import { impulseNoise } from './impulse-noise.ts'
import { jpegCompression } from './jpeg-compression.ts'
import { motionBlur } from './motion-blur.ts'
import { pixelate } from './pixelate.ts'
import { saturate } from './saturate.ts'
import { shotNoise } from './shot-noise.ts'
import { snow } from './snow.ts'
import { spatter } from './spatter.ts'
import { speckleNoise } from './speckle-noise.ts'
import { zoomBlur } from './zoom-blur.ts'

const corruptions: Readonly<Record<CorruptionName, Corruption>> = {
  gaussian_noise: gaussianNoise,
  shot_noise: shotNoise,
  impulse_noise: impulseNoise,
  defocus_blur: defocusBlur,
  glass_blur: glassBlur,
  motion_blur: motionBlur,
  zoom_blur: zoomBlur,
  snow,
  frost,
  fog,
  brightness,
  contrast,
  elastic_transform: elasticTransform,
  pixelate,
  jpeg_compression: jpegCompression,
  speckle_noise: speckleNoise,
  gaussian_blur: gaussianBlur,
  spatter,
  saturate,
}

export function corrupt(
  image: RgbImage,
  name: CorruptionName,
  severity: Severity,
  family: CorruptionFamily,
  random: NumpyRandom,
): RgbImage {
  return corruptions[name](image, severity, family, random)
}

/**
 * The published parameter set that suits a size: CIFAR-C's for small images, ImageNet-C's for large ones. Tiny-ImageNet-C's was made for 64
 * pixels, but is far too strong for networks of that size (measured), so it is used only when it is asked for.
 */
export function familyForSize(width: number, height: number): CorruptionFamily {
  const side = Math.max(width, height)
  return side <= 96 ? 'cifar' : 'imagenet'
}
