// A message as it crosses a port: JSON text, or, where its payload has bytes (a webcam's frame), binary. A binary message is
//   uint32, little-endian: length of the header | header: JSON in UTF-8 | the bytes, one field after the other
// and its header is the message without those fields, plus `bytes`: their names and lengths in order.
import { z } from 'zod'
import { mostPixelBytes } from '#contract/webcam.ts'

export type Message = string | Uint8Array

/** What in a message is the payload, whose fields may be bytes. */
export type PayloadKey = 'request' | 'response'

/** The header holds numbers and short lists: no payload of ours that has bytes comes near this. */
const mostHeaderBytes = 64 << 10
/** The largest payload is an answer to a frame: a corrupted picture and a sketch. */
const mostFields = 2
/** The largest message that a page may send over any transport: a webcam's frame of 1024 x 1024 pixels has 3 MiB, a piece of an upload 1.4. */
export const mostMessageBytes = 5 << 20
export const mostPackedBytes = 4 + mostHeaderBytes + mostFields * mostPixelBytes

const headerSchema = z.looseObject({
  bytes: z
    .array(z.strictObject({ name: z.string().min(1).max(64), length: z.number().int().min(0).max(mostPixelBytes) }))
    .max(mostFields),
})

/** Binary when one of the fields holds bytes, else JSON. */
export function packMessage(
  message: Readonly<Record<string, unknown>>,
  key: PayloadKey,
  fields: readonly string[],
): Message {
  const payload = message[key]
  if (fields.length === 0 || !isRecord(payload)) return JSON.stringify(message)
  const found = fields.flatMap((name) => {
    const value = payload[name]
    return value instanceof Uint8Array ? [{ name, value }] : []
  })
  if (found.length === 0) return JSON.stringify(message)
  const rest = Object.fromEntries(
    Object.entries(payload).filter(([name]) => !found.some((field) => field.name === name)),
  )
  const bytes = found.map(({ name, value }) => ({ name, length: value.length }))
  const header = new TextEncoder().encode(JSON.stringify({ ...message, [key]: rest, bytes }))
  const packed = new Uint8Array(4 + header.length + bytes.reduce((sum, { length }) => sum + length, 0))
  new DataView(packed.buffer).setUint32(0, header.length, true)
  packed.set(header, 4)
  let at = 4 + header.length
  for (const { value } of found) {
    packed.set(value, at)
    at += value.length
  }
  return packed
}

/** What was sent, its bytes in place (copies of their own); `fields`: which of the payload are bytes. */
export interface Unpacked {
  readonly value: unknown
  readonly fields: readonly string[]
}

/** @throws Error with what is wrong, for a text that is no JSON or bytes that are no packed message */
export function unpackMessage(message: Message, key: PayloadKey): Unpacked {
  if (typeof message === 'string') return { value: JSON.parse(message) as unknown, fields: [] }
  const { value, start } = headerOf(message)
  const { bytes, ...rest } = headerSchema.parse(value)
  const payload = rest[key]
  if (!isRecord(payload)) throw new Error(`its header has no ${key}`)
  const total = bytes.reduce((sum, { length }) => sum + length, 0)
  if (start + total !== message.length)
    throw new Error(`it has ${message.length - start} bytes after its header, which announces ${total}`)
  let at = start
  const fields = bytes.map(({ name, length }) => [name, new Uint8Array(message.subarray(at, (at += length)))] as const)
  return {
    value: { ...rest, [key]: { ...payload, ...Object.fromEntries(fields) } },
    fields: fields.map(([name]) => name),
  }
}

/** The number by which a message that does not fit can be answered; null where none can be read. */
export function idOf(message: Message): number | null {
  try {
    const value = typeof message === 'string' ? (JSON.parse(message) as unknown) : headerOf(message).value
    const id = isRecord(value) ? value['id'] : null
    return typeof id === 'number' && Number.isInteger(id) && id >= 0 ? id : null
  } catch {
    return null
  }
}

function headerOf(message: Uint8Array): { readonly value: unknown; readonly start: number } {
  if (message.length > mostPackedBytes) throw new Error(`it has ${message.length} bytes, more than ${mostPackedBytes}`)
  if (message.length < 4) throw new Error('it is too short for a header')
  const length = new DataView(message.buffer, message.byteOffset, message.byteLength).getUint32(0, true)
  if (length > mostHeaderBytes || 4 + length > message.length) throw new Error(`its header cannot have ${length} bytes`)
  const text = new TextDecoder('utf-8', { fatal: true }).decode(message.subarray(4, 4 + length))
  return { value: JSON.parse(text) as unknown, start: 4 + length }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
