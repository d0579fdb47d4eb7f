// What a graph is made of, and how one op computes: its forward pass and its vector-Jacobian product. All that belongs to an op is one OpModule
// (ops/op-module.ts); the registry of all is ops/registry.ts.
import type { Device, DeviceTensor } from './device.ts'

/** Every op that a graph may hold. The names are written into runs and stay as they are. */
export type OpName =
  | 'normalize'
  | 'conv2d'
  | 'batch-norm'
  | 'layer-norm'
  | 'relu'
  | 'clip'
  | 'leaky-relu'
  | 'sigmoid'
  | 'hard-sigmoid'
  | 'hard-swish'
  | 'silu'
  | 'gelu'
  | 'softmax'
  | 'log-softmax'
  | 'add'
  | 'multiply'
  | 'concat'
  | 'slice-channels'
  | 'channel-shuffle'
  | 'shortcut-a'
  | 'pad'
  | 'max-pool'
  | 'avg-pool'
  | 'adaptive-mean'
  | 'global-mean'
  | 'flatten'
  | 'to-pixel'
  | 'linear'
  | 'to-tokens'
  | 'take-token'
  | 'attention'

export type AttributeValue = number | string | boolean | readonly number[]

/** One node of a model's graph. `params` maps a role (`weight`, `bias`, …) to the name of a tensor, in PyTorch's naming. */
export interface GraphNode {
  readonly op: OpName
  readonly name: string
  readonly inputs: readonly string[]
  readonly params: Readonly<Record<string, string>>
  readonly attributes: Readonly<Record<string, AttributeValue>>
}

/** Names of tensors (running statistics included) to their values in device layout. */
export type Parameters = ReadonlyMap<string, DeviceTensor>

/**
 * What batch norm normalises with. `batch`: the batch's own mean and biased variance. `source`: the running statistics among the parameters.
 * `batchShare`: a mixture of the running ones and so much of the batch's (unbiased variance), held fixed for gradients. `movingShare`: the same
 * with the biased variance and gradients through the batch's part (RoTTA's robust batch norm in training). `instanceAware`: NOTE's, see
 * ops/norms/instance-aware.ts; `training` says whether the batch's or the running statistics are the reference.
 */
export type Statistics =
  | 'batch'
  | 'source'
  | { readonly batchShare: number }
  | { readonly movingShare: number }
  | { readonly instanceAware: number; readonly training: boolean }

/**
 * Told of the statistics of each batch norm that looks at the batch (shape [C]): the batch's mean and unbiased variance; with `movingShare` the
 * mixture that was normalised with. The tensors are lent for the call only.
 */
export type StatisticsListener = (node: GraphNode, mean: DeviceTensor, variance: DeviceTensor) => void

export interface ForwardContext {
  readonly device: Device
  readonly node: GraphNode
  /** The first input; every op has one. */
  readonly x: DeviceTensor
  readonly inputs: readonly DeviceTensor[]
  readonly input: (index: number) => DeviceTensor
  readonly param: (role: string) => DeviceTensor
  readonly statistics: Statistics
  readonly onStatistics: StatisticsListener | null
}

export interface ForwardResult {
  readonly output: DeviceTensor
  /** Tensors that only the gradient needs; owned by the tape, or disposed at once when there is none. */
  readonly extras?: readonly DeviceTensor[]
}

export interface BackwardContext {
  readonly device: Device
  readonly node: GraphNode
  readonly dy: DeviceTensor
  /** Present only for what `saves` names; shapes are always known. */
  readonly input: (index: number) => DeviceTensor
  readonly xShape: readonly number[]
  readonly inputShapes: readonly (readonly number[])[]
  /** This node's own output: saved, or made again. */
  readonly output: () => DeviceTensor
  readonly extras: readonly DeviceTensor[]
  readonly param: (role: string) => DeviceTensor
  readonly wantsInput: (index: number) => boolean
  readonly wantsParam: (role: string) => boolean
  readonly statistics: Statistics
}

export interface BackwardResult {
  /** One per input; null where not wanted. Returning `dy` itself passes it on unchanged. */
  readonly inputs: readonly (DeviceTensor | null)[]
  readonly params: Readonly<Record<string, DeviceTensor>>
}

export type RemakeContext = Pick<BackwardContext, 'device' | 'node' | 'input' | 'extras' | 'param' | 'statistics'>

/** How an op computes. */
export interface OpKernel {
  /** What the gradient reads besides dy: indices of inputs, and whether the output. */
  readonly saves: { readonly inputs: readonly number[]; readonly output: boolean }
  readonly forward: (context: ForwardContext) => ForwardResult
  /**
   * Computes the output again, bit for bit, from what `saves` and the extras keep. An op that has this never has its output kept for a
   * gradient, neither for its own nor for its readers': it is made again when a backward pass comes by and freed when it is past.
   */
  readonly remake?: (context: RemakeContext) => DeviceTensor
  readonly backward: (context: BackwardContext) => BackwardResult
}
