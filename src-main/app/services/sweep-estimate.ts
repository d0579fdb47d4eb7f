// How long a sweep will take: from what earlier runs with the same model took, else from the model's size and this machine's speed. Rough by nature.
import type { LaneOptions } from '../../contract/methods.ts'

/** Passes of a step in units of one forward pass, as `npm run bench` finds them (docs/benchmarks.md). */
export function relativeCost(options: LaneOptions): number {
  if (options.method === 'cotta') return usual.cotta + 0.9 * options.augmentations
  if (options.method === 'memo') return usual.memo * options.augmentations
  if (options.method === 'palm' && options.optimizer !== 'adam') return 7
  return usual[options.method]
}

const usual: Readonly<Record<LaneOptions['method'], number>> = {
  source: 1,
  norm: 1.2,
  'bn-alpha': 1.4,
  tent: 2.8,
  cotta: 6,
  ecotta: 6,
  adacontrast: 14.5,
  surgical: 6,
  dss: 4.6,
  law: 8,
  autolr: 3.7,
  eata: 2.8,
  sar: 5.5,
  rotta: 4,
  note: 9,
  rmt: 13,
  rdumb: 2.8,
  lame: 1.2,
  memo: 6.5,
  deyo: 4,
  santa: 8,
  cmf: 5.5,
  roid: 5.5,
  come: 2.8,
  palm: 8,
}

export interface Measured {
  readonly model: string
  readonly options: LaneOptions
  readonly msPerImage: number
}

/** Milliseconds for one image, from the nearest thing that was measured; null when nothing was on this model. */
export function msPerImage(options: LaneOptions, model: string, measured: readonly Measured[]): number | null {
  const same = measured.filter((one) => one.model === model && one.msPerImage > 0)
  const exact = same.find((one) => JSON.stringify(one.options) === JSON.stringify(options))
  if (exact) return exact.msPerImage
  const units = same.map((one) => one.msPerImage / relativeCost(one.options)).sort((a, b) => a - b)
  const unit = units[Math.floor(units.length / 2)]
  return unit === undefined ? null : unit * relativeCost(options)
}
