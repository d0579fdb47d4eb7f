// Reading and writing JSON columns: whatever is in the file is parsed, and a row that does not fit names itself.
import type { z } from 'zod'
import { PalmError } from '#contract/errors.ts'

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
