// The images behind a run's numbers: who predicted what (confusion), which images those are (filters, pages), and their pictures, made again.
import { z } from 'zod'

const count = z.number().int().nonnegative()
const run = z.number().int().positive()
const lane = z.string().min(1).max(64)

/** An image of a step: its place in the batch as it was planned, and in the input's list. */
export const imagePlaceSchema = z.strictObject({ step: count, position: count, sample: count })
export type ImagePlace = z.output<typeof imagePlaceSchema>

export const confusionRequestSchema = z.strictObject({ run, lane, domain: count.nullable() })

/** Which steps have predictions: runs of older versions may have none, or only from where they were resumed. `to` is the first step that is not in. */
const coverageSchema = z.object({
  steps: count,
  from: count.nullable(),
  to: count,
  /** Steps whose rows in the database cannot be read, and are in no number here; the first of them. */
  damaged: z.object({ steps: count, first: count }).nullable(),
})
export type Coverage = z.output<typeof coverageSchema>

export const confusionSchema = z.object({
  lane,
  domain: count.nullable(),
  classes: count,
  /** With predictions, and of these with a label. */
  images: count,
  labelled: count,
  correct: count,
  coverage: coverageSchema,
  /** Cells that are not empty: base64 of uint32 triples, little-endian: true class, predicted class, images. */
  cells: z.string(),
})
export type Confusion = z.output<typeof confusionSchema>

const result = z.enum(['any', 'right', 'wrong'])
export type ResultFilter = z.output<typeof result>

/** Which images; what is left out restricts nothing. */
export const imageFilterSchema = z.strictObject({
  domain: count.nullable().default(null),
  lane,
  result: result.default('any'),
  /** A second lane to compare with. */
  versus: lane.nullable().default(null),
  versusResult: result.default('any'),
  /** The two lanes predicted different classes. */
  differs: z.boolean().default(false),
  actual: count.nullable().default(null),
  predicted: count.nullable().default(null),
  /** Whose prediction `predicted` is. */
  predictedBy: z.enum(['lane', 'versus', 'either']).default('lane'),
  /** Of `lane`, 0..1, both ends in. */
  confidence: z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]).default([0, 1]),
  sort: z.enum(['stream', 'surest', 'unsurest']).default('stream'),
})
export type ImageFilter = z.output<typeof imageFilterSchema>
export type ImageFilterInput = z.input<typeof imageFilterSchema>

/** `upTo`: the first step that is left out, so that pages of one list fit together while a run goes on; null = all that there are. */
export const imagesRequestSchema = z.strictObject({
  run,
  filter: imageFilterSchema,
  upTo: count.nullable(),
  offset: count,
  limit: z.number().int().min(1).max(200),
})

export const seenImageSchema = z.object({
  ...imagePlaceSchema.shape,
  id: z.string(),
  domain: count,
  label: count.nullable(),
  lanes: z.record(z.string(), z.object({ label: count, confidence: z.number() })),
  /** Lanes whose predictions of its step are damaged in the database. */
  unread: z.array(z.string()),
})
export type SeenImage = z.output<typeof seenImageSchema>

export const imagesSchema = z.object({
  total: count,
  upTo: count,
  coverage: coverageSchema,
  images: z.array(seenImageSchema),
})
export type FoundImages = z.output<typeof imagesSchema>

export const csvRows = 100_000
/** The first `csvRows` of what a filter finds, as CSV with a header. */
export const imagesCsvRequestSchema = z.strictObject({ run, filter: imageFilterSchema, upTo: count.nullable() })
export const imagesCsvSchema = z.object({ csv: z.string(), rows: count, total: count })

export const mostPictures = 64
/** `maxSide` in pixels; null = as the model saw them. */
export const picturesRequestSchema = z.strictObject({
  run,
  images: z.array(imagePlaceSchema).min(1).max(mostPictures),
  maxSide: z.number().int().min(8).max(4096).nullable(),
})

/** Made again from the input by the same seed. Pixels are RGB bytes, base64, width*height*3. */
export const pictureSchema = z.union([
  z.object({ width: count, height: count, clean: z.string(), corrupted: z.string() }),
  z.object({ problem: z.string() }),
])
export type Picture = z.output<typeof pictureSchema>
export const picturesSchema = z.object({ pictures: z.array(pictureSchema) })
