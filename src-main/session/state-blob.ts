// A method's whole state as bytes: a safetensors file whose metadata carries the scalars. Checkpoints leave out the tensors that are still
// the model's own: a delta.
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
  return writeSafetensors(kept, {
    [scalarsKey]: JSON.stringify(state.scalars),
    ...(watch === null ? {} : { [watchKey]: JSON.stringify(watch) }),
  })
}

/** @throws PalmError `model-unreadable` when the bytes are damaged */
export function decodeState(bytes: Uint8Array, what: string): MethodState & { readonly watch: JsonValue } {
  const { tensors, metadata } = readSafetensors(bytes, what)
  const json = (key: string): JsonValue => {
    try {
      return parseBoundedJson(metadata[key] ?? 'null') as JsonValue
    } catch (cause) {
      throw new PalmError('model-unreadable', `${what} is damaged: its ${key} are not JSON.`, String(cause), { cause })
    }
  }
  return { scalars: json(scalarsKey), arrays: tensors, watch: json(watchKey) }
}
