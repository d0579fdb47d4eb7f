// What an op sees of a network that is read from a file: values that flow, tensors, and a way to put nodes of ours together.
import type { PalmError } from '#contract/errors.ts'
import type { AttributeValue, GraphNode, OpName } from '#engine/compute/op.ts'
import type { Shape } from '#engine/compute/shape.ts'

/** `norm-…`: of layer and group normalisation; `other`: tokens, embeddings, layer scales. */
export type TensorKind =
  | 'conv'
  | 'conv-bias'
  | 'bn-weight'
  | 'bn-bias'
  | 'bn-mean'
  | 'bn-variance'
  | 'norm-weight'
  | 'norm-bias'
  | 'linear-weight'
  | 'linear-bias'
  | 'other'

/** A tensor as files carry it: PyTorch's layout, values as float32 on the host. */
export interface FileTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface NamedTensor {
  readonly name: string
  readonly value: FileTensor
}

/** What a node of ours gives: how many axes, and how many channels (features), as far as that is known. */
export interface Flow {
  readonly kind: 'flow'
  readonly node: string
  readonly rank: number
  readonly channels: number | null
  /** For one image, channels last: [H, W, C], [T, D] or [C]; null where the size of images is not known while a file is read. */
  readonly shape: Shape | null
}

/** A value that the file holds, not yet a tensor of the network. */
export interface Constant extends NamedTensor {
  readonly kind: 'constant'
}

/** Puts a network together, node by node. */
export interface NetworkBuilder {
  /** Adds a node and says what it gives: `out` over what its first input gives. */
  add(
    op: OpName,
    name: string,
    inputs: readonly Flow[],
    attributes?: Readonly<Record<string, AttributeValue>>,
    params?: Readonly<Record<string, string>>,
    out?: Partial<Pick<Flow, 'rank' | 'channels'>>,
  ): Flow
  /** A tensor under its name in the file; the same name again is the same tensor. @throws PalmError when it does not fit */
  tensor(name: string, kind: TensorKind, value: FileTensor): string
  /** The node that a value was made of by a product with one number, and the number; null when it was made otherwise. */
  scaledFrom(flow: Flow): { readonly node: string; readonly factor: number } | null
  /** The op that gives a value. */
  opOf(flow: Flow): GraphNode['op'] | undefined
  /** The error for a network that cannot be taken: “FILE was refused: WHAT.” */
  refused(what: string): PalmError
}

/** The sum of the channels of several values; null when one is not known. */
export const channelsOfAll = (flows: readonly Flow[]): number | null =>
  flows.reduce<number | null>((sum, { channels }) => (sum === null || channels === null ? null : sum + channels), 0)

/** As one row: what a parameter with one value per channel becomes. */
export const asRow = (value: FileTensor): FileTensor => ({ shape: [value.data.length], data: value.data })
