// What the app can do, in one typed table for every host (Electron, web, tests): request and response schemas by method name.
// Transport-free: rpc/ carries these over any port; services/ implement them.
import { z } from 'zod'
import { exportRequestSchema, exportResultSchema } from './export.ts'
import { libraryModelSchema, modelChangesSchema, modelDetailsSchema, readyModelNames } from './library.ts'
import { modelInfoSchema, runChangesSchema, runEventSchema, runSnapshotSchema, runSummarySchema } from './report.ts'
import { corruptionNameSchema, severitySchema } from './corruption.ts'
import { inputOptionsSchema, modelOptionsSchema, runOptionsSchema } from './run-options.ts'
import { stageSettingsSchema, webcamAnswerSchema, webcamControlSchema, webcamFrameSchema } from './webcam.ts'
import { sweepDefinitionSchema, sweepPlanSchema, sweepResultsSchema, sweepStateSchema } from './sweep.ts'

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
})
export type AppInfo = z.output<typeof appInfoSchema>

export const inputInfoSchema = z.object({
  name: z.string(),
  path: z.string().nullable(),
  kind: z.enum(['class-folders', 'flat-folder', 'table', 'imagenet-c', 'cifar-c', 'array']),
  images: z.number().int(),
  /** `index`: the model's class that it is matched to; null = none, or left out. */
  classes: z.array(z.object({ name: z.string(), meaning: z.string().nullable(), images: z.number().int(), index: z.number().int().nullable(), how: z.enum(['chosen', 'name', 'wordnet', 'number', 'order', 'none']) })),
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
  /** Of the webcam's stage, where they are not the usual ones. */
  stage: stageSettingsSchema.optional(),
})
export type Settings = z.output<typeof settingsSchema>

/** Figure 2: mean importance of each tensor in each domain; null where it was frozen throughout. */
export const layerImportanceSchema = z.object({ label: z.string(), tensors: z.array(z.string()), domains: z.array(z.string()), values: z.array(z.array(z.number().nullable())) })
export type LayerImportance = z.output<typeof layerImportanceSchema>

/** method name -> schemas of what it takes and gives. Errors cross as `WireError`. */
export const apiMethods = {
  'app.info': { request: nothing, response: appInfoSchema },
  'app.doctor': { request: nothing, response: doctorReportSchema },
  'settings.get': { request: nothing, response: settingsSchema },
  'settings.set': { request: settingsSchema, response: settingsSchema },
  /** With a model its classes are matched. */
  'inputs.inspect': { request: z.strictObject({ input: inputOptionsSchema, model: modelOptionsSchema.nullable() }), response: inputInfoSchema },
  'models.list': { request: nothing, response: z.array(libraryModelSchema) },
  'models.add': { request: z.strictObject({ path: z.string().min(1).max(4096) }), response: libraryModelSchema },
  'models.change': { request: z.strictObject({ id: z.number().int().positive(), changes: modelChangesSchema }), response: libraryModelSchema },
  'models.duplicate': { request: z.strictObject({ id: z.number().int().positive() }), response: libraryModelSchema },
  'models.remove': { request: z.strictObject({ id: z.number().int().positive() }), response: nothing },
  /** Minutes at most: a download. */
  'models.fetch': { request: z.strictObject({ name: z.enum(readyModelNames) }), response: libraryModelSchema },
  'models.details': { request: z.strictObject({ model: modelOptionsSchema, batch: z.number().int().min(1).max(4096) }), response: modelDetailsSchema },
  'models.inspect': { request: z.strictObject({ model: modelOptionsSchema }), response: modelInfoSchema },
  'dialogs.pickFolder': { request: nothing, response: z.string().nullable() },
  'dialogs.pickModel': { request: nothing, response: z.string().nullable() },
  'runs.list': { request: nothing, response: z.array(runSummarySchema) },
  'runs.start': { request: runOptionsSchema, response: z.object({ run: z.number().int() }) },
  'runs.pause': { request: runId, response: nothing },
  'runs.continue': { request: runId, response: nothing },
  'runs.stop': { request: runId, response: nothing },
  /** Resumes a stopped, interrupted or failed run from its last committed step, in a new session process. */
  'runs.resume': { request: runId, response: nothing },
  'runs.change': { request: z.strictObject({ run: z.number().int().positive(), changes: runChangesSchema }), response: nothing },
  'runs.archive': { request: runIds.extend({ archived: z.boolean() }), response: nothing },
  /** All or none; for a week they can be restored. */
  'runs.remove': { request: runIds, response: nothing },
  'runs.restore': { request: runIds, response: nothing },
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
  'runs.export': { request: exportRequestSchema, response: exportResultSchema },
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
} as const
export type SubscriptionName = keyof typeof subscriptions
