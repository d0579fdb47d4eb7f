// What is said before a run: what will be scored, and what the unadapted model answers on a few images of it. A wrong normalisation, class order or channel
// order still "works", only worse; this is where it shows first.
import { z } from 'zod'
import { corruptionNameSchema, severitySchema } from '#contract/inputs/corruption.ts'
import { inputOptionsSchema } from '#contract/inputs/input-kinds.ts'
import { atLeast, cleanCheckSchema, nearChance, type CleanCheck } from './clean-check.ts'
import { normalizationFromSchema } from './normalization-from.ts'
import { modelOptionsSchema, normalizationSchema } from './run-options.ts'

const count = z.number().int().nonnegative()

/** Of the images, most likely ones first: `tried` = what the model got right of the same images with it; null = it was not tried. */
export const remedySchema = z.object({
  kind: z.enum(['normalization', 'labels', 'channels', 'model', 'size', 'corruption']),
  tried: cleanCheckSchema.nullable(),
  /** Of `normalization`: the one that was tried. */
  normalization: normalizationSchema.nullable(),
  /** Of `labels`: what has to be added to each class number; null = the classes are in another order. */
  shift: z.number().int().nullable(),
})
export type Remedy = z.output<typeof remedySchema>
export type RemedyKind = Remedy['kind']

/** One image; `label` and `answer` are classes of the model. */
const answerSchema = z.object({
  id: z.string(),
  label: z.number().int().nullable(),
  labelName: z.string().nullable(),
  answer: z.number().int(),
  answerName: z.string(),
  /** Null where it is no number. */
  confidence: z.number().min(0).max(1).nullable(),
})
export type LookAnswer = z.output<typeof answerSchema>

export const firstLookSchema = z.object({
  input: z.string(),
  images: count,
  /** Of these, with a class of the model. */
  labelled: count,
  /** Of the images, by what they were matched by (`how` of contract/inputs/input-info.ts); those that are left out not among them. */
  matched: z.array(z.object({ how: z.string(), classes: count })),
  leftOut: count,
  /** Of the classes that take part; null without labels. */
  perClass: z.object({ least: count, most: count }).nullable(),
  /** What was taken of the images and what was left out, in sentences. */
  notes: z.array(z.string()).default([]),
  modelClasses: count,
  architecture: z.string(),
  normalization: z.object({ mean: z.array(z.number()), std: z.array(z.number()), from: normalizationFromSchema }),
  /** As the model gets them. */
  size: z.object({ width: count, height: count }),
  /** What was looked at: both null = clean images; where there are none, the mildest of the corruptions that will be scored. */
  seen: z.object({ corruption: corruptionNameSchema.nullable(), severity: severitySchema.nullable() }),
  /** Eight images at most, spread over the input. */
  answers: z.array(answerSchema),
  /** Over more images than are shown; null without labels. */
  check: cleanCheckSchema.nullable(),
  /** Different classes among the labels and the answers of these. */
  different: z.object({ labels: count, answers: count }),
  /** Likeliest first; where the model is better than guessing, only what was tried and helps. */
  remedies: z.array(remedySchema),
})
export type FirstLook = z.output<typeof firstLookSchema>

export const lookRequestSchema = z.strictObject({
  /** Whose look it is: a newer one of the same takes its place. */
  by: z.string().min(1).max(100),
  input: inputOptionsSchema,
  model: modelOptionsSchema,
  /** Of images that came corrupted: what of them will be scored. */
  asked: z
    .array(z.strictObject({ corruption: corruptionNameSchema, severity: severitySchema }))
    .max(1000)
    .default([]),
})
export type LookRequest = z.output<typeof lookRequestSchema>
export type LookRequestInput = z.input<typeof lookRequestSchema>

/** With a picture for each answer: RGB bytes, base64, width * height * 3. */
export const shownLookSchema = z.object({
  look: firstLookSchema,
  pictures: z.array(z.object({ width: count, height: count, pixels: z.string() })),
})
export type ShownLook = z.output<typeof shownLookSchema>

/** Below so many images even none that is right says nothing. */
const fewest = 10
/** A model that is right on every second image passes for a guessing one in one case of a thousand. */
const level = 1e-3

/** Whether the model does no better than guessing, or gives one answer to images of several classes. */
export function isGuessing({
  check,
  modelClasses,
  different,
}: Pick<FirstLook, 'check' | 'modelClasses' | 'different'>): boolean {
  if (!check || modelClasses < 2) return false
  if (nearChance(check, modelClasses) || fewMostlyWrong(check, modelClasses)) return true
  return check.labelled >= fewest && different.labels > 1 && different.answers === 1
}

/** Of images too few for `nearChance`: guessing explains them, and a model that knows every second one does not. */
function fewMostlyWrong({ labelled, correct }: CleanCheck, classes: number): boolean {
  const likely = atLeast(correct, labelled, 1 / classes) > level
  return labelled >= fewest && likely && 1 - atLeast(correct + 1, labelled, 1 / 2) < level
}

/** Of the images, so many more have to be right before a remedy counts as one. */
const betterBy = 0.25

/** Whether the model knows many more of the images with what was tried. */
export const helps = ({ tried }: Remedy, { check, modelClasses }: Pick<FirstLook, 'check' | 'modelClasses'>): boolean =>
  tried !== null &&
  check !== null &&
  tried.correct - check.correct >= Math.max(4, betterBy * tried.labelled) &&
  !nearChance(tried, modelClasses)

/** Whether a person should look before the run: the model only guesses, or knows many more of the images with another setting. */
export const isDoubtful = (look: FirstLook): boolean => isGuessing(look) || look.remedies.length > 0
