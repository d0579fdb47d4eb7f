// The loss of PALM's preset `auto` (ours): ROID's (Marsden, Doebler, Yang, WACV 2024) in the place of PALM's Eq. 9-11.
import { entropies, logSoftmax, softLikelihoodRatio, symmetricCrossEntropy } from '#engine/compute/losses.ts'
import { certaintyDiversityWeights, meanProbabilities, movedPrior } from '#engine/methods/parts/certainty-diversity.ts'

interface SureAndDiverse {
  readonly ratio: number
  readonly consistency: number
  readonly kept: boolean[]
  /** Of both, by the logits of the batch and by those of its view. */
  readonly gradient: Float64Array
  readonly gradientOfView: Float64Array
  /** The average of the predictions with this batch in it. */
  readonly prior: number[]
}

/** The soft likelihood ratio of samples that are sure and unlike `prior`, and their symmetric cross entropy with the view. Logits [batch, classes]. */
export function sureAndDiverse(
  logits: Float32Array,
  logitsOfView: Float32Array,
  average: readonly number[],
): SureAndDiverse {
  const classes = average.length
  const log = logSoftmax(logits, classes)
  const p = log.map(Math.exp)
  const samples = p.length / classes
  const prior = movedPrior(average, meanProbabilities(p, classes))
  const weights = certaintyDiversityWeights(prior, p, entropies(log, classes)).map((w) => w / samples)
  const rows = [...weights.keys()]
  const ratio = softLikelihoodRatio(log, classes, weights)
  const consistency = symmetricCrossEntropy(log, logSoftmax(logitsOfView, classes), classes, rows, [...weights])
  return {
    ratio: ratio.value,
    consistency: consistency.value,
    kept: Array.from(weights, (w) => w > 0),
    gradient: ratio.gradient.map((g, i) => g + (consistency.gradient[i] as number)),
    gradientOfView: consistency.gradientView,
    prior,
  }
}
