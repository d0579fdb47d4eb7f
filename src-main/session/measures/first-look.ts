// What will be scored, and what the unadapted model answers on a few images of it, once, before the first step. Where it only guesses, the usual causes are tried
// on the same images, and the likeliest comes first.
import { helps, isGuessing, type FirstLook, type LookAnswer, type Remedy } from '#contract/runs/first-look.ts'
import type { Device } from '#engine/compute/device.ts'
import { argMaxRows, logSoftmax } from '#engine/compute/losses.ts'
import type { NormalizationOrigin } from '#engine/models/normalization-origin.ts'
import type { Model } from '#engine/models/model.ts'
import type { FirstImages, InputFound } from '#stream/stream.ts'
import { asTheyAre, logitsOf, rightOf, type PixelsOf } from './model-answers.ts'
import { remediesFor } from './remedies.ts'

/** Images that are looked at, and of these shown. */
export const lookedAt = 64
const shown = 8
/** A model that knows more of them is not doubted. */
const doubtfulShare = 0.6

export interface Looked {
  readonly look: FirstLook
  /** Which of the images the answers are about. */
  readonly shown: readonly number[]
}

export interface LookSubject {
  readonly input: string
  readonly found: InputFound
  readonly images: FirstImages
  readonly normalization: NormalizationOrigin
}

/** Leaves no tensor behind. */
export async function firstLook(device: Device, model: Model, subject: LookSubject): Promise<Looked> {
  const { found, images } = subject
  const { labels, width, height } = images
  const logits = await logitsOf(device, model, images, asTheyAre(device))
  const predictions = argMaxRows(logits, model.classes)
  const isLabelled = labels.length > 0 && (labels[0] as number) >= 0
  const check = isLabelled ? { labelled: labels.length, correct: rightOf(predictions, labels) } : null
  const places = Array.from({ length: Math.min(shown, labels.length) }, (_, i) =>
    Math.floor((i * labels.length) / Math.min(shown, labels.length)),
  )
  const look: FirstLook = {
    input: subject.input,
    images: found.images,
    labelled: found.labelled,
    matched: [...found.matched],
    leftOut: found.leftOut,
    notes: [...found.notes],
    perClass: found.perClass,
    modelClasses: model.classes,
    architecture: model.architecture,
    normalization: {
      mean: [...model.normalization.mean],
      std: [...model.normalization.std],
      from: subject.normalization.from,
    },
    size: { width, height },
    seen: images.seen,
    answers: places.map((place) => answerOf(model, images, logits, place)),
    check,
    different: { labels: new Set(labels).size, answers: new Set(predictions).size },
    remedies: [],
  }
  return { look: { ...look, remedies: await remediesOf() }, shown: places }

  async function remediesOf(): Promise<Remedy[]> {
    const guessing = isGuessing(look)
    if (!check || !(guessing || check.correct < doubtfulShare * check.labelled)) return []
    const tryWith = async (pixels: PixelsOf) => argMaxRows(await logitsOf(device, model, images, pixels), model.classes)
    const remedies = await remediesFor({
      device,
      look,
      model,
      own: subject.normalization.own,
      images,
      predictions,
      tryWith,
    })
    return guessing ? remedies : remedies.filter((remedy) => helps(remedy, look))
  }
}

function answerOf(model: Model, { ids, labels }: FirstImages, logits: Float32Array, place: number): LookAnswer {
  const { classes, classNames } = model
  const row = logits.slice(place * classes, (place + 1) * classes)
  const answer = argMaxRows(row, classes)[0] as number
  const confidence = Math.exp(logSoftmax(row, classes)[answer] as number)
  const label = labels[place] as number
  const nameOf = (index: number) => classNames?.[index] ?? String(index)
  return {
    id: ids[place] ?? '',
    label: label < 0 ? null : label,
    labelName: label < 0 ? null : nameOf(label),
    answer,
    answerName: nameOf(answer),
    confidence: Number.isFinite(confidence) ? Math.min(1, confidence) : null,
  }
}
