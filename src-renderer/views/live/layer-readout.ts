// What the layer map says of the place under the pointer or the cursor, in words.
import { blockValue } from '#renderer/lib/layers/block-layout.ts'
import type { TensorGroup } from '#renderer/lib/layers/row-groups.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { moves, valuesOf } from '#contract/columns/layer-columns.ts'
import { percent, small, words } from '#renderer/lib/text/format.ts'
import type { LayerMap } from '#renderer/state/live/layer-map.svelte.ts'

export interface LayerPlace {
  readonly step: number
  readonly tensor: number
  /** The row under the pointer stands for these. */
  readonly group: TensorGroup | null
}

/** @param pointed where the pointer is; without it the cursor's place. @returns '' where nothing is known */
export function readoutOf(map: LayerMap, pointed: LayerPlace | null): string {
  const text = strings.layers
  const place = pointed ?? (map.tensor === null ? null : { step: map.step, tensor: map.tensor, group: null })
  const tensors = map.lane?.tensors ?? []
  const tensor = place ? tensors[place.tensor] : undefined
  const found = place ? map.nearlyAt(place.step) : null
  if (!place || !tensor || !found) return ''
  const { values: layers, from, to } = found
  const when = text.steps(from, to)
  const domain = words(map.domainOf(place.step)?.name ?? '')
  if (place.group) {
    const { label, tensors: own } = place.group
    const { mean, frozen } = blockValue(own, tensors, layers, map.quantity)
    return text.groupReadout({
      block: label,
      tensors: own.length,
      when,
      domain,
      quantity: text.quantities[map.quantity],
      mean: small(mean),
      frozen: percent(frozen, 0),
    })
  }
  const value = (array: ArrayLike<number | null> | null) => small(array?.[place.tensor] ?? null)
  return text.readout(
    tensor.name,
    text.kinds[tensor.kind] ?? words(tensor.kind),
    when,
    domain,
    strings.states[layers.states[place.tensor] ?? 0] ?? '',
    text.values(value(layers.scores), value(layers.importances), value(layers.learningRates), value(layers.changes)),
  )
}

/** What the layer map shows at its cursor, for who does not see it. */
export function layersSaid(map: LayerMap): string {
  const found = map.step >= 0 ? map.nearlyAt(map.step) : null
  if (!found) return ''
  const { values, from, to } = found
  const numbers = map.chosen
  const moving = numbers.filter((i) => moves(values.states[i] ?? 0, values.learningRates[i] ?? null)).length
  const known = numbers
    .map((i) => valuesOf(values, map.quantity)?.[i] ?? Number.NaN)
    .filter((value) => Number.isFinite(value) && value > 0)
  const least = known.reduce((a, b) => Math.min(a, b), Infinity)
  const most = known.reduce((a, b) => Math.max(a, b), 0)
  return `${strings.charts.layersAt(
    strings.layers.steps(from, to),
    words(map.domainOf(map.step)?.name ?? ''),
    moving,
    numbers.length,
    strings.layers.quantities[map.quantity],
    known.length === 0 ? '–' : strings.charts.fromTo(small(least), small(most)),
  )}.`
}
