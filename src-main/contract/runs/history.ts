// How the history of runs is looked at: what it is narrowed to, in which order. Kept in the settings, so that it is there again after a restart.
import { z } from 'zod'
import { runStatusSchema } from '#contract/tables/report.ts'

const text = z.string().min(1).max(4096)
const day = z.iso.date()

/** Each narrows the list; several of one field widen each other (`done` or `stopped`), other fields narrow further. */
export const historyFilterSchema = z.discriminatedUnion('field', [
  z.strictObject({ field: z.literal('status'), value: runStatusSchema }),
  z.strictObject({ field: z.literal('method'), value: text }),
  z.strictObject({ field: z.literal('model'), value: text }),
  z.strictObject({ field: z.literal('input'), value: text }),
  z.strictObject({ field: z.literal('tag'), value: text }),
  /** Days where the person is, both included; null = open. */
  z.strictObject({ field: z.literal('started'), from: day.nullable(), to: day.nullable() }),
  /** Of the best lane, percent. */
  z.strictObject({
    field: z.literal('error'),
    from: z.number().min(0).max(100).nullable(),
    to: z.number().min(0).max(100).nullable(),
  }),
])
export type HistoryFilter = z.output<typeof historyFilterSchema>
export type FilterField = HistoryFilter['field']
export const filterFields = [
  'status',
  'method',
  'model',
  'input',
  'tag',
  'started',
  'error',
] as const satisfies readonly FilterField[]

export const historySortKeys = ['id', 'name', 'status', 'input', 'best'] as const

export const historyViewSchema = z.strictObject({
  filters: z.array(historyFilterSchema).max(100).default([]),
  sort: z.enum(historySortKeys).default('id'),
  rising: z.boolean().default(false),
})
export type HistoryView = z.output<typeof historyViewSchema>
