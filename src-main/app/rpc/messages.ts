// The frames that cross a port, as JSON. A frame says what it is about; the payload inside is parsed by the schema of its
// method or subscription (contract/api.ts), on the side where it arrives.
import { z } from 'zod'
import { wireErrorSchema } from '#contract/errors.ts'

const id = z.number().int().nonnegative()

export const toServerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('call'), id, method: z.string(), request: z.unknown() }),
  z.strictObject({ type: z.literal('subscribe'), id, name: z.string(), request: z.unknown() }),
  z.strictObject({ type: z.literal('unsubscribe'), id }),
])
export type ToServer = z.output<typeof toServerSchema>

export const toClientSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('result'), id, response: z.unknown() }),
  /** Answers a call, or ends a subscription. */
  z.strictObject({ type: z.literal('error'), id, error: wireErrorSchema }),
  z.strictObject({ type: z.literal('snapshot'), id, snapshot: z.unknown() }),
  z.strictObject({ type: z.literal('event'), id, event: z.unknown() }),
])
export type ToClient = z.output<typeof toClientSchema>

/** The frame in `message`, or null when it is not JSON or not a frame of this schema. */
export function parseFrame<T>(schema: z.ZodType<T>, message: string): T | null {
  let json: unknown
  try {
    json = JSON.parse(message)
  } catch {
    return null
  }
  const parsed = schema.safeParse(json)
  return parsed.success ? parsed.data : null
}

/** What does not fit, in one line: `batchSize: Too small: expected number to be >=1`. */
export function describeMisfit(error: z.ZodError): string {
  return error.issues
    .map((issue) => (issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message))
    .join('; ')
}
