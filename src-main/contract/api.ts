// What the app can do, in one typed table for every host (Electron, web, tests): request and response schemas by method name.
// Transport-free: rpc/ carries these over any port; services/ implement them.
import { z } from 'zod'
import { previewRequestSchema, previewSchema } from './inputs/input-preview.ts'
import { comparedRunsSchema, comparisonSchema, runCurvesSchema } from './compare/compare.ts'
import { exportRequestSchema, exportResultSchema } from './models/export.ts'
import { layersAnswerSchema, layersRequestSchema, tensorsAnswerSchema, tensorsRequestSchema } from './columns/layers.ts'
import {
  confusionRequestSchema,
  confusionSchema,
  imagesCsvRequestSchema,
  imagesCsvSchema,
  imagesRequestSchema,
  imagesSchema,
  picturesRequestSchema,
  picturesSchema,
} from './runs/images.ts'
import { libraryModelSchema, modelChangesSchema, modelDetailsSchema, readyModelNames } from './models/library.ts'
import type { ApiRow } from './api-row.ts'
import { damageMethods } from './data/damage.ts'
import { labMethods } from './sweeps/lab-view.ts'
import { queueMethods } from './runs/queue-api.ts'
import { lookRequestSchema, shownLookSchema } from './runs/first-look.ts'
import { estimateRequestSchema, estimateSchema } from './runs/run-estimate.ts'
import { rememberedSchema, runTemplateSchema, templateChoiceSchema, templatesSchema } from './runs/run-template.ts'
import { appInfoSchema, doctorReportSchema } from './app/app-info.ts'
import { settingsSchema } from './app/settings.ts'
import { dialogMethods, updateMethods } from './app/desktop-api.ts'
import { modelInfoSchema, runChangesSchema, runSnapshotSchema, runSummarySchema, tagsSchema } from './tables/report.ts'
import { uploadBeginSchema, uploadIdSchema, uploadWriteSchema } from './inputs/uploads.ts'
import { listingSchema, listRequestSchema } from './files/listing.ts'
import { inputInfoSchema } from './inputs/input-info.ts'
import { inputOptionsSchema, keptInputKinds } from './inputs/input-kinds.ts'
import { modelOptionsSchema, runOptionsSchema } from './runs/run-options.ts'
import { compareRequestSchema, compareResultSchema } from './compare/compare-checkpoints.ts'
import { optionChangeSchema, optionRequestSchema } from './runs/option-change.ts'
import { keepPolicySchema, storagePlanSchema, storageUsageSchema } from './data/storage.ts'
import { dataCheckSchema, dataInfoSchema } from './data/data-place.ts'
import { webcamAnswerSchema, webcamControlSchema, webcamFrameSchema } from './webcam.ts'
import {
  layerImportanceSchema,
  sweepRiskSchema,
  sweepDefinitionSchema,
  sweepPlanSchema,
  sweepResultsSchema,
  sweepStateSchema,
} from './sweeps/sweep.ts'

const runId = z.strictObject({ run: z.number().int().positive() })
const sweepId = z.strictObject({ sweep: z.number().int().positive() })
const runIds = z.strictObject({ runs: z.array(z.number().int().positive()).min(1).max(100_000) })
const nothing = z.strictObject({})
const ofPolicy = z.strictObject({
  policy: keepPolicySchema,
  runs: z.array(z.number().int().positive()).max(100_000).nullable(),
})

