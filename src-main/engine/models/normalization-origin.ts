// Where a model's normalisation is known from, where it was given: that may be what the model has anyhow, because the library keeps every model's and gives it.
import { describeModel, type LoadOptions, type ModelDescription } from './load.ts'
import type { ModelNormalization, NormalizationFrom } from './model.ts'
import { bytesNormalization, imagenetNormalization, signedNormalization } from './normalization.ts'
import type { WeightsFile } from './weights-file.ts'

export interface NormalizationOrigin {
  readonly from: NormalizationFrom
  /** What the file says or its family suggests, where another one was given; null = the same, or not known. */
  readonly own: ModelNormalization | null
}

/** Of a file that was described with the same options. */
export function normalizationOrigin(
  file: WeightsFile,
  options: LoadOptions,
  { normalizationFrom: from = 'family' }: Pick<ModelDescription, 'normalizationFrom'>,
): NormalizationOrigin {
  const given = options.normalization
  if (from !== 'given' || !given) return { from, own: null }
  // A network is not read twice: its tensors are turned around where they are.
  if (file.kind === 'network') return ofNetwork(given, file.metadata, file.format === 'onnx')
  const { normalization: own, normalizationFrom: known = 'family' } = describeModel(file, {
    ...options,
    normalization: null,
  })
  return same(given, own) ? { from: known, own: null } : { from, own }
}

function ofNetwork(
  given: ModelNormalization,
  { mean, std }: Readonly<Record<string, string>>,
  isOnnx: boolean,
): NormalizationOrigin {
  const isSaid = JSON.stringify(given.mean) === mean && JSON.stringify(given.std) === std
  const guesses = isOnnx ? [imagenetNormalization] : [signedNormalization, bytesNormalization]
  const from = isSaid ? 'file' : guesses.some((one) => same(given, one)) ? 'assumed' : 'given'
  return { from, own: null }
}

const same = (a: ModelNormalization, b: ModelNormalization): boolean =>
  JSON.stringify([a.mean, a.std]) === JSON.stringify([b.mean, b.std])
