// How an op reads itself from TensorFlow.js (a graph's ops or Keras layers) and writes itself into a graph model. Values are channels last, as ours.
import type { PalmError } from '#contract/errors.ts'
import type { AttributeValue, GraphNode } from '#engine/compute/op.ts'
import type { Constant, FileTensor, Flow, NamedTensor, NetworkBuilder } from './network.ts'

export type TfjsValue = Flow | Constant

/** One node of a graph model while it is read. Every method may throw a PalmError that names file and node. */
export interface TfjsNodeReader {
  readonly network: NetworkBuilder
  readonly op: string
  readonly name: string
  readonly inputCount: number
  /** The error for a node that cannot be taken: “FILE was refused: OP “NAME” WHAT.” */
  readonly refused: (what: string) => PalmError
  readonly value: (index: number) => TfjsValue
  readonly flow: (index?: number) => Flow
  readonly constant: (index: number) => NamedTensor
  /** A constant of a few numbers: sizes, axes. */
  readonly few: (index: number) => number[]
  readonly float: (name: string, usual: number) => number
  readonly flag: (name: string) => boolean
  readonly text: (name: string) => string
  readonly numbers: (name: string) => number[]
  /** As our attribute `padding`. */
  readonly padding: () => AttributeValue
  /** What the converter has fused into the op. */
  readonly fusedOps: () => readonly string[]
  /** The fused activation, where there is one. */
  readonly fused: (flow: Flow) => Flow
}

/** `undefined`: not an instance of this op of ours, and the next op that reads the same op of the file is asked. */
export type TfjsRead = (node: TfjsNodeReader) => TfjsValue | undefined

/** One Keras layer while it is read. Every method may throw a PalmError that names file and layer. */
export interface KerasLayerReader {
  readonly network: NetworkBuilder
  readonly kind: string
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
  readonly input: Flow
  readonly inputs: readonly Flow[]
  /** The error for a layer that cannot be taken: “FILE was refused: the layer “NAME” WHAT.” */
  readonly refused: (what: string) => PalmError
  readonly hasWeight: (role: string) => boolean
  readonly weight: (role: string) => NamedTensor
  readonly number: (key: string, usual?: number) => number
  /** A setting of one number for height and width, which must be the same. */
  readonly square: (key: string, usual: number) => number
  /** As our attribute `padding`. */
  readonly padding: () => AttributeValue
  /** The layer's own activation behind it. */
  readonly activated: (flow: Flow) => Flow
}

export type KerasRead = (layer: KerasLayerReader) => Flow

/** An activation by Keras' name: the attributes that make it this op, and what the node is called after (absent = the op). */
export interface KerasActivation {
  readonly attributes?: GraphNode['attributes']
  readonly suffix?: string
}

/** One node of ours while it is written. */
export interface TfjsNodeWriter {
  readonly node: GraphNode
  readonly name: string
  /** Its first input's name. */
  readonly x: string
  /** Of its first input, for one image: [H, W, C], [T, D] or [C]. */
  readonly inShape: readonly number[]
  readonly outShape: readonly number[]
  readonly input: (index: number) => string
  readonly number: (attribute: string, usual?: number) => number
  readonly hasParam: (role: string) => boolean
  /** Writes a parameter. Returns its name. */
  readonly param: (role: string) => string
  /** The name under which `param` writes it. */
  readonly paramName: (role: string) => string
  /** A parameter's shape in the file's (PyTorch's) layout. */
  readonly paramShape: (role: string) => readonly number[]
  /** A parameter's values in the device's (TensorFlow's) layout. */
  readonly paramData: (role: string) => Float32Array
  /** x with explicit padding of `fill`, as a window of that size wants it. */
  readonly padded: (size: number, fill: number) => string
  readonly constant: (name: string, data: Float32Array | Int32Array, shape: readonly number[]) => string
  readonly ints: (name: string, data: readonly number[]) => string
  readonly scalar: (name: string, value: number) => string
  /** Writes a node. Returns its name. */
  readonly emit: (
    op: string,
    name: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, unknown>>,
  ) => string
}

export interface TfjsFormat {
  /** By the op of a graph model. */
  readonly reads: Readonly<Record<string, TfjsRead>>
  /** By the class of a Keras layer. */
  readonly layers: Readonly<Record<string, KerasRead>>
  /** Only of activations: by Keras' name. */
  readonly activations?: Readonly<Record<string, KerasActivation>>
  /** Returns the name of the node that gives its value. @throws Error naming what TensorFlow.js cannot hold */
  readonly write: (node: TfjsNodeWriter) => string
}

/** For an op that TensorFlow.js has no counterpart of. */
export const cannotWrite = (what: string) => (): never => {
  throw new Error(what)
}

/** Attribute values as a graph model spells them. */
export const text = (value: string) => ({ s: Buffer.from(value).toString('base64') })
export const list = (values: readonly number[]) => ({ list: { i: values.map(String) } })
export const int32 = { type: 'DT_INT32' } as const
export const float32 = { type: 'DT_FLOAT' } as const

/** What JSON may hold where a number belongs. */
export const numberOf = (value: unknown, usual = Number.NaN): number => {
  if (value === undefined || value === null) return usual
  if (typeof value === 'number') return value
  return typeof value === 'string' ? Number(value) : Number.NaN
}

/** Shapes come from the file: a kernel of other axes must not be turned around as if it had these. @throws PalmError */
export function ofAxes({ name, value }: NamedTensor, axes: number, network: NetworkBuilder): FileTensor {
  if (value.shape.length !== axes)
    throw network.refused(
      `the weights “${name}” have the shape [${value.shape.join(', ')}], and ${axes} axes are expected`,
    )
  return value
}
