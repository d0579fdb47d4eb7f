// How an op reads itself from an ONNX graph and writes itself into one. Values are channels first in the file, channels last on our side.
import type { PalmError } from '#contract/errors.ts'
import type { AttributeValue, GraphNode, OpName } from '#engine/compute/op.ts'
import type { Constant, FileTensor, Flow, NamedTensor, NetworkBuilder } from './network.ts'

/** A value of the file; `whole`: of whole numbers (sizes, axes, indices), as float32. */
export interface OnnxConstant extends Constant {
  readonly whole: boolean
}

/**
 * A value of ours under other axes: its numbers in the file's order (`first`: [N, C, H, W]) or in ours (`last`: [N, H, W, C]), laid out as `dims`, the
 * batch among them. Most are passed by on the way from one layout to another.
 */
export interface OnnxView {
  readonly kind: 'view'
  readonly flow: Flow
  readonly dims: readonly number[]
  readonly order: 'first' | 'last'
}

/** The first of several ops in the file that are one of ours: what `op` needs to know when the next comes by. */
export interface PendingValue {
  readonly kind: 'pending'
  readonly op: OpName
  readonly flow: Flow
  readonly state: Readonly<Record<string, number>>
  /** A parameter that one of them has brought along. */
  readonly constant?: NamedTensor
}

export type OnnxValue = Flow | OnnxConstant | OnnxView | PendingValue

/** One node of the file while it is read. Every method may throw a PalmError that names file and node. */
export interface OnnxNodeReader {
  readonly network: NetworkBuilder
  readonly opType: string
  readonly opset: number
  /** The images in a batch, as the file counts with them. */
  readonly batch: number
  /** What our node is to be called. */
  readonly name: string
  readonly inputCount: number
  /** Names of its outputs. */
  readonly outputs: readonly string[]
  /** The error for a node that cannot be taken: “FILE was refused: OP “NAME” WHAT.” */
  readonly refused: (what: string) => PalmError
  /** Null when there is no such input. */
  readonly value: (index: number) => OnnxValue | null
  readonly flow: (index?: number) => Flow
  /** The axes of an input as the file has them, the batch first. */
  readonly dims: (index?: number) => readonly number[]
  /** A flow, or a value under other axes, as `dims` (of the same size, in the same order). */
  readonly shaped: (value: Flow | OnnxView, dims: readonly number[]) => Flow | OnnxView
  /** An attribute that names an axis of something with `rank` of them, from 0 on. */
  readonly axis: (usual: number, rank: number) => number
  /** Null when there is no such input. */
  readonly constant: (index: number) => OnnxConstant | null
  readonly needed: (index: number) => OnnxConstant
  readonly int: (name: string, usual: number) => number
  readonly float: (name: string, usual: number) => number
  readonly text: (name: string) => string | undefined
  readonly ints: (name: string) => readonly number[] | null
  /** By attribute, or since a later opset by input. */
  readonly intsOf: (name: string, index: number) => readonly number[] | null
  /** The whole numbers that an input holds. */
  readonly sizes: (index: number) => readonly number[]
  /** An attribute of one number for height and width, which must be the same. */
  readonly square: (name: string, usual: number) => number
  /** `pads` and `auto_pad` as our attribute `padding`. */
  readonly padding: () => AttributeValue
  /** A matrix [rows, columns] as [columns, rows]; where it lies in the file, without a copy. */
  readonly transposed: (matrix: NamedTensor) => FileTensor
}

/**
 * What an op of the file becomes: its value, or one value per output; null = it has none. `undefined`: not an instance of this op of ours, and the
 * next op that reads the same op of the file is asked.
 */
export type OnnxRead = (node: OnnxNodeReader) => OnnxValue | readonly OnnxValue[] | null | undefined

type WriteAttributes = Readonly<Record<string, number | readonly number[] | string | { readonly float: number }>>

/** One node of ours while it is written. */
export interface OnnxNodeWriter {
  readonly node: GraphNode
  /** The name of its output, which must be written last. */
  readonly out: string
  /** Its first input's name. */
  readonly x: string
  /** Of its first input, for one image: [H, W, C], [T, D] or [C]. */
  readonly inShape: readonly number[]
  /** Of its first input, the batch included. */
  readonly rank: number
  readonly input: (index: number) => string
  readonly number: (attribute: string, usual?: number) => number
  /** Explicit padding of a window of that size, in ONNX's order: top, left, bottom, right. */
  readonly pads: (size: number) => number[]
  /** The name of a parameter. */
  readonly param: (role: string) => string
  readonly hasParam: (role: string) => boolean
  /** A parameter's shape in the file. */
  readonly paramShape: (role: string) => readonly number[]
  /** A parameter that broadcasts over channels, as [C, 1, 1] where there are heights and widths. */
  readonly perChannel: (role: string, rank?: number) => string
  /** Writes a constant; float32 or, as a list, int64. Returns its name. */
  readonly constant: (name: string, data: Float32Array | readonly number[], shape: readonly number[]) => string
  /** Writes a node. Returns `output`. */
  readonly emit: (op: string, inputs: readonly string[], output: string, attributes?: WriteAttributes) => string
}

export interface OnnxFormat {
  /** By the file's op type. */
  readonly reads: Readonly<Record<string, OnnxRead>>
  /** Opset 17. */
  readonly write: (node: OnnxNodeWriter) => unknown
}
