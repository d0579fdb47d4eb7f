// The layer map in its simplest form: of each block of the network the share of tensors that were chosen to adapt in the last step. Pure.
import type { LayerValues } from '#contract/columns/layer-columns.ts'

export interface BlockLight {
  readonly block: string
  readonly tensors: number
  readonly adapting: number
}

/** In network order. A tensor adapts in a step when it was selected in it, or its method selects none. */
export function blockLights(
  tensors: readonly { readonly block: string }[],
  report: Pick<LayerValues, 'states'> | null,
): BlockLight[] {
  const lights: { block: string; tensors: number; adapting: number }[] = []
  for (const [i, { block }] of tensors.entries()) {
    let light = lights.at(-1)
    if (light?.block !== block) {
      light = { block, tensors: 0, adapting: 0 }
      lights.push(light)
    }
    light.tensors += 1
    if ((report?.states[i] ?? 0) >= 2) light.adapting += 1
  }
  return lights
}
