// What the program says of itself and of its machine.
import { z } from 'zod'
import { offeredDeviceSchema, usedDeviceSchema } from '#contract/devices.ts'

export const doctorReportSchema = z.object({
  ok: z.boolean(),
  node: z.string(),
  platform: z.string(),
  cpu: z.string(),
  cores: z.number().int(),
  memoryBytes: z.number(),
  tensorflow: z.object({ version: z.string(), library: z.string(), device: z.string() }).nullable(),
  /** What would compute a run now; null = nothing can. */
  device: usedDeviceSchema.omit({ from: true }).nullable(),
  offers: z.array(offeredDeviceSchema),
  /** How far TF32 was off on the NVIDIA card that is there, relative to the largest number; null = not measured. */
  tf32Deviation: z.number().nullable(),
  gigaflops: z.object({ forward: z.number(), backward: z.number() }).nullable(),
  /** Comparisons with the processor's numbers, and how many were beyond their limits. */
  proof: z.object({ checks: z.number().int(), deviations: z.number().int(), largest: z.number() }).nullable(),
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
  /** The run that the first launch started by itself, or the newest one that is under way. */
  activeRun: z.number().int().nullable(),
  canPickFiles: z.boolean(),
  /** Whether its dialog takes folders and files at once; else each has a button of its own. */
  picksEither: z.boolean(),
  /** Whether the host can show a folder in the system's file manager. */
  canOpenFolders: z.boolean(),
  /** Whether a newcomer may be shown around: not at a stand, not in a test. */
  tour: z.boolean(),
})
export type AppInfo = z.output<typeof appInfoSchema>
