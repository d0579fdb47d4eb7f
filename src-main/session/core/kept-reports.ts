// What a run that begins will keep of its tensor reports: as the settings of its data folder say now.
import { z } from 'zod'
import { settingsKey } from '#contract/app/settings.ts'
import { keptReports, reportsChoiceSchema, type KeptReports } from '#contract/runs/kept-reports.ts'
import type { Store } from '#store/store.ts'

const choiceSchema = z.looseObject({ tensorReports: reportsChoiceSchema.catch('thin') })

/** Null = all. `totalSteps` null: it is live. */
export function keptReportsNow({ settings }: Pick<Store, 'settings'>, totalSteps: number | null): KeptReports | null {
  const stored = choiceSchema.safeParse(settings.get(settingsKey) ?? {})
  return keptReports(stored.success ? stored.data.tensorReports : 'thin', totalSteps)
}
