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
import { estimateRequestSchema, estimateSchema } from './runs/run-estimate.ts'
import {
  rememberedKinds,
  rememberedSchema,
  runTemplateSchema,
  templateChoiceSchema,
  templatesSchema,
} from './runs/run-template.ts'
import { historyViewSchema } from './runs/history.ts'
import {
  modelInfoSchema,
  runChangesSchema,
  runEventSchema,
  runSnapshotSchema,
  runSummarySchema,
  tagsSchema,
} from './tables/report.ts'
import { uploadBeginSchema, uploadIdSchema, uploadWriteSchema } from './inputs/uploads.ts'
import { corruptionNameSchema, severitySchema } from './inputs/corruption.ts'
import { inputOptionsSchema } from '#contract/inputs/input-kinds.ts'
import { inputLayoutIds } from '#contract/inputs/input-layouts.ts'
import { modelOptionsSchema, runOptionsSchema } from './runs/run-options.ts'
import { compareRequestSchema, compareResultSchema } from './compare/compare-checkpoints.ts'
import { optionRequestSchema } from './runs/option-change.ts'
import { keepPolicySchema, storagePlanSchema, storageUsageSchema } from './data/storage.ts'
import { dataCheckSchema, dataInfoSchema, moveStateSchema } from './data/data-place.ts'
import { logEntrySchema } from './log.ts'
import { stageSettingsSchema, webcamAnswerSchema, webcamControlSchema, webcamFrameSchema } from './webcam.ts'
import { sweepDefinitionSchema, sweepPlanSchema, sweepResultsSchema, sweepStateSchema } from './sweeps/sweep.ts'

const runId = z.strictObject({ run: z.number().int().positive() })
const sweepId = z.strictObject({ sweep: z.number().int().positive() })
const runIds = z.strictObject({ runs: z.array(z.number().int().positive()).min(1).max(100_000) })
const nothing = z.strictObject({})

export const doctorReportSchema = z.object({
  ok: z.boolean(),
  node: z.string(),
  platform: z.string(),
  cpu: z.string(),
  cores: z.number().int(),
  memoryBytes: z.number(),
  tensorflow: z.object({ version: z.string(), library: z.string(), device: z.string() }).nullable(),
  gigaflops: z.object({ forward: z.number(), backward: z.number() }).nullable(),
  dataFolder: z.string(),
  problems: z.array(z.object({ what: z.string(), fix: z.string() })),
})
export type DoctorReport = z.output<typeof doctorReportSchema>

export const appInfoSchema = z.object({
  version: z.string(),
  host: z.enum(['electron', 'web', 'test']),
  dataFolder: z.string(),
  firstLaunch: z.boolean(),
  native: z.object({ ok: z.boolean(), settingUp: z.boolean(), reason: z.string().nullable() }),
  /** The run that the first launch started by itself, or the one that is under way. */
  activeRun: z.number().int().nullable(),
  canPickFiles: z.boolean(),
  /** Whether the host can show a folder in the system's file manager. */
  canOpenFolders: z.boolean(),
  /** Whether a newcomer may be shown around: not at a stand, not in a test. */
  tour: z.boolean(),
})
export type AppInfo = z.output<typeof appInfoSchema>

export const inputInfoSchema = z.object({
  name: z.string(),
  path: z.string().nullable(),
  kind: z.enum(inputLayoutIds),
  images: z.number().int(),
  /** `index`: the model's class that it is matched to; null = none, or left out. */
  classes: z.array(
    z.object({
      name: z.string(),
      meaning: z.string().nullable(),
      images: z.number().int(),
      index: z.number().int().nullable(),
      how: z.enum(['chosen', 'name', 'wordnet', 'number', 'order', 'none']),
    }),
  ),
  /** Real drift; null when the images are one domain. */
  domains: z.array(z.object({ name: z.string(), images: z.number().int() })).nullable(),
  /** What corruptions there are, when the images are corrupted already. */
  variants: z.array(z.object({ corruption: corruptionNameSchema, severity: severitySchema })).nullable(),
  splits: z.array(z.string()),
  split: z.string().nullable(),
  problems: z.array(z.string()),
})
export type InputInfo = z.output<typeof inputInfoSchema>

