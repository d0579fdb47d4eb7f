// What a run tells: its events in order, and the snapshot that a late viewer starts from. Plain JSON data.
// Every event of a run carries `seq`, rising by one; a snapshot says up to which `seq` it holds (rows <= k, events > k).
import { z } from 'zod'
import { cleanCheckSchema } from '#contract/runs/clean-check.ts'
import { damagedPartSchema } from '#contract/data/damage.ts'
import { usedDeviceSchema } from '#contract/devices.ts'
import { halvingSchema } from '#contract/runs/halving.ts'
import { keptReportsSchema } from '#contract/runs/kept-reports.ts'
import { firstLookSchema } from '#contract/runs/first-look.ts'
import { corruptionFamilySchema, corruptionNameSchema, severitySchema } from '#contract/inputs/corruption.ts'
import { wireErrorSchema } from '#contract/errors.ts'
import { networkSchema } from '#contract/columns/layers.ts'
import { imagePlaceSchema } from '#contract/runs/images.ts'
import { optionChangeSchema } from '#contract/runs/option-change.ts'
import { normalizationFromSchema } from '#contract/runs/normalization-from.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { laneStepsSchema } from '#contract/columns/step-columns.ts'

const count = z.number().int().nonnegative()

/** One stretch of the stream with one distribution. `corruption` null = images as they are (`clean`) or several mixed (`mixed`). */
export const domainSchema = z.object({
  index: count,
  name: z.string(), // 'gaussian_noise 5', 'clean', 'mixed'
  corruption: corruptionNameSchema.nullable(),
  severity: severitySchema.nullable(),
  images: count,
  steps: count,
  firstStep: count,
})
export type Domain = z.output<typeof domainSchema>

export const runStatuses = [
  'queued',
  'starting',
  'running',
  'paused',
  'stopping',
  'stopped',
  'done',
  'failed',
  'interrupted',
] as const
/** `stopped`: by the user; `interrupted`: the session process died. Both can be resumed. */
export const runStatusSchema = z.enum(runStatuses)
export type RunStatus = z.output<typeof runStatusSchema>
export const resumableStatuses: readonly RunStatus[] = ['stopped', 'interrupted', 'failed']
export const endedStatuses: readonly RunStatus[] = ['done', ...resumableStatuses]
export const isUnderWay = (status: RunStatus): boolean => !endedStatuses.includes(status)

/** 0 never selected, 1 stale (importance of an earlier batch), 2 fresh (selected now), 3 adapted by a method without selection. */
export const tensorStates = ['never', 'stale', 'fresh', 'adapted'] as const

/** Per adapted tensor, in the order of the lane's `tensors`; arrays of equal length. NaN travels as null. */
export const layerReportSchema = z.object({
  states: z.array(z.number().int().min(0).max(3)),
  scores: z.array(z.number().nullable()),
  importances: z.array(z.number().nullable()),
  learningRates: z.array(z.number().nullable()),
  changes: z.array(z.number().nullable()).nullable().default(null), // ||theta - theta0|| / ||theta0|| after the step; null in runs of older versions
})
export type LayerReport = z.output<typeof layerReportSchema>

/** One step of one lane. Errors are online: predictions from before the update. */
export const stepReportSchema = z.object({
  lane: z.string(),
  step: count, // 0-based over the whole run
  domain: count,
  images: count, // in this batch
  labelled: count, // of these with a label
  correct: count,
  seen: count, // images of this run up to and with this step
  losses: z.record(z.string(), z.number().nullable()),
  kept: count.nullable(),
  adaptedShare: z.number().min(0).max(1),
  meanConfidence: z.number(),
  meanEntropy: z.number(), // nats
  agreement: z.number().min(0).max(1).nullable().default(null), // share predicted as the unadapted lane does; null without one
  estimate: z.number().min(0).max(1).nullable().default(null), // of accuracy, without labels (session/measures/accuracy-estimate.ts); null without a labelled clean part
  predicted: z.record(z.string(), count).default({}), // images by predicted class
  stepMs: z.number().nonnegative(),
  peakBytes: z.number().nonnegative(), // of tensors on the device, at most during this step
  layers: layerReportSchema.nullable(),
})
export type StepReport = z.output<typeof stepReportSchema>

