// A method's whole state as bytes: a safetensors file whose metadata carries the scalars. Checkpoints leave out the tensors that are still
// the model's own: a delta. A checksum stands at the end: a state that a disk has changed would go on to other numbers without a word.
import { crc32 } from 'node:zlib'
import { parseBoundedJson } from '#contract/bounded-json.ts'
import { PalmError } from '#contract/errors.ts'
import type { JsonValue, MethodState, NamedArray } from '#engine/methods/method.ts'
import { readSafetensors, writeSafetensors } from '#engine/models/formats/safetensors.ts'

/** Of arrays that are batch norm's statistics over a webcam's window: a checkpoint has them for exports, no method restores them. */
export const statisticsPrefix = 'statistics/'

const scalarsKey = 'scalars'
const watchKey = 'watch'

/** `unchanged` says of a `param/…` array whether it equals the model's tensor and can be left out. */
/** `watch`: what the collapse watch goes on from. */
export function encodeState(
  state: MethodState,
  unchanged: (name: string, array: NamedArray) => boolean,
  watch: JsonValue = null,
): Uint8Array {
  const kept = new Map(
    [...state.arrays].filter(
      ([key, array]) => !(key.startsWith('param/') && unchanged(key.slice('param/'.length), array)),
    ),
  )
  return withSum(
    writeSafetensors(kept, {
      [scalarsKey]: JSON.stringify(state.scalars),
      ...(watch === null ? {} : { [watchKey]: JSON.stringify(watch) }),
    }),
  )
}

/** @throws PalmError `store-damaged` where the checksum does not fit, `model-unreadable` when the bytes are no state */
export function decodeState(bytes: Uint8Array, what: string): MethodState & { readonly watch: JsonValue } {
  const { tensors, metadata } = readSafetensors(withoutSum(bytes, what), what)
  const json = (key: string): JsonValue => {
    try {
      return parseBoundedJson(metadata[key] ?? 'null') as JsonValue
    } catch (cause) {
      throw new PalmError('model-unreadable', `${what} is damaged: its ${key} are not JSON.`, String(cause), { cause })
    }
  }
  return { scalars: json(scalarsKey), arrays: tensors, watch: json(watchKey) }
}

/** Before the checksum; older versions wrote neither. */
const mark = new TextEncoder().encode('sum:')

function withSum(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + 8)
  out.set(bytes)
  out.set(mark, bytes.length)
  new DataView(out.buffer).setUint32(bytes.length + 4, crc32(bytes), true)
  return out
}

function withoutSum(bytes: Uint8Array, what: string): Uint8Array {
  const end = bytes.length - 8
  if (end < 0 || !mark.every((byte, i) => bytes[end + i] === byte)) return bytes
  const body = bytes.subarray(0, end)
  if (new DataView(bytes.buffer, bytes.byteOffset + end + 4, 4).getUint32(0, true) !== crc32(body))
    throw new PalmError(
      'store-damaged',
      `In the database ${what} is damaged: it is not what was written. Check the disk; go on from another checkpoint (Timeline), or start a new run.`,
    )
  return body
}
