// The corruptions, one row each, in the benchmark's order, and their families of parameters (Hendrycks & Dietterich, ICLR 2019). What they do to an image is
// in stream/corruptions.
import { z } from 'zod'

interface CorruptionRow {
  /** Whether it is one of the 15 of CIFAR-10-C / ImageNet-C; else one of the extra ("validation") ones. */
  readonly benchmark: boolean
  /** On the webcam's stage, in plain words: its name on a button, and what a viewer is told when it begins. */
  readonly stage: Readonly<Record<'en' | 'de', { readonly name: string; readonly happened: string }>>
}

const rows = {
  gaussian_noise: {
    benchmark: true,
    stage: {
      en: { name: 'Noise', happened: 'The picture got noisy.' },
      de: { name: 'Rauschen', happened: 'Das Bild rauscht.' },
    },
  },
  shot_noise: {
    benchmark: true,
    stage: {
      en: { name: 'Grain', happened: 'The picture got grainy.' },
      de: { name: 'Körnung', happened: 'Das Bild ist körnig geworden.' },
    },
  },
  impulse_noise: {
    benchmark: true,
    stage: {
      en: { name: 'Dead pixels', happened: 'The picture has dead pixels.' },
      de: { name: 'Tote Pixel', happened: 'Das Bild hat tote Pixel.' },
    },
  },
  defocus_blur: {
    benchmark: true,
    stage: {
      en: { name: 'Blur', happened: 'The picture got blurred.' },
      de: { name: 'Unscharf', happened: 'Das Bild ist unscharf geworden.' },
    },
  },
  glass_blur: {
    benchmark: true,
    stage: {
      en: { name: 'Frosted glass', happened: 'The picture is seen through frosted glass.' },
      de: { name: 'Milchglas', happened: 'Man sieht durch Milchglas.' },
    },
  },
  motion_blur: {
    benchmark: true,
    stage: {
      en: { name: 'Shaking', happened: 'The camera shakes.' },
      de: { name: 'Wackeln', happened: 'Die Kamera wackelt.' },
    },
  },
  zoom_blur: {
    benchmark: true,
    stage: {
      en: { name: 'Zoom', happened: 'The camera zooms.' },
      de: { name: 'Zoomen', happened: 'Die Kamera zoomt.' },
    },
  },
  snow: {
    benchmark: true,
    stage: {
      en: { name: 'Snow', happened: 'It snows.' },
      de: { name: 'Schnee', happened: 'Es schneit.' },
    },
  },
  frost: {
    benchmark: true,
    stage: {
      en: { name: 'Frost', happened: 'The lens is frosted over.' },
      de: { name: 'Eis', happened: 'Die Linse ist vereist.' },
    },
  },
  fog: {
    benchmark: true,
    stage: {
      en: { name: 'Fog', happened: 'The picture got foggy.' },
      de: { name: 'Nebel', happened: 'Das Bild ist neblig geworden.' },
    },
  },
  brightness: {
    benchmark: true,
    stage: {
      en: { name: 'Glare', happened: 'The light is glaring.' },
      de: { name: 'Grelles Licht', happened: 'Das Licht ist grell.' },
    },
  },
  contrast: {
    benchmark: true,
    stage: {
      en: { name: 'Pale', happened: 'The picture got pale.' },
      de: { name: 'Blass', happened: 'Das Bild ist blass geworden.' },
    },
  },
  elastic_transform: {
    benchmark: true,
    stage: {
      en: { name: 'Ripples', happened: 'The picture ripples.' },
      de: { name: 'Wellen', happened: 'Das Bild schlägt Wellen.' },
    },
  },
  pixelate: {
    benchmark: true,
    stage: {
      en: { name: 'Pixels', happened: 'The picture got coarse.' },
      de: { name: 'Grobe Pixel', happened: 'Das Bild ist grob geworden.' },
    },
  },
  jpeg_compression: {
    benchmark: true,
    stage: {
      en: { name: 'Poor video', happened: 'The picture is badly compressed.' },
      de: { name: 'Schlechtes Video', happened: 'Das Bild ist schlecht komprimiert.' },
    },
  },
  speckle_noise: {
    benchmark: false,
    stage: {
      en: { name: 'Speckles', happened: 'The picture got speckled.' },
      de: { name: 'Sprenkel', happened: 'Das Bild ist gesprenkelt.' },
    },
  },
  gaussian_blur: {
    benchmark: false,
    stage: {
      en: { name: 'Soft', happened: 'The picture got soft.' },
      de: { name: 'Weich', happened: 'Das Bild ist weich geworden.' },
    },
  },
  spatter: {
    benchmark: false,
    stage: {
      en: { name: 'Dirt', happened: 'The lens is dirty.' },
      de: { name: 'Schmutz', happened: 'Die Linse ist schmutzig.' },
    },
  },
  saturate: {
    benchmark: false,
    stage: {
      en: { name: 'Gaudy', happened: 'The colours are wrong.' },
      de: { name: 'Grell bunt', happened: 'Die Farben stimmen nicht.' },
    },
  },
} satisfies Record<string, CorruptionRow>

export type CorruptionName = keyof typeof rows

/** The benchmark's in its order, then the extra ones. */
export const corruptionNames = Object.keys(rows) as readonly CorruptionName[]
export const benchmarkCorruptions = corruptionNames.filter((name) => rows[name].benchmark)
export const corruptionNameSchema = z.enum(corruptionNames)

/** One of the stage's texts for every corruption. */
export const stageTexts = (language: 'en' | 'de', text: 'name' | 'happened') =>
  Object.fromEntries(corruptionNames.map((name) => [name, rows[name].stage[language][text]])) as Readonly<
    Record<CorruptionName, string>
  >

export const severities = [1, 2, 3, 4, 5] as const
export type Severity = (typeof severities)[number]
export const severitySchema = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)])

/** Which of the three published parameter sets: 32-pixel CIFAR-C, 64-pixel Tiny-ImageNet-C, 224-pixel ImageNet-C. */
export const corruptionFamilies = ['cifar', 'tiny', 'imagenet'] as const
export type CorruptionFamily = (typeof corruptionFamilies)[number]
export const corruptionFamilySchema = z.enum(corruptionFamilies)
