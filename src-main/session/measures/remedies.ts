// Why an unadapted model may only guess on clean images, likeliest first. Other normalisations, the order of the colour channels and other numberings of the
// classes are tried on the same images: what makes it right comes first, what makes no difference last; the rest is ordered by how the model and the classes
// were come by.
import { helps, type FirstLook, type Remedy, type RemedyKind } from '#contract/runs/first-look.ts'
import type { Device } from '#engine/compute/device.ts'
import type { Model, ModelNormalization } from '#engine/models/model.ts'
import {
  bytesNormalization,
  cifarNormalization,
  imagenetNormalization,
  liteNormalization,
  noNormalization,
  signedNormalization,
} from '#engine/models/normalization.ts'
import type { FirstImages } from '#stream/stream.ts'
import { rightOf, type PixelsOf } from './model-answers.ts'

interface Case {
  readonly device: Device
  readonly look: FirstLook
  readonly model: Model
  /** What the model's file or family has, where another normalisation was given. */
  readonly own: ModelNormalization | null
  readonly images: FirstImages
  readonly predictions: Int32Array
  /** What the model answers where its pixels are made otherwise. */
  readonly tryWith: (pixels: PixelsOf) => Promise<Int32Array>
}

const usual: readonly ModelNormalization[] = [
  imagenetNormalization,
  cifarNormalization,
  noNormalization,
  signedNormalization,
  liteNormalization,
  bytesNormalization,
]

export async function remediesFor(of: Case): Promise<Remedy[]> {
  const { look } = of
  const remedies = [await bestNormalization(of), otherLabels(of), await otherChannels(of), ...untried(look)]
  const rank = (remedy: Remedy): number => {
    if (helps(remedy, look)) return 1000 + (remedy.tried?.correct ?? 0)
    const likely = likelihood(remedy.kind, look)
    return remedy.tried ? likely - 100 : likely // it was tried, and did not help
  }
  return remedies.toSorted((a, b) => rank(b) - rank(a))
}

/** The more, the likelier. */
function likelihood(kind: RemedyKind, { normalization, matched, seen }: FirstLook): number {
  const by = new Set(matched.map(({ how }) => how))
  const surely = [...by].every((how) => how === 'name' || how === 'wordnet' || how === 'chosen')
  switch (kind) {
    case 'normalization':
      return { assumed: 62, family: 60, given: 55, file: 20, inside: 15 }[normalization.from]
    case 'labels':
      return by.has('order') ? 65 : surely ? 10 : 50
    case 'corruption':
      return seen.corruption === null ? 0 : 45
    case 'model':
      return 40
    case 'channels':
      return 30
    case 'size':
      return 25
  }
}

function untried({ seen }: FirstLook): Remedy[] {
  const kinds: RemedyKind[] = ['model', 'size', ...(seen.corruption === null ? [] : (['corruption'] as const))]
  return kinds.map((kind) => ({ kind, tried: null, normalization: null, shift: null }))
}

const same = (a: ModelNormalization, b: ModelNormalization) =>
  [...a.mean, ...a.std].every((value, i) => Math.abs(value - ([...b.mean, ...b.std][i] as number)) < 1e-4)

/** The network goes on normalising as it does: pixels are made so that what comes out of that is the other normalisation's. */
async function bestNormalization({ device, model, own, images, tryWith }: Case): Promise<Remedy> {
  const { mean, std } = model.normalization
  const others = [...(own ? [own] : []), ...usual].filter((one) => !same(one, model.normalization))
  const tried: { readonly normalization: ModelNormalization; readonly correct: number }[] = []
  for (const normalization of others) {
    const scale = std.map((its, c) => its / (255 * (normalization.std[c] as number)))
    const shift = mean.map(
      (its, c) => its - ((normalization.mean[c] as number) * (std[c] as number)) / (normalization.std[c] as number),
    )
    const predictions = await tryWith((bytes, shape) => device.fromArray(scaled(bytes, scale, shift), shape))
    tried.push({ normalization, correct: rightOf(predictions, images.labels) })
  }
  const best = tried.reduce((a, b) => (b.correct > a.correct ? b : a))
  const { mean: m, std: s } = best.normalization
  return {
    kind: 'normalization',
    tried: { labelled: images.labels.length, correct: best.correct },
    normalization: { mean: [...m], std: [...s] },
    shift: null,
  }
}

async function otherChannels({ device, images, tryWith }: Case): Promise<Remedy> {
  const predictions = await tryWith((bytes, shape) => device.fromArray(turned(bytes), shape))
  const tried = { labelled: images.labels.length, correct: rightOf(predictions, images.labels) }
  return { kind: 'channels', tried, normalization: null, shift: null }
}

/** Each channel times its scale plus its shift. */
function scaled(bytes: Uint8Array, scale: readonly number[], shift: readonly number[]): Float32Array {
  const values = new Float32Array(bytes.length)
  for (let c = 0; c < 3; c++) {
    const factor = scale[c] as number
    const offset = shift[c] as number
    for (let i = c; i < bytes.length; i += 3) values[i] = (bytes[i] as number) * factor + offset
  }
  return values
}

/** Blue, green, red, in [0, 1]. */
function turned(bytes: Uint8Array): Float32Array {
  const values = new Float32Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) values[i] = (bytes[i + 2 - 2 * (i % 3)] as number) / 255
  return values
}

/** Fewer images of a class tell nothing about it. */
const fewestOfClass = 3

/** Numbers that begin at another one; else classes in another order: images of a class get one answer, and each class another. */
function otherLabels({ images: { labels }, predictions }: Case): Remedy {
  const shifts = [1, -1].map((shift) => ({
    shift,
    correct: rightOf(
      predictions,
      labels.map((label) => label + shift),
    ),
  }))
  const byShift = shifts.reduce((a, b) => (b.correct > a.correct ? b : a))
  const answersOf = Map.groupBy(predictions.keys(), (i) => labels[i] as number)
  const commonest = [...answersOf.values()].map((places) => {
    const counts = Map.groupBy(places, (i) => predictions[i] as number)
    const [answer, its] = [...counts].reduce((a, b) => (b[1].length > a[1].length ? b : a))
    return { answer, images: places.length, agree: its.length }
  })
  const enough = commonest.length > 1 && commonest.every(({ images }) => images >= fewestOfClass)
  const distinct = new Set(commonest.map(({ answer }) => answer)).size
  const agree = commonest.reduce((sum, one) => sum + one.agree, 0)
  const labelled = labels.length
  if (2 * byShift.correct >= labelled)
    return { kind: 'labels', tried: { labelled, correct: byShift.correct }, normalization: null, shift: byShift.shift }
  const permuted = enough && distinct === commonest.length && 4 * agree >= 3 * labelled
  return { kind: 'labels', tried: permuted ? { labelled, correct: agree } : null, normalization: null, shift: null }
}