export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** The last custom order of domains, as it was typed. */
  order: z.string().max(100_000).default(''),
  /** How the history was looked at last; absent = as it begins. */
  history: historyViewSchema.optional(),
  language: z.enum(['system', 'en', 'de']).default('system'),
  /** What computes the next session; `cuda` refuses to start where there is none. */
  device: z.enum(['auto', 'cpu', 'cuda']).default('auto'),
  /** Of TensorFlow within one operation; null = one a core. Another number gives other bits. */
  threads: z.number().int().min(1).max(256).nullable().default(null),
  /** Worker threads that decode and corrupt; null = chosen by the number of cores. Any number gives the same bits. */
  workers: z.number().int().min(1).max(64).nullable().default(null),
  /** `tf32`: NVIDIA's shortened products are allowed. Without such a GPU it is float32 either way. */
  precision: z.enum(['float32', 'tf32']).default('float32'),
  /** Whether the end of a long run is told when nobody looks; `ask` = offered at the first one. */
  notifications: z.enum(['ask', 'on', 'off']).default('ask'),
  tourSeen: z.boolean().default(false),
  /** What was chosen in the command palette, newest first. */
  recentCommands: z.array(z.string().max(100)).max(12).default([]),
  /** Of the webcam's stage, where they are not the usual ones. */
  stage: stageSettingsSchema.optional(),
})
export type Settings = z.output<typeof settingsSchema>

/** Figure 2: mean importance of each tensor in each domain; null where it was frozen throughout. */
export const layerImportanceSchema = z.object({
  label: z.string(),
  tensors: z.array(z.string()),
  domains: z.array(z.string()),
  values: z.array(z.array(z.number().nullable())),
})
export type LayerImportance = z.output<typeof layerImportanceSchema>

