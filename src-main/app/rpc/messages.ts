// The frames that cross a port. A frame says what it is about; the payload inside is parsed by the schema of its method or
// subscription (contract/api.ts), on the side where it arrives. How a frame becomes a message is in packing.ts.
import { z } from 'zod'
import { wireErrorSchema } from '#contract/errors.ts'
import { idOf, unpackMessage, type Message, type PayloadKey } from './packing.ts'

const id = z.number().int().nonnegative()

export const toServerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('call'), id, method: z.string(), request: z.unknown() }),
  z.strictObject({ type: z.literal('subscribe'), id, name: z.string(), request: z.unknown() }),
  z.strictObject({ type: z.literal('unsubscribe'), id }),
  /** The client did not understand a message; it is written to the log. */
  z.strictObject({ type: z.literal('misfit'), id, reason: z.string().max(1000) }),
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

export type ParsedFrame<T> =
  | { readonly ok: true; readonly frame: T; readonly byteFields: readonly string[] }
  /** `id` 0, which no client uses, where none can be read. */
  | { readonly ok: false; readonly id: number; readonly reason: string }

/** The frame in a message, or why there is none. */
export function parseFrame<T>(schema: z.ZodType<T>, message: Message, key: PayloadKey): ParsedFrame<T> {
  const misfit = (reason: string): ParsedFrame<T> => ({
    ok: false,
    id: idOf(message) ?? 0,
    reason: reason.slice(0, 1000),
  })
  try {
    const { value, fields } = unpackMessage(message, key)
    const parsed = schema.safeParse(value)
    return parsed.success ? { ok: true, frame: parsed.data, byteFields: fields } : misfit(describeMisfit(parsed.error))
  } catch (thrown) {
    return misfit(thrown instanceof z.ZodError ? describeMisfit(thrown) : String(thrown))
  }
}

/** What does not fit, in one line: `batchSize: Too small: expected number to be >=1`. */
export function describeMisfit(error: z.ZodError): string {
  return error.issues
    .map((issue) => (issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message))
    .join('; ')
}
