// What a forward pass leaves behind for its gradients, and who frees it when.
import type { Device, DeviceTensor } from './device.ts'
import type { GraphNode, OpKernel, Parameters, Statistics } from './op.ts'

/** A counted share of a tensor: disposed when the last holder lets go. */
export class Shared {
  readonly tensor: DeviceTensor
  private holders: number

  constructor(tensor: DeviceTensor, holders: number) {
    this.tensor = tensor
    this.holders = holders
    if (holders === 0) tensor.dispose()
  }

  hold(): this {
    this.holders += 1
    return this
  }

  release(): void {
    this.holders -= 1
    if (this.holders === 0) this.tensor.dispose()
  }
}

/** An output that is not kept but made again on demand (`Op.remake`), and kept only until `release`. */
export class Remade {
  private readonly make: () => DeviceTensor
  private made: DeviceTensor | null = null

  constructor(make: () => DeviceTensor) {
    this.make = make
  }

  get tensor(): DeviceTensor {
    this.made ??= this.make()
    return this.made
  }

  release(): void {
    this.made?.dispose()
    this.made = null
  }
}

/** What one node left behind for its gradient. A remade input belongs to the record of the node that makes it. */
export interface NodeRecord {
  readonly node: GraphNode
  readonly inputs: ReadonlyMap<number, Shared | Remade>
  readonly inputShapes: readonly (readonly number[])[]
  readonly output: Shared | Remade | null
  readonly extras: readonly DeviceTensor[]
  released: boolean
}

export function releaseRecord(record: NodeRecord): void {
  if (record.released) return
  record.released = true
  for (const input of record.inputs.values()) if (input instanceof Shared) input.release()
  record.output?.release()
  for (const tensor of record.extras) tensor.dispose()
}

export function inputOf(record: Pick<NodeRecord, 'node' | 'inputs'>, index: number): DeviceTensor {
  const saved = record.inputs.get(index)
  if (!saved) throw new Error(`${record.node.name} did not save input ${index}`)
  return saved.tensor
}

export function paramOf(node: GraphNode, role: string, parameters: Parameters): DeviceTensor {
  const name = node.params[role]
  const tensor = name === undefined ? undefined : parameters.get(name)
  if (!tensor) throw new Error(`${node.name} (${node.op}) has no tensor for ${role}${name ? ` (${name})` : ''}`)
  return tensor
}

/** Makes the output of a node again from what was saved; null where the op keeps it. */
export function remaker(
  { remake }: OpKernel,
  device: Device,
  node: GraphNode,
  inputs: NodeRecord['inputs'],
  extras: readonly DeviceTensor[],
  parameters: Parameters,
  statistics: Statistics,
): Remade | null {
  if (!remake) return null
  return new Remade(() =>
    remake({
      device,
      node,
      input: (index) => inputOf({ node, inputs }, index),
      extras,
      param: (role) => paramOf(node, role, parameters),
      statistics,
    }),
  )
}
