// Settings of a run that are kept under a name, and those of the last run: what the form of a new run fills itself with. Not a run's options: those are
// complete, these say what a person chose, so that they fit another model and other images.
import { inputDomains, inputOptionsSchema, keptInputKinds } from '#contract/inputs/input-kinds.ts'
import { z } from 'zod'
import { corruptionFamilySchema, corruptionNameSchema, severitySchema } from '#contract/inputs/corruption.ts'
import { deviceChoiceSchema } from '#contract/devices.ts'
import { methodIds } from '#contract/methods/method-info.ts'
import type { MethodId } from '#contract/methods/methods.ts'
import { palmPresetNames } from '#contract/methods/presets.ts'
import { imageOrders, laneSchema, modelOptionsSchema, orderedDomainSchema, schedules } from './run-options.ts'

const methodSchema = z.enum(methodIds as readonly [MethodId, ...MethodId[]])
const optionValue = z.union([z.number(), z.string().max(200), z.boolean(), z.null()])

export const runSettingsSchema = z.strictObject({
  methods: z.array(methodSchema).max(100),
  /** Null = the one that suits the model. */
  preset: z.enum(palmPresetNames).nullable().default(null),
  variant: z.enum(['reference', 'paper']).default('reference'),
  /** Options that are not as the preset has them, by method. */
  differs: z.partialRecord(methodSchema, z.record(z.string().max(60), optionValue)).default({}),
  /** Further lanes of a method that has one already. */
  extraLanes: z.array(laneSchema).max(31).default([]),
  schedule: z.enum(schedules).default('continual'),
  corruptions: z.array(corruptionNameSchema).max(200),
  severities: z.array(severitySchema).max(20).default([5]),
  order: z.array(orderedDomainSchema).max(10_000).default([]),
  cycles: z.number().int().min(1).max(1000).default(1),
  family: z.union([z.literal('auto'), corruptionFamilySchema]).default('auto'),
  /** Null = the preset's. */
  batchSize: z.number().int().min(1).max(4096).nullable().default(null),
  limit: z.number().int().min(1).max(100_000_000).nullable().default(null),
  seed: z.number().int().min(0).max(0xffffffff).default(0),
  imageOrder: z.enum(imageOrders).default('shuffled'),
  dirichletDelta: z.number().finite().positive().max(1e6).default(0.1),
  window: z.number().int().min(2).max(4096).nullable().default(null),
  guard: z.boolean().default(false),
  /** Real drift. */
  domains: z.enum(inputDomains).default('none'),
  sourceLimit: z.number().int().min(1).max(100_000).default(2000),
  /** Null = as the program's settings say. */
  device: deviceChoiceSchema.nullable().default(null),
})
export type RunSettings = z.output<typeof runSettingsSchema>
export type RunSettingsInput = z.input<typeof runSettingsSchema>

/** Images and model that are kept with settings. */
export const runPlaceSchema = z.strictObject({
  input: inputOptionsSchema.nullable(),
  model: modelOptionsSchema.nullable(),
  source: inputOptionsSchema.nullable().default(null),
})
export type RunPlace = z.output<typeof runPlaceSchema>

export const templateNameSchema = z.string().trim().min(1).max(80)
export const runTemplateSchema = z.strictObject({
  id: z.number().int().positive(),
  name: templateNameSchema,
  settings: runSettingsSchema,
  place: runPlaceSchema.nullable().default(null),
})
export type RunTemplate = z.output<typeof runTemplateSchema>

/** Names of those that ship (contract/runs/ready-templates.ts). */
export const readyTemplateNames = ['quick', 'fragile', 'table1', 'imagenet', 'gradual', 'drift', 'single'] as const
export type ReadyTemplateName = (typeof readyTemplateNames)[number]

/** A template: one's own by its number, one that ships by its name. */
export const templateChoiceSchema = z.union([z.number().int().positive(), z.enum(readyTemplateNames)])
export type TemplateChoice = z.output<typeof templateChoiceSchema>

export const rememberedSchema = z.strictObject({ settings: runSettingsSchema, place: runPlaceSchema })
export type Remembered = z.output<typeof rememberedSchema>

export const templatesSchema = z.object({
  templates: z.array(runTemplateSchema),
  /** What a new form begins with; null = the last settings. */
  initial: templateChoiceSchema.nullable(),
  /** The last settings for each kind of input; null = none yet. */
  last: z.record(z.enum(keptInputKinds), rememberedSchema.nullable()),
  /** What of it could not be read and was left out. */
  ignored: z.number().int().nonnegative(),
})
export type Templates = z.output<typeof templatesSchema>
