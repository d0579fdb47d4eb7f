// What the data folder keeps of the app's connection to a lab: where it is and which sweeps are there. Never the password.
import { z } from 'zod'
import { labPlaceSchema } from '#contract/sweeps/lab-view.ts'
import type { Store } from '#store/store.ts'

const key = 'lab'
const keptSchema = z.strictObject({
  place: labPlaceSchema,
  /** Whether it was connected when the program ended, and with a password. */
  connected: z.boolean(),
  asked: z.boolean(),
  sweeps: z.array(z.number().int()),
})

/** Null where there is none, or none that fits. */
export const readLab = (store: Pick<Store, 'settings'>): z.output<typeof keptSchema> | null =>
  keptSchema.safeParse(store.settings.get(key)).data ?? null

export const writeLab = (store: Pick<Store, 'settings'>, kept: z.output<typeof keptSchema>): void =>
  store.settings.set(key, kept)
