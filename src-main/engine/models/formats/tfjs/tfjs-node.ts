// One node of a TensorFlow.js graph model, as the ops read it: inputs by what they hold, attributes by type.
import { PalmError } from '#contract/errors.ts'
import type { AttributeValue } from '#engine/compute/op.ts'
import type { Flow, NamedTensor } from '#engine/compute/ops/formats/network.ts'
import type { TfjsNodeReader, TfjsValue } from '#engine/compute/ops/formats/tfjs.ts'
import type { ImportedNetwork } from '#engine/models/imported-network.ts'
import { activate } from './tfjs-activations.ts'
import { attributeSchema, plainName, type TfNode } from './tfjs.ts'

/** Sizes and axes are few; weights of millions in their place are none. */
const mostSizes = 100
/** Activations that TensorFlow's optimiser fuses into an op, by Keras' names. */
const fusedActivations: ReadonlyMap<string, string> = new Map([
  ['Relu', 'relu'],
  ['Relu6', 'relu6'],
])

export class TfjsNodeView implements TfjsNodeReader {
  readonly network: ImportedNetwork
  readonly op: string
  readonly name: string
  readonly inputCount: number
  private readonly node: TfNode
  private readonly values: ReadonlyMap<string, TfjsValue>

  constructor(node: TfNode, values: ReadonlyMap<string, TfjsValue>, network: ImportedNetwork) {
    this.node = node
    this.values = values
    this.network = network
    this.op = node.op
    this.name = node.name
    this.inputCount = node.input.length
  }

  readonly refused = (what: string): PalmError => this.network.refused(`${this.op} “${this.name}” ${what}`)

  readonly value = (index: number): TfjsValue => {
    const value = this.values.get(plainName(this.node.input[index] ?? ''))
    if (!value)
      throw new PalmError(
        'model-unreadable',
        `${this.network.fileName}: the node “${this.name}” lacks its input ${index + 1}.`,
      )
    return value
  }

  readonly flow = (index = 0): Flow => {
    const value = this.value(index)
    if (value.kind !== 'flow') throw this.refused('works on a constant')
    return value
  }

  readonly constant = (index: number): NamedTensor => {
    const value = this.value(index)
    if (value.kind !== 'constant') throw this.refused(`computes its input ${index + 1} at run time`)
    return value
  }

  readonly few = (index: number): number[] => [...this.constant(index).value.data.subarray(0, mostSizes)]

  readonly float = (name: string, usual: number): number => this.attribute(name).f ?? usual

  readonly flag = (name: string): boolean => this.attribute(name).b === true

  readonly text = (name: string): string => {
    const { s } = this.attribute(name)
    return s === undefined ? '' : decoded(s)
  }

  readonly numbers = (name: string): number[] => (this.attribute(name).list?.i ?? []).map(Number)

  readonly padding = (): AttributeValue => {
    const padding = this.text('padding')
    if (padding === 'SAME') return 'same'
    if (padding === 'VALID') return 0
    const [, , top = 0, bottom = 0, left = 0, right = 0] = this.numbers('explicit_paddings')
    return [top, bottom, left, right]
  }

  readonly fusedOps = (): readonly string[] => (this.attribute('fused_ops').list?.s ?? []).map(decoded)

  readonly fused = (flow: Flow): Flow => {
    let out = flow
    for (const op of this.fusedOps()) {
      if (op === 'BiasAdd') continue
      const kind = fusedActivations.get(op)
      if (kind === undefined) throw this.refused(`is fused with ${op}`)
      out = activate(this.network, this.name, kind, out) ?? out
    }
    return out
  }

  private attribute(name: string) {
    const parsed = attributeSchema.safeParse(this.node.attr[name] ?? {})
    return parsed.success ? parsed.data : {}
  }
}

const decoded = (text: string) => Buffer.from(text, 'base64').toString('latin1')
