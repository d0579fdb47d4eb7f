// An image made small enough for a screen: the live strip and the preview before a run show the same pixels.
import { resizeAndCrop } from './resize.ts'
import type { RgbImage } from './rgb-image.ts'

/** Sides of a picture, at most. */
export const pictureSide = 96

export const pictureOf = (image: RgbImage): RgbImage =>
  Math.max(image.width, image.height) > pictureSide ? resizeAndCrop(image, pictureSide) : image

/** Its sides, for an image of such sides. */
export const pictureSize = (width: number, height: number): { readonly width: number; readonly height: number } =>
  Math.max(width, height) > pictureSide ? { width: pictureSide, height: pictureSide } : { width, height }
