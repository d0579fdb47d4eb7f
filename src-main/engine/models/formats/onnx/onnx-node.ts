// One node of an ONNX graph, as the ops read it: inputs by what they hold, attributes by type.
import { PalmError } from '#contract/errors.ts'
import type { AttributeValue } from '#engine/compute/op.ts'
import type { FileTensor, Flow, NamedTensor } from '#engine/compute/ops/formats/network.ts'
import type { OnnxConstant, OnnxNodeReader, OnnxValue, OnnxView } from '#engine/compute/ops/formats/onnx.ts'
import { fileDims, viewed } from '#engine/compute/ops/formats/onnx-view.ts'
import { showShape } from '#engine/compute/shape.ts'
import type { ImportedNetwork } from '#engine/models/imported-network.ts'
import type { OnnxValues } from './onnx-graph-values.ts'
import type { OnnxNode } from './onnx-proto.ts'
import { axisOf, TensorFault } from './onnx-tensors.ts'
import { isWhole } from './onnx-values.ts'

/** Sizes and axes are few; a tensor of millions in their place is none. */
const mostSizes = 1000
const mostPixels = 64

export class OnnxNodeView implements OnnxNodeReader {
  readonly network: ImportedNetwork
  readonly opType: string
  readonly opset: number
  readonly batch: number
  readonly name: string
  readonly inputCount: number
  readonly outputs: readonly string[]
  private readonly node: OnnxNode
  private readonly values: OnnxValues

  constructor(node: OnnxNode, values: OnnxValues, network: ImportedNetwork) {
    this.node = node
    this.values = values
    this.network = network
    this.opType = node.opType
    this.opset = values.opset
    this.batch = values.batch
    this.name = node.name || (node.output[0] ?? '')
    this.inputCount = node.input.length
    this.outputs = node.output
  }

  readonly refused = (what: string): PalmError => this.network.refused(`${this.title} ${what}`)

  readonly value = (index: number): OnnxValue | null => {
    const name = this.node.input[index]
    if (!name) return null
    const value = this.values.get(name)
    if (!value) throw this.unreadable(`reads “${name}”, which is not there`)
    return value
  }

  readonly flow = (index = 0): Flow => {
    const value = this.value(index)
    if (value?.kind === 'flow') return value
    if (value?.kind === 'view')
      throw this.refused(`works on features under the axes ${showShape(value.dims)}, and on those it is not supported`)
    throw this.refused('works on something that is no image or feature')
  }

  readonly dims = (index = 0): readonly number[] => {
    const value = this.value(index)
    if (value?.kind === 'constant') return value.value.shape
    if (value?.kind === 'view') return value.dims
    return fileDims(this.flow(index), this.batch)
  }

  readonly shaped = (value: Flow | OnnxView, dims: readonly number[]): Flow | OnnxView =>
    viewed(this.network, this.name, value, dims, this.batch)

  readonly axis = (usual: number, rank: number): number => {
    try {
      return axisOf(this.int('axis', usual), rank)
    } catch (thrown) {
      throw thrown instanceof TensorFault ? this.refused(thrown.message) : thrown
    }
  }

  readonly constant = (index: number): OnnxConstant | null => {
    const value = this.value(index)
    if (!value || value.kind === 'constant') return value
    throw this.refused(`computes its input ${index + 1} at run time, and only constants are taken there`)
  }

  readonly needed = (index: number): OnnxConstant => {
    const found = this.constant(index)
    if (!found) throw this.unreadable(`lacks its input ${index + 1}`)
    return found
  }

  inputName(index: number): string {
    return this.node.input[index] ?? ''
  }

  readonly int = (name: string, usual: number): number => this.node.attributes.get(name)?.i ?? usual

  readonly float = (name: string, usual: number): number => this.node.attributes.get(name)?.f ?? usual

  readonly text = (name: string): string | undefined => this.node.attributes.get(name)?.s

  readonly ints = (name: string): readonly number[] | null => this.node.attributes.get(name)?.ints ?? null

