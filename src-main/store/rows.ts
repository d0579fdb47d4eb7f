// Reading and writing JSON columns: whatever is in the file is parsed, and a row that does not fit names itself.
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import type { DamagedPart, DamagedRow, DamagedTable } from '#contract/data/damage.ts'

export function parseRow<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new PalmError(
    'store-damaged',
    `The database holds a row that does not fit (${what}).`,
    `${issue?.path.join('.')}: ${issue?.message}`,
  )
}

export function parseJson<T extends z.ZodType>(schema: T, text: unknown, what: string): z.output<T> {
  return parseRow(schema, jsonOf(String(text), what), what)
}

/** What a JSON column holds, still to be parsed. */
export function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new PalmError('store-damaged', `The database holds a row that is not JSON (${what}).`, String(cause), {
      cause,
    })
  }
}

/** Rows that fit, and what is wrong with each of the others: a damaged row keeps no other from being read. */
export interface ReadRows<T, Damage> {
  readonly rows: T[]
  readonly damaged: Damage[]
}

/** For lists that are shown. Where numbers depend on every row, parse them and let the first damaged one fail. @throws what is no `store-damaged` */
export function readEach<Row, T, Damage>(
  rows: Iterable<Row>,
  parse: (row: Row) => T,
  damageOf: (row: Row, error: PalmError) => Damage,
): ReadRows<T, Damage> {
  const read: ReadRows<T, Damage> = { rows: [], damaged: [] }
  for (const row of rows) {
    try {
      read.rows.push(parse(row))
    } catch (thrown) {
      if (!(thrown instanceof PalmError) || thrown.code !== 'store-damaged') throw thrown
      read.damaged.push(damageOf(row, thrown))
    }
  }
  return read
}

const namedSchema = z.looseObject({
  id: z.union([z.number(), z.string()]).catch(''),
  name: z.string().catch(''),
})

/** How a damaged row of a list names itself; `row` has an `id` and perhaps a `name`. */
export const damagedRowOf =
  (table: DamagedTable) =>
  (row: unknown, { message, detail }: PalmError): DamagedRow => {
    const { id, name } = namedSchema.parse(row)
    return { table, key: String(id), name, message, detail: detail ?? '' }
  }

/** How damaged rows of a run are told. */
export function damagedPart(table: DamagedPart['table'], damaged: readonly PalmError[]): DamagedPart[] {
  const [first] = damaged
  return first ? [{ table, rows: damaged.length, first: first.detail ?? first.message }] : []
}