export const domainMetricSchema = z.object({
  lane: z.string(),
  domain: count,
  images: count,
  labelled: count,
  correct: count,
  confidence: z.number().nullable().default(null), // means over the domain's images; null in runs of older versions
  entropy: z.number().nullable().default(null),
  agreement: z.number().nullable().default(null),
  estimate: z.number().nullable().default(null),
})
export type DomainMetric = z.output<typeof domainMetricSchema>

/** The most likely classes, most likely first. */
const guessesSchema = z.array(z.object({ label: z.number().int(), confidence: z.number() })).max(20)

/** A few images of the current batch for the live screen. Pixels are RGB bytes, base64, width*height*3. Never stored. */
export const previewImageSchema = z.object({
  ...imagePlaceSchema.shape,
  id: z.string(),
  label: z.number().int().nullable(),
  width: count,
  height: count,
  clean: z.string(),
  corrupted: z.string(),
  /** By lane, before the update; `after`: right after it, null where nothing adapts or the lane cannot be asked again. */
  predictions: z.record(
    z.string(),
    z.object({ label: z.number().int(), confidence: z.number(), top: guessesSchema, after: guessesSchema.nullable() }),
  ),
})
export type PreviewImage = z.output<typeof previewImageSchema>

export const tensorInfoSchema = z.object({
  name: z.string(),
  kind: z.string(),
  block: z.string(),
  elements: count,
})
export type TensorSummary = z.output<typeof tensorInfoSchema>

export const laneInfoSchema = z.object({
  id: z.string(),
  label: z.string(),
  method: z.string(),
  tensors: z.array(tensorInfoSchema), // what this lane adapts, network order; [] when nothing
  note: z.string().optional(), // what it does that the published method does not, in a sentence
})
export type LaneInfo = z.output<typeof laneInfoSchema>

export const modelInfoSchema = z.object({
  name: z.string(),
  path: z.string().nullable(),
  hash: z.string(),
  architecture: z.string(),
  parameters: count,
  classes: count,
  classNames: z.array(z.string()),
  normalization: z.object({ mean: z.array(z.number()), std: z.array(z.number()) }),
  inputSize: z.object({ width: count, height: count }),
  /** Where the normalisation is known from, and what the file does by itself; absent in runs of older versions. */
  normalizationFrom: normalizationFromSchema.optional(),
  normalizationNote: z.string().nullable().optional(),
  remarks: z.array(z.string()).optional(), // what was assumed of the file or left out of it, in sentences; absent = nothing, or a run of an older version
})
export type ModelInfo = z.output<typeof modelInfoSchema>

/** What is known once input and model are open; sent once per start, recorded with the run. */
export const runPlanSchema = z.object({
  domains: z.array(domainSchema),
  totalSteps: count, // batches; each lane makes one step of each
  totalImages: count,
  family: corruptionFamilySchema,
  inputName: z.string(),
  inputHash: z.string(), // over ids and labels, in order
  sourceHash: z.string().nullable().default(null), // the same of the source images
  look: firstLookSchema.nullable().default(null), // null in runs of older versions, and over a webcam
  cleanCheck: cleanCheckSchema.nullable().default(null), // null without labelled clean images, and in runs of older versions
  model: modelInfoSchema,
  lanes: z.array(laneInfoSchema),
  network: networkSchema.nullable().default(null), // null for one too large, and in runs of older versions
  versions: z.record(z.string(), z.string()), // app, node, tensorflow, device
  devices: z.array(usedDeviceSchema).optional(), // in order; absent in runs of older versions, whose `versions` say what they know
  halvings: z.array(halvingSchema).optional(), // in order; absent where all batches were whole
  reports: keptReportsSchema.optional(), // absent where all tensor reports are kept
})
export type RunPlan = z.output<typeof runPlanSchema>

export const skippedFileSchema = z.object({ path: z.string(), reason: z.string() })
export type SkippedFile = z.output<typeof skippedFileSchema>

export const progressSchema = z.object({
  step: count, // steps finished (batches over all lanes)
  totalSteps: count,
  images: count,
  imagesPerSecond: z.number().nonnegative(),
  etaMs: z.number().nonnegative().nullable(),
  waitShare: z.number().min(0).max(1), // share of the time since the start that the device waited for data
})
export type Progress = z.output<typeof progressSchema>

export const checkpointInfoSchema = z.object({
  id: count,
  lane: z.string(),
  step: count, // after this step
  domain: count,
  sizeBytes: count,
  createdAt: z.number(),
})
export type CheckpointInfo = z.output<typeof checkpointInfoSchema>

