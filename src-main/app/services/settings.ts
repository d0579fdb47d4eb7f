// What a person set in the app, and whether they ever opened it. Rows of the store's settings table.
import { settingsSchema } from '../../contract/api.ts'
import type { Settings } from '../../contract/api.ts'
import type { Records } from './records.ts'

const settingsKey = 'settings'
const openedKey = 'opened-before'

/** Settings as stored; defaults for what is missing or does not fit. */
export function readSettings(store: Records): Settings {
  const parsed = settingsSchema.safeParse(store.settings.get(settingsKey) ?? {})
  return parsed.success ? parsed.data : settingsSchema.parse({})
}

export function writeSettings(store: Records, settings: Settings): Settings {
  store.settings.set(settingsKey, settings)
  return settings
}

/** True the first time ever that this data folder is opened by the app, and not again. */
export function claimFirstLaunch(store: Records): boolean {
  if (store.settings.get(openedKey) === true) return false
  store.settings.set(openedKey, true)
  return store.runs.list().length === 0
}