/** method name -> schemas of what it takes and gives. Errors cross as `WireError`. */
export const apiMethods = {
  'app.info': { access: 'reads', request: nothing, response: appInfoSchema },
  'app.doctor': { access: 'reads', request: nothing, response: doctorReportSchema },
  'settings.get': { access: 'reads', request: nothing, response: settingsSchema },
  'settings.set': { access: 'writes', request: settingsSchema, response: settingsSchema },
  /** Only what is named, so that two windows do not undo each other's. */
  'settings.change': {
    access: 'writes',
    request: z.strictObject({ changes: z.record(z.string().max(100), z.unknown()) }),
    response: settingsSchema,
  },
  'data.info': { access: 'reads', request: nothing, response: dataInfoSchema },
  /** Whether everything could be moved to that folder. */
  'data.check': {
    access: 'reads',
    request: z.strictObject({ folder: z.string().max(4096) }),
    response: dataCheckSchema,
  },
  /** Begins to copy; the subscription `data` tells how far it is. Afterwards every page is connected anew, to the new folder. */
  'data.move': { access: 'moves', request: z.strictObject({ folder: z.string().min(1).max(4096) }), response: nothing },
  'data.cancel': { access: 'moves', request: nothing, response: nothing },
  /** After a move: deletes the old copy, or leaves it and speaks of it no more. */
  'data.forget': { access: 'moves', request: z.strictObject({ remove: z.boolean() }), response: nothing },
  'data.open': { access: 'reads', request: z.strictObject({ what: z.enum(['data', 'logs']) }), response: nothing },
  ...updateMethods,
  /** Text to be pasted into a mail: versions, machine, last errors. Without `personal` no folder of this machine is named. */
  'app.report': {
    access: 'reads',
    request: z.strictObject({ personal: z.boolean() }),
    response: z.object({ text: z.string() }),
  },
  /** With a model its classes are matched. */
  'inputs.inspect': {
    access: 'reads',
    request: z.strictObject({ input: inputOptionsSchema, model: modelOptionsSchema.nullable() }),
    response: inputInfoSchema,
  },
  /** Pictures of one image as a run would make them. Whoever wants no more of them asks no more. */
  'inputs.preview': { access: 'reads', request: previewRequestSchema, response: previewSchema },
  /** Shows the unadapted model a few images, in a process of its own: seconds. Throws `cancelled` when a newer look of the same form took its place. */
  'inputs.look': { access: 'reads', request: lookRequestSchema, response: shownLookSchema },
  'inputs.cancelLook': {
    access: 'reads',
    request: z.strictObject({ by: lookRequestSchema.shape.by }),
    response: nothing,
  },
  'models.list': { access: 'reads', request: nothing, response: z.array(libraryModelSchema) },
  'models.add': {
    access: 'writes',
    request: z.strictObject({ path: z.string().min(1).max(4096) }),
    response: libraryModelSchema,
  },
  'models.change': {
    access: 'writes',
    request: z.strictObject({ id: z.number().int().positive(), changes: modelChangesSchema }),
    response: libraryModelSchema,
  },
  'models.duplicate': {
    access: 'writes',
    request: z.strictObject({ id: z.number().int().positive() }),
    response: libraryModelSchema,
  },
  'models.remove': {
    access: 'writes',
    request: z.strictObject({ id: z.number().int().positive() }),
    response: nothing,
  },
  /** Minutes at most: a download. */
  'models.fetch': {
    access: 'writes',
    request: z.strictObject({ name: z.enum(readyModelNames) }),
    response: libraryModelSchema,
  },
  /** Of a fetch on its way, which then fails with `cancelled`. */
  'models.cancelFetch': { access: 'writes', request: nothing, response: nothing },
  'models.details': {
    access: 'reads',
    request: z.strictObject({ model: modelOptionsSchema, batch: z.number().int().min(1).max(4096) }),
    response: modelDetailsSchema,
  },
  'models.inspect': {
    access: 'reads',
    request: z.strictObject({ model: modelOptionsSchema }),
    response: modelInfoSchema,
  },
  ...dialogMethods,
  /** Of the program's own picker, where the host has no dialog: a folder that the page may open, within bounds. */
  'files.list': { access: 'reads', request: listRequestSchema, response: listingSchema },
  'runs.list': { access: 'reads', request: nothing, response: z.array(runSummarySchema) },
  /** Time, memory and disk of a run that is not started yet. */
  'runs.estimate': { access: 'reads', request: estimateRequestSchema, response: estimateSchema },
  /** Files of a browser, which gives no paths away: piece by piece into the data folder. */
  'uploads.begin': { access: 'writes', request: uploadBeginSchema, response: z.object({ upload: z.string() }) },
  'uploads.write': { access: 'writes', request: uploadWriteSchema, response: nothing },
  'uploads.finish': { access: 'writes', request: uploadIdSchema, response: z.object({ path: z.string() }) },
  'uploads.cancel': { access: 'writes', request: uploadIdSchema, response: nothing },
  'templates.list': { access: 'reads', request: nothing, response: templatesSchema },
  /** A new one without a number. */
  'templates.save': {
    access: 'writes',
    request: runTemplateSchema.extend({ id: runTemplateSchema.shape.id.nullable() }),
    response: runTemplateSchema,
  },
  'templates.remove': {
    access: 'writes',
    request: z.strictObject({ id: z.number().int().positive() }),
    response: nothing,
  },
  /** What a new form begins with. */
  'templates.setInitial': {
    access: 'writes',
    request: z.strictObject({ initial: templateChoiceSchema.nullable() }),
    response: nothing,
  },
  /** The settings of the run that was just started. */
  'templates.remember': {
    access: 'writes',
    request: rememberedSchema.extend({ kind: z.enum(keptInputKinds) }),
    response: nothing,
  },
  'runs.start': { access: 'writes', request: runOptionsSchema, response: z.object({ run: z.number().int() }) },
  ...queueMethods,
  ...damageMethods,
  'runs.pause': { access: 'writes', request: runId, response: nothing },
  'runs.continue': { access: 'writes', request: runId, response: nothing },
  'runs.stop': { access: 'writes', request: runId, response: nothing },
  /** Resumes a stopped, interrupted or failed run from its last committed step, in a new session process. `halve`: with batches of half the size, which gives other numbers and is recorded. */
  'runs.resume': {
    access: 'writes',
    request: runId.extend({ halve: z.boolean().default(false) }),
    response: nothing,
  },
  /** One batch of a paused run. */
  'runs.step': { access: 'writes', request: runId, response: nothing },
  /** Another value of an option from the next step on. Answers when the session has recorded it; null: it has that value already. */
  'runs.adjust': {
    access: 'writes',
    request: z.strictObject({ run: z.number().int().positive(), change: optionRequestSchema }),
    response: z.object({ change: optionChangeSchema.nullable() }),
  },
  /** A new run from the checkpoints after a step of another one, perhaps with other options from there on. `stop`: what is under way is stopped first. */
  'runs.branch': {
    access: 'writes',
    request: z.strictObject({
      run: z.number().int().positive(),
      step: z.number().int().nonnegative(),
      options: z.array(optionRequestSchema).max(1000).default([]),
      name: z.string().max(200).default(''),
      stop: z.boolean().default(false),
    }),
    response: z.object({ run: z.number().int() }),
  },
  'checkpoints.compare': { access: 'reads', request: compareRequestSchema, response: compareResultSchema },
  'storage.usage': { access: 'reads', request: nothing, response: storageUsageSchema },
  'storage.setPolicy': { access: 'writes', request: keepPolicySchema, response: keepPolicySchema },
  /** What a policy would remove now; `runs` null = of all. */
  'storage.plan': {
    access: 'reads',
    request: ofPolicy,
    response: storagePlanSchema,
  },
  /** Removes it for good. */
  'storage.apply': {
    access: 'writes',
    request: ofPolicy,
    response: z.object({ checkpoints: z.number().int(), bytes: z.number() }),
  },
  /** Gives unused space of the file back to the system. Minutes at most, where the file is large. */
  'storage.shrink': {
    access: 'writes',
    request: nothing,
    response: z.object({ before: z.number(), after: z.number() }),
  },
  'runs.change': {
    access: 'writes',
    request: z.strictObject({ run: z.number().int().positive(), changes: runChangesSchema }),
    response: nothing,
  },
  'runs.archive': { access: 'writes', request: runIds.extend({ archived: z.boolean() }), response: nothing },
  /** All or none; for a week they can be restored. */
  'runs.remove': { access: 'writes', request: runIds, response: nothing },
  'runs.restore': { access: 'writes', request: runIds, response: nothing },
  /** Adds and removes tags of several runs, all or none. */
  'runs.tag': { access: 'writes', request: runIds.extend({ add: tagsSchema, remove: tagsSchema }), response: nothing },
  /** Settings and results side by side. */
  'runs.compare': {
    access: 'reads',
    request: z.strictObject({ runs: comparedRunsSchema }),
    response: comparisonSchema,
  },
  /** At most `points` of each lane, by images; a full snapshot of a long run holds a thousand times as much. */
  'runs.curves': {
    access: 'reads',
    request: z.strictObject({ runs: comparedRunsSchema, points: z.number().int().min(2).max(1000) }),
    response: z.array(runCurvesSchema),
  },
  'runs.snapshot': { access: 'reads', request: runId, response: runSnapshotSchema },
  /** Of a run over a webcam. A frame that comes while another is on its way is refused (`run-busy`). */
  'webcam.frame': {
    access: 'writes',
    request: webcamFrameSchema,
    response: webcamAnswerSchema,
    bytes: { request: ['pixels'], response: ['corrupted', 'sketch'] },
  },
  'webcam.control': { access: 'writes', request: webcamControlSchema, response: nothing },
  /** Writes a sweep down; one of the same name takes its place, its results stay. */
  'sweeps.define': {
    access: 'writes',
    request: sweepDefinitionSchema,
    response: z.object({ sweep: z.number().int() }),
  },
  'sweeps.list': { access: 'reads', request: nothing, response: z.array(sweepStateSchema) },
  'sweeps.plan': { access: 'reads', request: sweepId, response: sweepPlanSchema },
  'sweeps.start': { access: 'writes', request: sweepId, response: nothing },
  'sweeps.stop': { access: 'writes', request: nothing, response: nothing },
  'sweeps.remove': { access: 'writes', request: sweepId, response: nothing },
  'sweeps.results': { access: 'reads', request: sweepId, response: sweepResultsSchema },
  'sweeps.importance': { access: 'reads', request: sweepId, response: z.array(layerImportanceSchema) },
  'sweeps.risk': { access: 'reads', request: sweepId, response: z.array(sweepRiskSchema) },
  ...labMethods,
  /** Of the layer map: a stretch of a lane's layer reports, reduced to columns. */
  'runs.layers': { access: 'reads', request: layersRequestSchema, response: layersAnswerSchema },
  /** Histograms of a lane's tensors, source against a checkpoint. A second or more. */
  'runs.tensors': { access: 'reads', request: tensorsRequestSchema, response: tensorsAnswerSchema },
  'runs.export': { access: 'writes', request: exportRequestSchema, response: exportResultSchema },
  /** Who was taken for what: of a lane, over the whole run or one domain, up to its newest step. */
  'runs.confusion': { access: 'reads', request: confusionRequestSchema, response: confusionSchema },
  /** A page of the images that a filter means. */
  'runs.images': { access: 'reads', request: imagesRequestSchema, response: imagesSchema },
  'runs.imagesCsv': { access: 'reads', request: imagesCsvRequestSchema, response: imagesCsvSchema },
  /** Opens the input again: throws `input-unreadable` where it moved, `input-labels` where it changed. */
  'runs.pictures': { access: 'reads', request: picturesRequestSchema, response: picturesSchema },
} as const satisfies Readonly<Record<string, ApiRow>>

export type ApiMethod = keyof typeof apiMethods
export type ApiRequest<M extends ApiMethod> = z.input<(typeof apiMethods)[M]['request']>
export type ApiResponse<M extends ApiMethod> = z.output<(typeof apiMethods)[M]['response']>
