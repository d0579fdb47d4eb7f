// What a person set in the app, and whether they ever opened it. Rows of the store's settings table.
import { settingsKey, settingsSchema } from '#contract/app/settings.ts'
import type { Settings } from '#contract/app/settings.ts'
import { deviceChoiceSchema, devicesOf, type DeviceChoice } from '#contract/devices.ts'
import { PalmError } from '#contract/errors.ts'
import type { RunPlan } from '#contract/tables/report.ts'
import type { Records } from '#app/services/runs/records.ts'
import type { SessionSettings } from '#app/services/processes/session-process.ts'

const openedKey = 'opened-before'

/** Settings as stored; the default for each that is missing or does not fit (another version wrote it, or somebody by hand). */
export function readSettings(store: Pick<Records, 'settings'>): Settings {
  const stored = settingsOnly(store.settings.get(settingsKey))
  const whole = settingsSchema.safeParse(stored)
  if (whole.success) return whole.data
  const unfit = new Set(whole.error.issues.map(({ path }) => String(path[0])))
  return settingsSchema.parse(Object.fromEntries(Object.entries(stored).filter(([key]) => !unfit.has(key))))
}

export function writeSettings(store: Pick<Records, 'settings'>, settings: Settings): Settings {
  store.settings.set(settingsKey, settings)
  return settings
}

/** Changes what is named and leaves the rest. @throws PalmError `bad-request` */
export function changeSettings(store: Pick<Records, 'settings'>, changes: Readonly<Record<string, unknown>>): Settings {
  const parsed = settingsSchema.safeParse({ ...readSettings(store), ...changes })
  if (!parsed.success) {
    const first = parsed.error.issues[0]
    throw new PalmError(
      'bad-request',
      `That setting does not fit: ${first?.path.join('.') || 'unknown name'}, ${first?.message ?? ''}.`,
    )
  }
  return writeSettings(store, parsed.data)
}

/**
 * What a session is started with. A run that goes on keeps the threads and the precision of its first session, whatever the settings say
 * now: its numbers must be those of a run that was never stopped. `choice`: of its device; `before`: its plan; null = it begins.
 */
export function sessionSettings(
  { threads, precision }: Settings,
  choice: DeviceChoice,
  before: Pick<RunPlan, 'versions' | 'devices'> | null,
): SessionSettings {
  if (!before) return { device: choice, threads, precision }
  const setting = Number(before.versions['threadSetting'])
  return {
    device: choice,
    threads: Number.isInteger(setting) && setting > 0 ? setting : null,
    precision: devicesOf(before).at(-1)?.precision ?? 'float32',
  }
}

/**
 * Which device a run asks for: its own choice; else, where it begins, PALM_DEVICE, else the settings. Where it goes on nothing but its own choice
 * counts: it stays where it was.
 */
export function chosenDevice(
  own: DeviceChoice | null,
  before: boolean,
  { device }: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): DeviceChoice {
  return own ?? (before ? 'auto' : (deviceChoiceSchema.safeParse(environment['PALM_DEVICE']).data ?? device))
}

/** True the first time ever that this data folder is opened by the app, and not again. */
export function claimFirstLaunch(store: Records): boolean {
  if (store.settings.get(openedKey) === true) return false
  store.settings.set(openedKey, true)
  return store.runs.list().length + store.runs.damaged().length === 0
}

function settingsOnly(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).filter(([key]) => Object.hasOwn(settingsSchema.shape, key)))
}
