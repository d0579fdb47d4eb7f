// Settings per family of data: what is published for it, the bundled sample's own, and two for a model that nobody tuned. The methods' numbers are in
// their descriptors; what is run is recorded in full in the run's options.
import { descriptors } from '#engine/methods/descriptors.ts'
import { presetNames, type PresetName } from './descriptor.ts'
import { descriptorOf, schemaOf, type LaneOptions, type MethodId, type PalmOptions } from './methods.ts'

export const palmPresetNames = presetNames
export type PalmPresetName = PresetName

/** For a model that nobody tuned and nothing is known about. */
export const presetOfUnknown = 'auto' satisfies PresetName

interface Family {
  readonly label: string
  readonly source: string
  readonly batchSize: number
}

const paper = 'Maharana, Zhang, Guo (AAAI 2025), implementation details, and the published code'
const families: Readonly<Record<PresetName, Family>> = {
  cifar10: { label: 'CIFAR-10-C', source: paper, batchSize: 200 },
  cifar100: { label: 'CIFAR-100-C', source: paper, batchSize: 200 },
  imagenet: { label: 'ImageNet-C', source: paper, batchSize: 64 },
  sample: { label: 'Bundled sample (EuroSAT)', source: 'npm run search:preset', batchSize: 100 },
  cautious: {
    label: 'Cautious (small kappa)',
    source: 'a tenth of the CIFAR-10-C preset’s kappa',
    batchSize: 100,
  },
  auto: { label: 'Auto (ours, unknown model)', source: 'docs/palm-auto.md', batchSize: 100 },
}

type PalmNumbers = Pick<PalmOptions, 'kappa' | 'alpha' | 'temperature' | 'eta' | 'lambda' | 'weightDecay' | 'tuning'>

/** A family with PALM's numbers. Symbols are the paper's. `eta` is on the scale of the published code's KL (summed over classes). */
type PalmPreset = Family & PalmNumbers

const { options: palmOptions, presets: palmNumbers } = descriptors.palm
const withNumbers = (name: PresetName): PalmPreset => ({
  ...families[name],
  ...palmOptions.parse({ method: 'palm', ...palmNumbers[name] }),
})

export const palmPresets = Object.fromEntries(presetNames.map((name) => [name, withNumbers(name)])) as Readonly<
  Record<PresetName, PalmPreset>
>

interface UsualOptions {
  readonly preset: PresetName
  readonly variant?: PalmOptions['variant']
  /** Of the model: the `paper` variant's threshold depends on it. */
  readonly classes: number
}

/** A method's options by preset, with what differs from it. @throws ZodError for what does not fit */
export function usualOptions(
  method: MethodId,
  { preset, variant = 'reference', classes }: UsualOptions,
  differs: Readonly<Record<string, unknown>> = {},
): LaneOptions {
  const { presets, fromPreset } = descriptorOf(method)
  const numbers = presets[preset] ?? {}
  const usual = fromPreset?.(numbers, { variant, classes, differs }) ?? numbers
  return schemaOf(method).parse({ method, ...usual, ...differs }) as LaneOptions
}

/** PALM with our rule in place of its own. */
export const isAuto = (options: LaneOptions): boolean =>
  options.method === 'palm' && (options.tuning === 'mirrored' || options.tuning === 'agreement')

/** What a person sees of it while it runs. */
export const autoNote =
  'It tunes itself (ours): norm layers always move, a convolution as far as the last batches agree on where to, and all are drawn back to the source a little. An image and its mirror image answer together, and norm layers remember where batches are small or ordered by class.'

/** What a lane is called: the method, and what of it is not as usual. */
export function usualLabel(options: LaneOptions): string {
  const { name, labelOf } = descriptorOf(options.method)
  return labelOf?.(options) ?? name
}
