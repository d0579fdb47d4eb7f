// One node of an ONNX graph, as the ops read it: inputs by what they hold, attributes by type.
import { PalmError } from '#contract/errors.ts'
import type { AttributeValue } from '#engine/compute/op.ts'
import { transposed, transposedInPlace } from '#engine/compute/ops/formats/layouts.ts'
import type { FileTensor, Flow, NamedTensor } from '#engine/compute/ops/formats/network.ts'
import type { OnnxNodeReader, OnnxValue } from '#engine/compute/ops/formats/onnx.ts'
import type { ImportedNetwork } from '#engine/models/imported-network.ts'
import type { OnnxModel, OnnxNode, OnnxTensor } from './onnx-proto.ts'
import { valuesOf, type PartBytes } from './onnx-values.ts'

/** Sizes and axes are few; a tensor of millions in their place is none. */
const mostSizes = 1000
const mostPixels = 64

/** The values of the graph so far, constants of the file included. */
export class OnnxValues {
  private readonly model: OnnxModel
  private readonly fileName: string
  private readonly part: PartBytes
  private readonly known = new Map<string, OnnxValue>()

  constructor(model: OnnxModel, fileName: string, part: PartBytes) {
    this.model = model
    this.fileName = fileName
    this.part = part
  }

  set(name: string, value: OnnxValue): void {
    this.known.set(name, value)
  }

  /** Undefined when there is nothing of that name. */
  get(name: string): OnnxValue | undefined {
    const known = this.known.get(name)
    if (known) return known
    const initializer = this.model.initializers.get(name)
    if (!initializer) return undefined
    const constant: OnnxValue = { kind: 'constant', name, value: this.tensorOf(initializer) }
    this.known.set(name, constant)
    return constant
  }

  tensorOf(tensor: OnnxTensor): FileTensor {
    return { shape: tensor.dims, data: valuesOf(tensor, this.fileName, this.part) }
  }

  /** Where the matrix lies in the file its copy is transposed in place and forgotten, or a large one would be held twice. */
  transposed({ name, value }: NamedTensor): FileTensor {
    if (!this.model.initializers.has(name)) return transposed(value)
    this.known.delete(name)
    return transposedInPlace(value)
  }
}

export class OnnxNodeView implements OnnxNodeReader {
  readonly network: ImportedNetwork
  readonly opType: string
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
    throw this.refused('works on something that is no image or feature')
  }

  readonly constant = (index: number): NamedTensor | null => {
    const value = this.value(index)
    if (!value || value.kind === 'constant') return value
    if (value.kind === 'shape' && value.dims.every(Number.isFinite))
      return {
        name: this.inputName(index),
        value: { shape: [value.dims.length], data: Float32Array.from(value.dims) },
      }
    throw this.refused(`computes its input ${index + 1} at run time, and only constants are taken there`)
  }

  readonly needed = (index: number): NamedTensor => {
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

  readonly sizes = (index: number): readonly number[] => {
    const value = this.value(index)
    return value?.kind === 'shape' ? value.dims : this.few(this.needed(index).value.data)
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
    if (automatic === 'VALID') return 0
    if (automatic !== 'NOTSET' && automatic !== '') throw this.refused(`pads in the way ${automatic}`)
    const [top = 0, left = 0, bottom = 0, right = 0] = this.ints('pads') ?? []
    if ([top, left, bottom, right].some((side) => !(side >= 0 && side <= mostPixels)))
      throw this.refused('pads by an absurd number of pixels')
    return top === left && top === bottom && top === right ? top : [top, bottom, left, right]
  }

  readonly transposed = (matrix: NamedTensor): FileTensor => this.values.transposed(matrix)

  /** The tensor of the attribute `value`; null when there is none. */
  tensorAttribute(): FileTensor | null {
    const tensor = this.node.attributes.get('value')?.t
    return tensor ? this.values.tensorOf(tensor) : null
  }

  /** The numbers of one of the attributes that hold a Constant's; `single`: it is no list. */
  numbersAttribute(): { readonly list: readonly number[]; readonly single: boolean } | null {
    const { attributes } = this.node
    const floats = attributes.get('value_floats')?.floats
    if (floats) return { list: floats, single: attributes.has('value_float') || attributes.has('value_int') }
    if (attributes.has('value_float')) return { list: [this.float('value_float', 0)], single: true }
    const ints = attributes.get('value_ints')?.ints
    if (ints) return { list: ints, single: attributes.has('value_int') }
    return attributes.has('value_int') ? { list: [this.int('value_int', 0)], single: true } : null
  }

  /** For messages. */
  private get title(): string {
    return `${this.opType}${this.node.name ? ` “${this.node.name}”` : ''}`
  }

  private unreadable(what: string): PalmError {
    return new PalmError('model-unreadable', `${this.network.fileName}: ${this.title} ${what}.`)
  }
}