  readonly intsOf = (name: string, index: number): readonly number[] | null => {
    const attribute = this.ints(name)
    if (attribute) return attribute
    const input = this.constant(index)
    return input ? this.few(input.value.data) : null
  }

  readonly sizes = (index: number): readonly number[] => this.few(this.needed(index).value.data)

  /** What a Slice takes of something with these axes. */
  slices(dims: readonly number[]): { axis: number; start: number; end: number; step: number }[] {
    const [starts, ends] = [this.intsOf('starts', 1) ?? [], this.intsOf('ends', 2) ?? []]
    const [axes, steps] = [this.intsOf('axes', 3), this.intsOf('steps', 4)]
    return starts.map((start, i) => ({
      axis: axisOf(axes?.[i] ?? i, dims.length),
      start,
      end: ends[i] ?? 0,
      step: steps?.[i] ?? 1,
    }))
  }

  /** A constant that was computed, under the node's name. */
  computed(value: FileTensor, whole: boolean): OnnxConstant {
    this.afford(value.data.length)
    return { kind: 'constant', name: this.outputs[0] ?? this.name, value, whole }
  }

  /** @throws PalmError when the file's constants would become absurdly many */
  afford(count: number): void {
    if (!(count >= 0 && this.values.afford(count)))
      throw this.refused('computes more constants than a classifier needs')
  }

  /** A tensor that is a short list of numbers. @throws PalmError when it is long */
  few(values: Float32Array): number[] {
    if (values.length > mostSizes) throw this.refused(`has ${values.length} numbers where a few are expected`)
    return [...values]
  }

  readonly square = (name: string, usual: number): number => {
    const [first = usual, second = first] = this.ints(name) ?? []
    if (first !== second || first < 1 || first > mostPixels)
      throw this.refused(`has ${name} of ${first} x ${second}, and only equal ones are taken`)
    return first
  }

  readonly padding = (): AttributeValue => {
    const automatic = this.text('auto_pad') ?? 'NOTSET'
    if (automatic === 'SAME_UPPER') return 'same'
    if (automatic === 'SAME_LOWER') return 'same-lower'
    if (automatic === 'VALID') return 0
    if (automatic !== 'NOTSET' && automatic !== '') throw this.refused(`pads in the way ${automatic}`)
    const [top = 0, left = 0, bottom = 0, right = 0] = this.ints('pads') ?? []
    if ([top, left, bottom, right].some((side) => !(side >= 0 && side <= mostPixels)))
      throw this.refused('pads by an absurd number of pixels')
    return top === left && top === bottom && top === right ? top : [top, bottom, left, right]
  }

  readonly transposed = (matrix: NamedTensor): FileTensor => this.values.transposed(matrix)

  /** What a Constant holds: the tensor of the attribute `value`, or numbers of another; null when there is none. */
  constantAttribute(): { readonly value: FileTensor; readonly whole: boolean } | null {
    const { attributes } = this.node
    const tensor = attributes.get('value')?.t
    if (tensor) return { value: this.values.tensorOf(tensor), whole: isWhole(tensor) }
    const held = (list: readonly number[], single: boolean, whole: boolean) => ({
      value: { shape: single ? [] : [list.length], data: Float32Array.from(list) },
      whole,
    })
    const [floats, ints] = [attributes.get('value_floats')?.floats, attributes.get('value_ints')?.ints]
    if (floats) return held(floats, false, false)
    if (ints) return held(ints, false, true)
    if (attributes.has('value_float')) return held([this.float('value_float', 0)], true, false)
    return attributes.has('value_int') ? held([this.int('value_int', 0)], true, true) : null
  }

  /** For messages. */
  private get title(): string {
    return `${this.opType}${this.node.name ? ` “${this.node.name}”` : ''}`
  }

  private unreadable(what: string): PalmError {
    return new PalmError('model-unreadable', `${this.network.fileName}: ${this.title} ${what}.`)
  }
}
