// What `auto` is held against: BN-1, every fixed kappa of the grid, and the other methods with their published settings.
import { laneOptionsSchema, type LaneOptions } from '#contract/methods/methods.ts'

export interface Setting {
  readonly name: string
  readonly options: LaneOptions
}

/** The grid that the issue names; 5e-4 is the paper's own for CIFAR-10. */
export const kappas = [1e-4, 5e-4, 1e-3, 2e-3, 4e-3, 8e-3] as const

const palm = { method: 'palm', variant: 'reference', eta: 1, alpha: 0.5, temperature: 50, lambda: 0.01 } as const

const groups: Readonly<Record<string, readonly { readonly name: string; readonly options: unknown }[]>> = {
  auto: [{ name: 'auto', options: { method: 'palm', tuning: 'mirrored' } }],
  /** What `auto` was before mirror images. */
  agreement: [{ name: 'agreement', options: { method: 'palm', tuning: 'agreement' } }],
  unadapted: [
    { name: 'Source', options: { method: 'source' } },
    { name: 'BN-1', options: { method: 'norm' } },
  ],
  kappas: kappas.map((kappa) => ({ name: `PALM ${kappa}`, options: { ...palm, kappa } })),
  rivals: [
    { name: 'LAW', options: { method: 'law' } },
    { name: 'ROID', options: { method: 'roid' } },
    { name: 'EATA', options: { method: 'eata' } },
    // Four passes over the source images, as with the sample.
    { name: 'RMT', options: { method: 'rmt', warmUpImages: 2000 } },
  ],
}

/** @throws Error for a group that is not there */
export function settingsNamed(group: string): Setting[] {
  const found = groups[group]
  if (!found) throw new Error(`There is no group ${group}: ${Object.keys(groups).join(', ')}.`)
  return found.map(({ name, options }) => ({ name, options: laneOptionsSchema.parse(options) }))
}