/** method name -> schemas of what it takes and gives. Errors cross as `WireError`. */
export const apiMethods = {
  'app.info': { request: nothing, response: appInfoSchema },
  'app.doctor': { request: nothing, response: doctorReportSchema },
  'settings.get': { request: nothing, response: settingsSchema },
  'settings.set': { request: settingsSchema, response: settingsSchema },
  /** Only what is named, so that two windows do not undo each other's. */
  'settings.change': {
    request: z.strictObject({ changes: z.record(z.string().max(100), z.unknown()) }),
    response: settingsSchema,
  },
  'data.info': { request: nothing, response: dataInfoSchema },
  /** Whether everything could be moved to that folder. */
  'data.check': { request: z.strictObject({ folder: z.string().max(4096) }), response: dataCheckSchema },
  /** Begins to copy; the subscription `data` tells how far it is. Afterwards every page is connected anew, to the new folder. */
  'data.move': { request: z.strictObject({ folder: z.string().min(1).max(4096) }), response: nothing },
  'data.cancel': { request: nothing, response: nothing },
  /** After a move: deletes the old copy, or leaves it and speaks of it no more. */
  'data.forget': { request: z.strictObject({ remove: z.boolean() }), response: nothing },
  'data.open': { request: z.strictObject({ what: z.enum(['data', 'logs']) }), response: nothing },
  /** Text to be pasted into a mail: versions, machine, last errors. Without `personal` no folder of this machine is named. */
  'app.report': { request: z.strictObject({ personal: z.boolean() }), response: z.object({ text: z.string() }) },
  /** With a model its classes are matched. */
  'inputs.inspect': {
    request: z.strictObject({ input: inputOptionsSchema, model: modelOptionsSchema.nullable() }),
    response: inputInfoSchema,
  },
  /** Pictures of one image as a run would make them. Whoever wants no more of them asks no more. */
  'inputs.preview': { request: previewRequestSchema, response: previewSchema },
  'models.list': { request: nothing, response: z.array(libraryModelSchema) },
  'models.add': { request: z.strictObject({ path: z.string().min(1).max(4096) }), response: libraryModelSchema },
  'models.change': {
    request: z.strictObject({ id: z.number().int().positive(), changes: modelChangesSchema }),
    response: libraryModelSchema,
  },
  'models.duplicate': { request: z.strictObject({ id: z.number().int().positive() }), response: libraryModelSchema },
  'models.remove': { request: z.strictObject({ id: z.number().int().positive() }), response: nothing },
  /** Minutes at most: a download. */
  'models.fetch': { request: z.strictObject({ name: z.enum(readyModelNames) }), response: libraryModelSchema },
  /** Of a fetch on its way, which then fails with `cancelled`. */
  'models.cancelFetch': { request: nothing, response: nothing },
  'models.details': {
    request: z.strictObject({ model: modelOptionsSchema, batch: z.number().int().min(1).max(4096) }),
    response: modelDetailsSchema,
  },
  'models.inspect': { request: z.strictObject({ model: modelOptionsSchema }), response: modelInfoSchema },
  'dialogs.pickFolder': { request: nothing, response: z.string().nullable() },
  'dialogs.pickModel': { request: nothing, response: z.string().nullable() },
  'runs.list': { request: nothing, response: z.array(runSummarySchema) },
  /** Time, memory and disk of a run that is not started yet. */
  'runs.estimate': { request: estimateRequestSchema, response: estimateSchema },
  /** Files of a browser, which gives no paths away: piece by piece into the data folder. */
  'uploads.begin': { request: uploadBeginSchema, response: z.object({ upload: z.string() }) },
  'uploads.write': { request: uploadWriteSchema, response: nothing },
  'uploads.finish': { request: uploadIdSchema, response: z.object({ path: z.string() }) },
  'uploads.cancel': { request: uploadIdSchema, response: nothing },
  'templates.list': { request: nothing, response: templatesSchema },
  /** A new one without a number. */
  'templates.save': {
    request: runTemplateSchema.extend({ id: runTemplateSchema.shape.id.nullable() }),
    response: runTemplateSchema,
  },
  'templates.remove': { request: z.strictObject({ id: z.number().int().positive() }), response: nothing },
  /** What a new form begins with. */
  'templates.setInitial': { request: z.strictObject({ initial: templateChoiceSchema.nullable() }), response: nothing },
  /** The settings of the run that was just started. */
  'templates.remember': { request: rememberedSchema.extend({ kind: z.enum(rememberedKinds) }), response: nothing },
  'runs.start': { request: runOptionsSchema, response: z.object({ run: z.number().int() }) },
  'runs.pause': { request: runId, response: nothing },
  'runs.continue': { request: runId, response: nothing },
  'runs.stop': { request: runId, response: nothing },
  /** Resumes a stopped, interrupted or failed run from its last committed step, in a new session process. */
  'runs.resume': { request: runId, response: nothing },
  /** One batch of a paused run. */
  'runs.step': { request: runId, response: nothing },
  /** Another value of an option from the next step on; recorded with the run. */
  'runs.adjust': {
    request: z.strictObject({ run: z.number().int().positive(), change: optionRequestSchema }),
    response: nothing,
  },
  /** A new run from the checkpoints after a step of another one, perhaps with other options from there on. `stop`: the other one is stopped first, where it is under way. */
  'runs.branch': {
    request: z.strictObject({
      run: z.number().int().positive(),
      step: z.number().int().nonnegative(),
      options: z.array(optionRequestSchema).max(1000).default([]),
      name: z.string().max(200).default(''),
      stop: z.boolean().default(false),
    }),
    response: z.object({ run: z.number().int() }),
  },
  'checkpoints.compare': { request: compareRequestSchema, response: compareResultSchema },
  'storage.usage': { request: nothing, response: storageUsageSchema },
  'storage.setPolicy': { request: keepPolicySchema, response: keepPolicySchema },
  /** What a policy would remove now; `runs` null = of all. */
  'storage.plan': {
    request: z.strictObject({
      policy: keepPolicySchema,
      runs: z.array(z.number().int().positive()).max(100_000).nullable(),
    }),
    response: storagePlanSchema,
  },
  /** Removes it for good. */
  'storage.apply': {
    request: z.strictObject({
      policy: keepPolicySchema,
      runs: z.array(z.number().int().positive()).max(100_000).nullable(),
    }),
    response: z.object({ checkpoints: z.number().int(), bytes: z.number() }),
  },
  /** Gives unused space of the file back to the system. Minutes at most, where the file is large. */
  'storage.shrink': { request: nothing, response: z.object({ before: z.number(), after: z.number() }) },
  'runs.change': {
    request: z.strictObject({ run: z.number().int().positive(), changes: runChangesSchema }),
    response: nothing,
  },
  'runs.archive': { request: runIds.extend({ archived: z.boolean() }), response: nothing },
  /** All or none; for a week they can be restored. */
  'runs.remove': { request: runIds, response: nothing },
  'runs.restore': { request: runIds, response: nothing },
  /** Adds and removes tags of several runs, all or none. */
  'runs.tag': { request: runIds.extend({ add: tagsSchema, remove: tagsSchema }), response: nothing },
  /** Settings and results side by side. */
  'runs.compare': { request: z.strictObject({ runs: comparedRunsSchema }), response: comparisonSchema },
  /** At most `points` of each lane, by images; a full snapshot of a long run holds a thousand times as much. */
  'runs.curves': {
    request: z.strictObject({ runs: comparedRunsSchema, points: z.number().int().min(2).max(1000) }),
    response: z.array(runCurvesSchema),
  },
  'runs.snapshot': { request: runId, response: runSnapshotSchema },
  /** Of a run over a webcam. A frame that comes while another is on its way is refused (`run-busy`). */
  'webcam.frame': { request: webcamFrameSchema, response: webcamAnswerSchema },
  'webcam.control': { request: webcamControlSchema, response: nothing },
  /** Writes a sweep down; one of the same name takes its place, its results stay. */
  'sweeps.define': { request: sweepDefinitionSchema, response: z.object({ sweep: z.number().int() }) },
  'sweeps.list': { request: nothing, response: z.array(sweepStateSchema) },
  'sweeps.plan': { request: sweepId, response: sweepPlanSchema },
  'sweeps.start': { request: sweepId, response: nothing },
  'sweeps.stop': { request: nothing, response: nothing },
  'sweeps.remove': { request: sweepId, response: nothing },
  'sweeps.results': { request: sweepId, response: sweepResultsSchema },
  'sweeps.importance': { request: sweepId, response: z.array(layerImportanceSchema) },
  /** Of the layer map: a stretch of a lane's layer reports, reduced to columns. */
  'runs.layers': { request: layersRequestSchema, response: layersAnswerSchema },
  /** Histograms of a lane's tensors, source against a checkpoint. A second or more. */
  'runs.tensors': { request: tensorsRequestSchema, response: tensorsAnswerSchema },
  'runs.export': { request: exportRequestSchema, response: exportResultSchema },
  /** Who was taken for what: of a lane, over the whole run or one domain, up to its newest step. */
  'runs.confusion': { request: confusionRequestSchema, response: confusionSchema },
  /** A page of the images that a filter means. */
  'runs.images': { request: imagesRequestSchema, response: imagesSchema },
  'runs.imagesCsv': { request: imagesCsvRequestSchema, response: imagesCsvSchema },
  /** Opens the input again: throws `input-unreadable` where it moved, `input-labels` where it changed. */
  'runs.pictures': { request: picturesRequestSchema, response: picturesSchema },
} as const

export type ApiMethod = keyof typeof apiMethods
export type ApiRequest<M extends ApiMethod> = z.input<(typeof apiMethods)[M]['request']>
export type ApiResponse<M extends ApiMethod> = z.output<(typeof apiMethods)[M]['response']>

/** Events that a client subscribes to: `run` with a run's id gives the snapshot, then every later event of that run in order. */
export const subscriptions = {
  run: { request: runId, snapshot: runSnapshotSchema, event: runEventSchema },
  /** The list of runs, deleted ones among them, changed: one summary at a time. */
  runs: { request: nothing, snapshot: z.array(runSummarySchema), event: runSummarySchema },
  /** The same of the sweeps. */
  sweeps: { request: nothing, snapshot: z.array(sweepStateSchema), event: sweepStateSchema },
  /** Whoever changed them. */
  settings: { request: nothing, snapshot: settingsSchema, event: settingsSchema },
  /** A move of the data folder. */
  data: { request: nothing, snapshot: moveStateSchema, event: moveStateSchema },
  /** The newest entries, oldest first, then each later one. */
  log: { request: nothing, snapshot: z.array(logEntrySchema), event: logEntrySchema },
} as const
export type SubscriptionName = keyof typeof subscriptions
