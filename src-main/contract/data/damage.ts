// Rows of the database that cannot be read: which, and what of them does not fit. A damaged row keeps no other from being used.
import { z } from 'zod'
import type { ApiRow } from '#contract/api-row.ts'

/** Tables that are shown as lists. What belongs to a run (its domains' sums, its changed options) counts as the run. */
export const damagedTables = ['runs', 'models', 'sweeps', 'queue', 'settings'] as const
export type DamagedTable = (typeof damagedTables)[number]

const rowOfTable = z.strictObject({ table: z.enum(damagedTables), key: z.string().max(200) })
export type DamagedKey = z.output<typeof rowOfTable>

export const damagedRowSchema = rowOfTable.extend({
  /** As far as it can be read; '' where nothing of it can. */
  name: z.string(),
  message: z.string(),
  detail: z.string(),
})
/** `key`: its number, or a setting's name. */
export type DamagedRow = z.output<typeof damagedRowSchema>

/** Rows of a run that are left out wherever it is shown, by table. */
export const damagedPartSchema = z.object({
  table: z.enum(['steps', 'checkpoints', 'collapses', 'skipped_files']),
  rows: z.number().int().positive(),
  /** What does not fit in the first of them. */
  first: z.string(),
})
export type DamagedPart = z.output<typeof damagedPartSchema>

/** A part of the table of methods (api.ts). */
export const damageMethods = {
  'damage.list': { access: 'reads', request: z.strictObject({}), response: z.array(damagedRowSchema) },
  /** All of it that can be read, as JSON. */
  'damage.read': { access: 'reads', request: rowOfTable, response: z.object({ text: z.string() }) },
  /** For good. Throws `bad-request` where the row is not damaged, `run-busy` where its session lives. */
  'damage.remove': { access: 'writes', request: rowOfTable, response: z.strictObject({}) },
} as const satisfies Readonly<Record<string, ApiRow>>
