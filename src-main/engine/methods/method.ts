// What a method is: something that sees one batch at a time, predicts and then perhaps adapts its own copy of some tensors.
// It sees no file, database, clock or window. Its state is ALL its state: what `restore` gets from `state` continues bit for bit.
import type { LaneOptions, MethodId } from '#contract/methods/methods.ts'
import type { DeviceTensor } from '#engine/compute/device.ts'
import type { Parameters } from '#engine/compute/op.ts'
import type { TensorInfo } from '#engine/models/model.ts'
import type { SourceImages } from './parts/source-images.ts'

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/**
 * `fresh`: selected in this batch; `stale`: not now but earlier (the published code goes on with its old importance, the paper freezes
 * it); `never`: not yet selected; `adapted`: by a method without selection.
 */
type TensorState = 'fresh' | 'stale' | 'never' | 'adapted'

export interface TensorReport {
  readonly score: number
  readonly state: TensorState
  readonly importance: number
  readonly learningRate: number
}

export interface StepResult {
  /** [batch, classes], from before the update: these are scored. */
  readonly logits: Float32Array
  readonly classes: number
  readonly predictions: Int32Array
  readonly losses: Readonly<Record<string, number>>
  /** Per sample, whether it took part in the entropy term; null for methods without a margin. */
  readonly keptMask: readonly boolean[] | null
  readonly kept: number | null
  /** In the order of `adapts()`; empty when nothing adapts. */
  readonly tensors: readonly TensorReport[]
  /** Share of the adaptable scalars that this step updated. */
  readonly adaptedShare: number
}

/** A tensor on the host in file layout (PyTorch's). */
export interface NamedArray {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** `arrays` keys are `param/NAME` for the model's tensors, and PREFIX/NAME for all else (`shat`, `adam_m`, `teacher`, …). */
export interface MethodState {
  readonly scalars: JsonValue
  readonly arrays: ReadonlyMap<string, NamedArray>
}

/** One call at a time: whoever awaits a step, a state or the parameters calls nothing else of the method until it is settled. */
export interface Method {
  readonly id: MethodId
  /** Before the first step of a run, not when it goes on from a state: what the method learns from source images is part of its state. */
  warmUp?(source: SourceImages, batchSize: number): Promise<void>
  /** Tensors of `adapts()` that are not the model's own. */
  readonly extraTensors?: readonly TensorInfo[]
  /** Hands over source images that the steps need too; `warmUp` does it by itself. */
  use?(source: SourceImages): void
  /** Names of the tensors that may adapt, network order; known before the first step. */
  adapts(): readonly string[]
  /**
   * x: [N, H, W, 3], pixel values 0..255 as float32; stays the caller's. `augmented` replaces the random view (0..255 too): for parity.
   */
  step(x: DeviceTensor, augmented?: DeviceTensor): Promise<StepResult>
  /** All tensors of the model as the lane has them now, on the device; lent until the next step. Absent where predictions need more than these. */
  currentWeights?(): Parameters
  /**
   * What it would say now of `pixels` ([0, 1]; they stay the caller's): logits [N, C], nothing learned. Absent, or null, where that is a pass with
   * `currentWeights`.
   */
  answer?(pixels: DeviceTensor): Promise<Float32Array | null>
  /** The adaptable tensors as they are now. */
  parameters(): Promise<ReadonlyMap<string, NamedArray>>
  state(): Promise<MethodState>
  /** @throws Error when the state is of another method or model. */
  restore(state: MethodState): void
  /** Goes on with other values of what may change during a run (contract/runs/option-change.ts); absent where nothing may. No part of the state. */
  adjust?(options: LaneOptions): void
  /** As new (after a warm-up: as it was then): weights, moments, averages, rates and random generator. */
  reset(): void
  dispose(): void
}