/** A lane that came to predict hardly any classes any more, or numbers that are none; `restored`: the step that it was put back to (-1 = the source). */
export const collapseSchema = z.object({
  lane: z.string(),
  step: count,
  kind: z.enum(['few-classes', 'not-finite']),
  restored: z.number().int().min(-1).nullable(),
})
export type Collapse = z.output<typeof collapseSchema>

export const runEventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('status'),
    seq: count,
    status: runStatusSchema,
    error: wireErrorSchema.nullable(),
    message: z.string().nullable(),
  }),
  z.object({ event: z.literal('plan'), seq: count, plan: runPlanSchema }),
  z.object({ event: z.literal('step'), seq: count, reports: z.array(stepReportSchema), progress: progressSchema }), // all lanes of one batch
  z.object({ event: z.literal('domain'), seq: count, domain: count, metrics: z.array(domainMetricSchema) }), // a domain is complete
  z.object({ event: z.literal('checkpoint'), seq: count, checkpoint: checkpointInfoSchema }),
  z.object({ event: z.literal('collapse'), seq: count, collapse: collapseSchema }),
  z.object({ event: z.literal('skipped'), seq: count, files: z.array(skippedFileSchema), total: count }),
  z.object({ event: z.literal('options'), seq: count, change: optionChangeSchema }),
  z.object({ event: z.literal('forgotten'), seq: count, checkpoints: z.array(count) }), // ids of checkpoints that are kept no longer
  z.object({ event: z.literal('preview'), seq: count, step: count, images: z.array(previewImageSchema) }), // at most two a second
])
export type RunEvent = z.output<typeof runEventSchema>

const tag = z.string().trim().min(1).max(40)
export const mostTags = 20
export const tagsSchema = z.array(tag).max(mostTags)
const nameSchema = z.string().max(200)
const noteSchema = z.string().max(20_000)

/** What people may say of a run afterwards. */
export const runChangesSchema = z.strictObject({
  name: nameSchema.optional(),
  note: noteSchema.optional(),
  tags: tagsSchema.optional(),
  archived: z.boolean().optional(),
})
export type RunChanges = z.output<typeof runChangesSchema>

export const runSummarySchema = z.object({
  id: count,
  name: z.string(),
  status: runStatusSchema,
  createdAt: z.number(), // ms since epoch
  finishedAt: z.number().nullable(),
  step: count,
  totalSteps: count,
  options: runOptionsSchema,
  inputName: z.string(),
  modelName: z.string(),
  lanes: z.array(
    z.object({ id: z.string(), label: z.string(), method: z.string(), meanErrorPct: z.number().nullable() }),
  ), // mean over finished domains
  error: wireErrorSchema.nullable(),
  note: z.string(),
  tags: z.array(z.string()),
  archived: z.boolean(),
  deletedAt: z.number().nullable(), // ms since epoch; it can be brought back until it is purged
  parent: z.object({ run: count, step: count }).nullable().default(null), // the checkpoint that it went on from: up to that step its rows are the parent's
  changes: z.array(optionChangeSchema).default([]), // of options, during the run
  devices: z.array(usedDeviceSchema).optional(), // that computed it, in order; none before its first session
})
export type RunSummary = z.output<typeof runSummarySchema>

/** All rows of a run up to `seq`. `steps`: of each lane, without layer reports. */
export const runSnapshotSchema = z.object({
  seq: count,
  run: runSummarySchema,
  plan: runPlanSchema.nullable(),
  steps: z.array(laneStepsSchema),
  domains: z.array(domainMetricSchema),
  checkpoints: z.array(checkpointInfoSchema),
  collapses: z.array(collapseSchema),
  skipped: z.array(skippedFileSchema),
  skippedTotal: count,
  progress: progressSchema.nullable(),
  preview: z.array(previewImageSchema),
  /** Rows that could not be read and are left out of the above. */
  damaged: z.array(damagedPartSchema).default([]),
})
export type RunSnapshot = z.output<typeof runSnapshotSchema>

/** Mean error of a lane: the mean over domains of each domain's error, as the field reports it. Null without labelled images. */
export function meanErrorPct(metrics: readonly DomainMetric[]): number | null {
  const labelled = metrics.filter((metric) => metric.labelled > 0)
  if (labelled.length === 0) return null
  let sum = 0
  for (const metric of labelled) sum += (100 * (metric.labelled - metric.correct)) / metric.labelled
  return sum / labelled.length
}
