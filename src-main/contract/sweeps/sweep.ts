// A sweep: a grid of methods and options over models, inputs, schedules and seeds, as it is written down, planned and told of. Its smallest part is
// a cell: one lane on one stream, known by its content, so that the same settings are computed once.
import { z } from 'zod'
import {
  corruptionFamilySchema,
  corruptionNameSchema,
  benchmarkCorruptions,
  severitySchema,
} from '#contract/inputs/corruption.ts'
import { cleanCheckSchema } from '#contract/runs/clean-check.ts'
import { collapseSchema } from '#contract/tables/report.ts'
import { methodIds } from '#contract/methods/method-info.ts'
import { laneOptionsSchema, schemaOf, type MethodId } from '#contract/methods/methods.ts'
import { palmPresetNames } from '#contract/methods/presets.ts'
import { inputOptionsSchema } from '#contract/inputs/input-kinds.ts'
import { imageOrders, modelOptionsSchema, orderedDomainSchema, schedules } from '#contract/runs/run-options.ts'

/** Part of every cell's key: raised when a change of the program alters what a cell computes, so that old results are not taken for new ones. */
export const resultsRevision = 1

const positive = z.number().finite().positive()
const scalar = z.union([z.number(), z.string().max(200), z.boolean(), z.null()])
const methodId = z.enum(methodIds as [MethodId, ...MethodId[]])

/** A method by name, or with options, each one value or a list of them (a grid). */
export const sweepMethodSchema = z.union([
  methodId,
  z
    .object({ method: methodId, label: z.string().min(1).max(80).optional() })
    .catchall(z.union([scalar, z.array(scalar).min(1).max(100)]))
    .superRefine((entry, context) => {
      const known = Object.keys(schemaOf(entry.method).shape)
      for (const name of Object.keys(entry)) {
        if (name !== 'label' && !known.includes(name))
          context.addIssue({
            code: 'custom',
            message: `${entry.method} has no option ${name}; it has ${known.filter((key) => key !== 'method').join(', ') || 'none'}`,
            path: [name],
          })
      }
    }),
])
export type SweepMethod = z.output<typeof sweepMethodSchema>

/** What a table of the sweep is about. */
export const tableKinds = ['errors', 'curve', 'importance', 'adapted', 'costs', 'risk'] as const
export type TableKind = (typeof tableKinds)[number]

export const sweepDefinitionSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w .-]{0,79}$/, 'a name has letters, digits, blanks, dots, hyphens and underscores'),
  title: z.string().max(200).default(''),
  /** The paper's table whose numbers stand beside, e.g. `table1`. */
  paper: z.string().max(40).nullable().default(null),
  /** What is shown of it first. */
  shows: z.enum(tableKinds).default('errors'),
  inputs: z.array(inputOptionsSchema).min(1).max(100),
  models: z.array(modelOptionsSchema).min(1).max(100),
  source: inputOptionsSchema.nullable().default(null),
  sourceLimit: z.number().int().min(1).max(100_000).default(2000),
  preset: z.enum(palmPresetNames),
  methods: z.array(sweepMethodSchema).min(1).max(200),
  schedules: z.array(z.enum(schedules)).min(1).max(10).default(['continual']),
  corruptions: z
    .array(corruptionNameSchema)
    .max(200)
    .default([...benchmarkCorruptions]),
  severities: z.array(severitySchema).min(1).max(20).default([5]),
  order: z.array(orderedDomainSchema).max(10_000).default([]),
  /** Schedules that order the images themselves do not look at it. */
  imageOrder: z.enum(imageOrders).default('shuffled'),
  cycles: z.number().int().min(1).max(1000).default(1),
  window: z.number().int().min(2).max(4096).nullable().default(null),
  guard: z.boolean().default(false),
  family: z.union([z.literal('auto'), corruptionFamilySchema]).default('auto'),
  /** null = the preset's. */
  batchSize: z.number().int().min(1).max(4096).nullable().default(null),
  seeds: z.array(z.number().int().min(0).max(0xffffffff)).min(1).max(1000).default([0]),
  limit: z.number().int().min(1).max(100_000_000).nullable().default(null),
  dirichletDelta: positive.max(1e6).default(0.1),
})
export type SweepDefinition = z.output<typeof sweepDefinitionSchema>
export type SweepDefinitionInput = z.input<typeof sweepDefinitionSchema>

