// All that belongs to one op: how it computes, what comes out of it, what it costs, when it cannot be computed, and how the formats that hold whole
// networks write and read it.
import type { GraphNode, OpKernel } from '#engine/compute/op.ts'
import { showShape, type Shape } from '#engine/compute/shape.ts'
import type { OnnxFormat } from './formats/onnx.ts'
import type { TfjsFormat } from './formats/tfjs.ts'

/** One node by its shapes, for one image: [H, W, C], [T, D] or [C], without the batch. */
export interface ShapeContext {
  readonly node: GraphNode
  readonly inputs: readonly Shape[]
  /** A parameter's shape in PyTorch's layout (conv [out, in / groups, kh, kw], linear [out, in]); null when it has none. */
  readonly param: (role: string) => Shape | null
}

export interface OpModule extends OpKernel {
  /** For one image, of a node that `checks` has nothing against. */
  readonly outputShape: (context: ShapeContext) => Shape
  /** Multiplications and additions for one image, as estimates of time count them: see `notCounted`. */
  readonly flops: (context: ShapeContext, output: Shape) => number
  readonly checks: OpChecks
  readonly onnx: OnnxFormat
  readonly tfjs: TfjsFormat
}

/** What can be wrong with a node of a file: the end of a sentence that begins with the node, or null. */
export interface OpChecks {
  /** With its attributes by themselves. */
  readonly attributes?: (node: GraphNode) => string | null
  /** With what comes in. */
  readonly inputs?: (context: ShapeContext) => string | null
}

export const sameShape = ({ inputs }: ShapeContext): Shape => inputs[0] ?? []

/** Estimates of time are fitted to the arithmetic of convolutions; everything else counts nothing in them. */
export const notCounted = (): number => 0

export const takesImages = ({ inputs: [first = []] }: ShapeContext): string | null =>
  first.length === 3 ? null : `takes images, and ${showShape(first)} comes in`

export const isWhole = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
