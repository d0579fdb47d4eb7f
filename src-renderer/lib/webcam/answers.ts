// What lanes answered to an image, before their update and after it, in the terms that marks and filters need. Pure.
import type { PreviewImage } from '#contract/tables/report.ts'

export type Prediction = PreviewImage['predictions'][string]
export type StripFilter = 'all' | 'wrong' | 'changed'

/** ✓ right, ✗ wrong, nothing where there is no label. */
export const markOf = (label: number | null, predicted: number): '' | '✓' | '✗' =>
  label === null ? '' : label === predicted ? '✓' : '✗'

/** The update changed the answer. */
export const isChanged = ({ label, after }: Prediction): boolean =>
  after !== null && after[0] !== undefined && after[0].label !== label

export function fitsStrip(image: PreviewImage, filter: StripFilter): boolean {
  const said = Object.values(image.predictions)
  if (filter === 'wrong') return image.label !== null && said.some(({ label }) => label !== image.label)
  return filter === 'all' || said.some(isChanged)
}
