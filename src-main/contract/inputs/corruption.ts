// Names of the corruptions, their order and their families of parameters (Hendrycks & Dietterich, ICLR 2019).
// Only names: what they do to an image is in stream/corruptions.
import { z } from 'zod'

/** The 15 corruptions of CIFAR-10-C / ImageNet-C in the benchmark's order. */
export const benchmarkCorruptions = [
  'gaussian_noise',
  'shot_noise',
  'impulse_noise',
  'defocus_blur',
  'glass_blur',
  'motion_blur',
  'zoom_blur',
  'snow',
  'frost',
  'fog',
  'brightness',
  'contrast',
  'elastic_transform',
  'pixelate',
  'jpeg_compression',
] as const

/** The four extra ("validation") corruptions. */
export const extraCorruptions = ['speckle_noise', 'gaussian_blur', 'spatter', 'saturate'] as const

export const corruptionNames = [...benchmarkCorruptions, ...extraCorruptions] as const
export type CorruptionName = (typeof corruptionNames)[number]
export const corruptionNameSchema = z.enum(corruptionNames)

export const severities = [1, 2, 3, 4, 5] as const
export type Severity = (typeof severities)[number]
export const severitySchema = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)])

/** Which of the three published parameter sets: 32-pixel CIFAR-C, 64-pixel Tiny-ImageNet-C, 224-pixel ImageNet-C. */
export const corruptionFamilies = ['cifar', 'tiny', 'imagenet'] as const
export type CorruptionFamily = (typeof corruptionFamilies)[number]
export const corruptionFamilySchema = z.enum(corruptionFamilies)