/** A row of a sweep's tables: one method with options, on one input, model and schedule. Seeds are folded into it. */
export const sweepRowSchema = z.object({
  label: z.string(),
  options: laneOptionsSchema,
  input: z.number().int(),
  model: z.number().int(),
  schedule: z.enum(schedules),
  /** Per seed; null = not computed yet. */
  seeds: z.array(
    z
      .object({
        seed: z.number().int(),
        run: z.number().int(),
        lane: z.string(),
        status: z.string(),
        meanErrorPct: z.number().nullable(),
        perDomain: z.array(z.number().nullable()),
        adaptedShare: z.number(),
        msPerImage: z.number().nullable(),
        peakBytes: z.number(),
        collapses: z.array(collapseSchema),
        /** What it was computed on, in order: kind of device, and TF32 where it was on. */
        devices: z.array(z.string()).default([]),
      })
      .nullable(),
  ),
  /** Why it cannot be computed, in words; null = it can. */
  refused: z.string().nullable(),
})
export type SweepRow = z.output<typeof sweepRowSchema>

const paperTableSchema = z.object({
  title: z.string(),
  dataset: z.string(),
  setting: z.string(),
  unit: z.string(),
  model: z.string().nullable(),
  columns: z.array(z.string()),
  rows: z.array(
    z.object({
      method: z.string(),
      dataset: z.string().nullable(),
      values: z.array(z.number().nullable()),
      mean: z.number().nullable(),
    }),
  ),
})
export type PaperTable = z.output<typeof paperTableSchema>
export const paperTablesSchema = z.object({ source: z.string(), tables: z.record(z.string(), paperTableSchema) })

/** Everything that the tables of a sweep are made from. */
export const sweepResultsSchema = z.object({
  id: z.number().int(),
  definition: sweepDefinitionSchema,
  inputNames: z.array(z.string()),
  modelNames: z.array(z.string()),
  /** Domains in order, per schedule. */
  domains: z.record(z.string(), z.array(z.string())),
  rows: z.array(sweepRowSchema),
  /** One line on what the numbers were computed with. */
  protocol: z.string(),
  /** Models that were no better than guessing on images of an input, unadapted (contract/runs/first-look.ts): their rows mean little. */
  guessing: z.array(
    z.object({
      input: z.string(),
      model: z.string(),
      check: cleanCheckSchema,
      /** What the images were: `clean`, or a corruption and its severity where there were no clean ones. */
      seen: z.string(),
      mean: z.array(z.number()),
      std: z.array(z.number()),
    }),
  ),
  /** What it does otherwise than the table of the paper whose title it has (paper-settings.ts); nothing = as the paper, or no such title. */
  differences: z.array(z.string()),
  paper: z.object({ source: z.string(), table: paperTableSchema }).nullable(),
})
export type SweepResults = z.output<typeof sweepResultsSchema>

export const sweepPlanSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  title: z.string(),
  cells: z.number().int(),
  done: z.number().int(),
  /** Runs that are still to be made or ended. */
  runs: z.number().int(),
  images: z.number().int(),
  /** Rough; null when nothing is known of this machine yet. */
  estimateMs: z.number().nullable(),
  refused: z.array(z.object({ label: z.string(), reason: z.string() })),
  preset: z.enum(palmPresetNames),
  batchSize: z.number().int(),
  imageOrder: z.enum(imageOrders),
  /** As in the results. */
  differences: z.array(z.string()),
})
export type SweepPlan = z.output<typeof sweepPlanSchema>

export const sweepStateSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  title: z.string(),
  createdAt: z.number(),
  state: z.enum(['idle', 'planning', 'running', 'stopping', 'done', 'failed']),
  cells: z.number().int(),
  done: z.number().int(),
  activeRuns: z.array(z.number().int()),
  message: z.string().nullable(),
})
export type SweepState = z.output<typeof sweepStateSchema>

/** PALM's settings on one input, model and schedule, judged without labels (contract/tables/setting-risk.ts), in per cent of the images. */
export const sweepRiskSchema = z.object({
  input: z.number().int(),
  model: z.number().int(),
  schedule: z.enum(schedules),
  images: z.number().int(),
  rows: z.array(
    z.object({
      label: z.string(),
      riskPct: z.number(),
      unsurePct: z.number(),
      lessVariedPct: z.number(),
      /** Of the labels, where there are any; not part of the risk. */
      errorPct: z.number().nullable(),
    }),
  ),
  /** Settings of which nothing is computed: not judged. */
  missing: z.array(z.string()),
})
export type SweepRisk = z.output<typeof sweepRiskSchema>

/** Figure 2: mean importance of each tensor in each domain; null where it was frozen throughout. */
export const layerImportanceSchema = z.object({
  label: z.string(),
  tensors: z.array(z.string()),
  domains: z.array(z.string()),
  values: z.array(z.array(z.number().nullable())),
})
export type LayerImportance = z.output<typeof layerImportanceSchema>
