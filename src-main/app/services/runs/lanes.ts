// The usual lanes of a run and the sample's first run: what the app and the command start when nobody chose anything else.
import { palmPresets, usualLabel, usualOptions } from '#contract/methods/presets.ts'
import type { PalmPresetName } from '#contract/methods/presets.ts'
import { autoLane, shortSampleLimit } from '#contract/runs/sample-run.ts'
import type { MethodId, PalmOptions } from '#contract/methods/methods.ts'
import type { Lane, RunOptions } from '#contract/runs/run-options.ts'
import { usualMethods } from '#contract/methods/method-info.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'

export type Variant = PalmOptions['variant']

export interface LaneChoice {
  readonly methods: readonly MethodId[]
  readonly preset: PalmPresetName
  readonly variant: Variant
  /** Of the model: the `paper` variant's threshold depends on it. */
  readonly classes: number
  /** What differs from the presets, by method. */
  readonly differs: Readonly<Partial<Record<MethodId, Readonly<Record<string, unknown>>>>>
}

/** One lane per method, under the method's name. */
export function lanesOf({ methods, differs, ...usual }: LaneChoice): Lane[] {
  return methods.map((method) => {
    const options = usualOptions(method, usual, differs[method])
    return { id: method, label: usualLabel(options), options }
  })
}

export const sampleClasses = 10

/** The run that the first launch ever starts by itself: every curve moves within seconds, and all of it is there within a minute; `slow`: where there is nothing but WebGPU in software, within a minute. */
export function firstRun(slow: boolean): RunOptions {
  return runOptionsSchema.parse({
    name: 'First run: the sample',
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    severities: [5],
    batchSize: slow ? 10 : palmPresets.sample.batchSize,
    limit: slow ? 20 : shortSampleLimit,
    lanes: [
      ...lanesOf({
        methods: usualMethods,
        preset: 'sample',
        variant: 'reference',
        classes: sampleClasses,
        differs: {},
      }),
      autoLane(sampleClasses),
    ],
  })
}
