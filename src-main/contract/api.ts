// What the app can do, in one typed table for every host (Electron, web, tests): request and response schemas by method name.
// Transport-free: rpc/ carries these over any port; services/ implement them.
import { z } from 'zod'
import { modelInfoSchema, runEventSchema, runSnapshotSchema, runSummarySchema } from './report.ts'
import { modelOptionsSchema, runOptionsSchema } from './run-options.ts'
import { sweepDefinitionSchema, sweepPlanSchema, sweepResultsSchema, sweepStateSchema } from './sweep.ts'

const runId = z.strictObject({ run: z.number().int().positive() })
const sweepId = z.strictObject({ sweep: z.number().int().positive() })
const nothing = z.strictObject({})
const path = z.string().min(1).max(4096)

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
  images: z.number().int(),
  classes: z.array(z.object({ name: z.string(), images: z.number().int() })),
  problems: z.array(z.string()),
})
export type InputInfo = z.output<typeof inputInfoSchema>

export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** The last custom order of domains, as it was typed. */
  order: z.string().max(100_000).default(''),
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
  'inputs.inspect': { request: z.strictObject({ path }), response: inputInfoSchema },
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
  'runs.snapshot': { request: runId, response: runSnapshotSchema },
  /** Writes a sweep down; one of the same name takes its place, its results stay. */
  'sweeps.define': { request: sweepDefinitionSchema, response: z.object({ sweep: z.number().int() }) },
  'sweeps.list': { request: nothing, response: z.array(sweepStateSchema) },
  'sweeps.plan': { request: sweepId, response: sweepPlanSchema },
  'sweeps.start': { request: sweepId, response: nothing },
  'sweeps.stop': { request: nothing, response: nothing },
  'sweeps.remove': { request: sweepId, response: nothing },
  'sweeps.results': { request: sweepId, response: sweepResultsSchema },
  'sweeps.importance': { request: sweepId, response: z.array(layerImportanceSchema) },
  'runs.export': {
    request: z.strictObject({ run: z.number().int().positive(), checkpoint: z.number().int().nonnegative(), path }),
    response: z.object({ path: z.string(), sizeBytes: z.number() }),
  },
} as const

export type ApiMethod = keyof typeof apiMethods
export type ApiRequest<M extends ApiMethod> = z.input<(typeof apiMethods)[M]['request']>
export type ApiResponse<M extends ApiMethod> = z.output<(typeof apiMethods)[M]['response']>

/** Events that a client subscribes to: `run` with a run's id gives the snapshot, then every later event of that run in order. */
export const subscriptions = {
  run: { request: runId, snapshot: runSnapshotSchema, event: runEventSchema },
  /** The list of runs changed: one summary at a time. */
  runs: { request: nothing, snapshot: z.array(runSummarySchema), event: runSummarySchema },
  /** The same of the sweeps. */
  sweeps: { request: nothing, snapshot: z.array(sweepStateSchema), event: sweepStateSchema },
} as const
export type SubscriptionName = keyof typeof subscriptions
