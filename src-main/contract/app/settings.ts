// The settings of a data folder: every window sees the same ones.
import { z } from 'zod'
import { deviceChoiceSchema, precisionSchema } from '#contract/devices.ts'
import { historyViewSchema } from '#contract/runs/history.ts'
import { reportsChoiceSchema } from '#contract/runs/kept-reports.ts'
import { layoutsSchema } from './layout.ts'
import { stageSettingsSchema } from '#contract/webcam.ts'

/** Under which they lie in the data folder's database. */
export const settingsKey = 'settings'

export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** The last custom order of domains, as it was typed. */
  order: z.string().max(100_000).default(''),
  /** How the history was looked at last; absent = as it begins. */
  history: historyViewSchema.optional(),
  language: z.enum(['system', 'en', 'de']).default('system'),
  /** What computes the next run, where that does not say it itself (contract/devices.ts). */
  device: deviceChoiceSchema.default('auto'),
  /** Of TensorFlow within one operation; null = one a core. Another number gives other bits. */
  threads: z.number().int().min(1).max(256).nullable().default(null),
  /** Worker threads that decode and corrupt; null = chosen by the number of cores. Any number gives the same bits. */
  workers: z.number().int().min(1).max(64).nullable().default(null),
  /** `tf32`: NVIDIA's shortened products are allowed. Without such a GPU it is float32 either way. */
  precision: precisionSchema.default('float32'),
  /** Of the tensor reports of long runs. */
  tensorReports: reportsChoiceSchema,
  /** Whether the end of a long run is told when nobody looks; `ask` = offered at the first one. */
  notifications: z.enum(['ask', 'on', 'off']).default('ask'),
  /** Whether the program may ask by itself, once a day, if there is a newer version of it. */
  lookForUpdates: z.boolean().default(false),
  tourSeen: z.boolean().default(false),
  /** What was chosen in the command palette, newest first. */
  recentCommands: z.array(z.string().max(100)).max(12).default([]),
  /** Of the live screen, where its panels were dragged. */
  layouts: layoutsSchema.optional(),
  /** Paths that were taken off the list of recent ones, each with the newest run of then: a later run that uses it brings it back. */
  forgotten: z
    .array(z.strictObject({ path: z.string().max(4096), run: z.number().int().nonnegative() }))
    .max(100)
    .default([]),
  /** Of the webcam's stage, where they are not the usual ones. */
  stage: stageSettingsSchema.optional(),
})
export type Settings = z.output<typeof settingsSchema>
