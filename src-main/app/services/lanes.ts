// The usual lanes of a run and the sample's first run: what the app and the command start when nobody chose anything else.
import { etaForVariant, familyDefaults, palmPresets } from '../../contract/presets.ts'
import type { PalmPresetName } from '../../contract/presets.ts'
import type { MethodId, PalmOptions } from '../../contract/methods.ts'
import type { Lane, RunOptions } from '../../contract/run-options.ts'
import { laneOptionsSchema, methodLabels, palmLaneSchema, tentLaneSchema, usualMethods } from '../../contract/methods.ts'
import { runOptionsSchema } from '../../contract/run-options.ts'

export type Variant = PalmOptions['variant']

export interface LaneChoice {
  readonly methods: readonly MethodId[]
  readonly preset: PalmPresetName
  readonly variant: Variant
  /** Of the model: the `paper` variant's threshold depends on it. */
  readonly classes: number
  /** What differs from the preset. */
  readonly palm: Partial<Omit<PalmOptions, 'method' | 'variant'>>
  readonly tentLearningRate: number | null
}

export function lanesOf(choice: LaneChoice): Lane[] {
  return choice.methods.map((method) => ({
    id: method,
    label: method === 'palm' && choice.variant === 'paper' ? 'PALM (paper)' : methodLabels[method],
    options:
      method === 'palm'
        ? palmOptions(choice)
        : method === 'tent'
          ? tentLaneSchema.parse({ method, ...(choice.tentLearningRate === null ? {} : { learningRate: choice.tentLearningRate }) })
          : laneOptionsSchema.parse({ method, ...familyDefaults[choice.preset][method] }),
  }))
}

function palmOptions({ preset, variant, classes, palm }: LaneChoice): PalmOptions {
  const { kappa, alpha, temperature, eta, lambda, weightDecay } = palmPresets[preset]
  return palmLaneSchema.parse({ method: 'palm', variant, kappa, alpha, temperature, eta: etaForVariant(variant, eta, classes), lambda, weightDecay, ...palm })
}

export const sampleClasses = 10

/** The run that the first launch ever starts by itself: small enough that every curve moves within seconds. */
export function firstRun(): RunOptions {
  return runOptionsSchema.parse({
    name: 'First run: the sample',
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    severities: [5],
    batchSize: palmPresets.sample.batchSize,
    limit: 500,
    lanes: lanesOf({ methods: usualMethods, preset: 'sample', variant: 'reference', classes: sampleClasses, palm: {}, tentLearningRate: null }),
  })
}
