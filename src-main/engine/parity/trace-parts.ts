// What the benchmark's traces have in common: the stored draws of a step, what of a method a trace holds, and the settings' names there.
import { z } from 'zod'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { Method, NamedArray } from '#engine/methods/method.ts'
import type { SourceImages } from '#engine/methods/parts/source-images.ts'
import type { Model } from '#engine/models/model.ts'

export const settings = z.record(z.string(), z.unknown())
export const common = z.looseObject({ OPTIM: z.looseObject({ LR: z.number() }) })
export const eata = common.extend({
  EATA: z.looseObject({ MARGIN_E0: z.number(), D_MARGIN: z.number(), FISHER_ALPHA: z.number() }),
})
export const contrast = z.looseObject({ TEMPERATURE: z.number(), PROJECTION_DIM: z.number() })
export const teacher = z.looseObject({ MOMENTUM: z.number() })

/** The stored draws of the step that is being made. */
export interface Stage {
  /** The stored augmentation `k` of samples of the whole stream, pixels in [0, 1]; of this step's where none are named. */
  view(samples: readonly number[] | null, k?: number): DeviceTensor
  /** The stored augmentation of these samples of this step. */
  readonly ofThisStep: (kept: readonly number[]) => DeviceTensor
  /** This step's part of a stored tensor [steps, …] as it is. */
  stored(name: string): NamedArray
  /** A stored tensor as a whole. */
  whole(name: string): NamedArray
  readonly source: SourceImages
}

interface Outcome {
  readonly arrays: ReadonlyMap<string, ArrayLike<number>>
  readonly decisions?: Readonly<Record<string, unknown>>
  readonly losses?: readonly number[]
}

export interface Traced {
  readonly method: Method
  /** Tensors after a step by their keys in the trace, and what a decision was. Without it: the method's parameters as `param_after`. */
  readonly outcome?: () => Outcome | Promise<Outcome>
  /** Only these samples of each batch. */
  readonly samples?: number
  /** Logits as the trace has them. */
  readonly logits?: (logits: Float32Array) => Float32Array
}

export type Make = (device: Device, model: Model, hyperparameters: unknown, changes: unknown, stage: Stage) => Traced

export const keyed = (
  prefix: string,
  parameters: ReadonlyMap<string, NamedArray>,
  choose: (name: string) => boolean = () => true,
) => [...parameters].filter(([name]) => choose(name)).map(([name, { data }]) => [`${prefix}/${name}`, data] as const)
export const isStatistic = (name: string) => name.includes('running_')
export const isWeight = (name: string) => !isStatistic(name)
