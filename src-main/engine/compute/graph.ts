// Runs a model's graph forward, keeps a tape where asked, and runs any number of backward passes over it, each pruned to the
// tensors that are wanted. Not a library's autodiff: PALM (section 3) needs two backward passes over one forward pass, the second
// one only into the tensors that the first one selected, and memory bounded by what must be alive.
import type { Device, DeviceTensor } from './device.ts'
import type { ForwardResult, GraphNode, Parameters, Statistics, StatisticsListener } from './op.ts'
import { opOf } from './ops/registry.ts'
import { inputOf, paramOf, releaseRecord, Remade, remaker, Shared, type NodeRecord } from './saved-activations.ts'

/** Nodes in an order in which each comes after its inputs. `input` names the image batch, `output` the logits' node. */
export interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly input: string
  readonly output: string
  /** The node whose output goes into the classifier. */
  readonly features: string
  /** The stem's output, then each block's, in network order. */
  readonly blocks: readonly BlockOutput[]
}

/** Where a block ends: its node, how many channels come out, and by how much its input was reduced in each direction. */
export interface BlockOutput {
  readonly node: string
  readonly channels: number
  readonly stride: number
}

export interface ForwardOptions {
  readonly statistics: Statistics
  readonly tape: boolean
  readonly onStatistics?: StatisticsListener
  /** Told of every node's output; lent for the call only. */
  readonly onOutput?: (node: string, output: DeviceTensor) => void
}

export interface BackwardOptions {
  /** Every saved activation is freed as soon as it was used, and the tape is spent. */
  readonly last: boolean
  /** Further gradients, at outputs of other nodes. They stay the caller's. */
  readonly at?: ReadonlyMap<string, DeviceTensor>
}

/** One forward pass, kept for its gradients. */
export class Tape {
  private readonly device: Device
  private readonly graph: Graph
  private readonly parameters: Parameters
  private readonly statistics: Statistics
  private readonly records: readonly NodeRecord[]

  constructor(
    device: Device,
    graph: Graph,
    parameters: Parameters,
    statistics: Statistics,
    records: readonly NodeRecord[],
  ) {
    this.device = device
    this.graph = graph
    this.parameters = parameters
    this.statistics = statistics
    this.records = records
  }

  /**
   * Gradients of (dLogits · logits) with respect to the tensors named in `wanted`, in device layout, owned by the caller. Reaches no
   * further back than the earliest wanted tensor, and computes weight gradients only of wanted ones. `dLogits` stays the caller's; null when
   * the gradients come in elsewhere only.
   */
  backward(
    dLogits: DeviceTensor | null,
    wanted: ReadonlySet<string>,
    options: BackwardOptions,
  ): Map<string, DeviceTensor> {
    const reaches = this.reaching(wanted)
    const results = new Map<string, DeviceTensor>()
    const gradients = new Map<string, Shared>()
    // Of each one share is the caller's and never let go here.
    if (dLogits) gradients.set(this.graph.output, new Shared(dLogits, 2))
    for (const [node, gradient] of options.at ?? []) gradients.set(node, new Shared(gradient, 2))
    for (let i = this.records.length - 1; i >= 0; i--) {
      const record = this.records[i] as NodeRecord
      const dy = gradients.get(record.node.name)
      gradients.delete(record.node.name)
      if (dy && reaches.has(record.node.name)) this.stepBack(record, dy, wanted, reaches, results, gradients)
      dy?.release()
      if (record.output instanceof Remade) record.output.release() // all its readers were behind us already
      if (options.last) releaseRecord(record)
    }
    return results
  }

  dispose(): void {
    for (const record of this.records) releaseRecord(record)
  }

  private stepBack(
    record: NodeRecord,
    dy: Shared,
    wanted: ReadonlySet<string>,
    reaches: ReadonlySet<string>,
    results: Map<string, DeviceTensor>,
    gradients: Map<string, Shared>,
  ): void {
    if (record.released) throw new Error('The tape was already spent')
    const { node } = record
    const result = opOf(node.op).backward({
      device: this.device,
      node,
      dy: dy.tensor,
      input: (index) => inputOf(record, index),
      xShape: record.inputShapes[0] ?? [],
      inputShapes: record.inputShapes,
      output: () => {
        if (!record.output) throw new Error(`${node.name} did not save its output`)
        return record.output.tensor
      },
      extras: record.extras,
      param: (role) => paramOf(node, role, this.parameters),
      wantsInput: (index) => reaches.has(node.inputs[index] ?? ''),
      wantsParam: (role) => wanted.has(node.params[role] ?? ''),
      statistics: this.statistics,
    })
    for (const [role, gradient] of Object.entries(result.params)) {
      const name = node.params[role] as string
      const before = results.get(name)
      results.set(name, before ? this.sumOf(before, gradient) : gradient)
    }
    for (const [index, gradient] of result.inputs.entries()) {
      if (!gradient) continue
      const name = node.inputs[index] as string
      const share = gradient === dy.tensor ? dy.hold() : new Shared(gradient, 1)
      const before = gradients.get(name)
      if (!before) {
        gradients.set(name, share)
        continue
      }
      gradients.set(name, new Shared(this.device.add(before.tensor, share.tensor), 1))
      before.release()
      share.release()
    }
  }

  private sumOf(a: DeviceTensor, b: DeviceTensor): DeviceTensor {
    const sum = this.device.add(a, b)
    a.dispose()
    b.dispose()
    return sum
  }

  /** Names of the nodes from which a wanted tensor is reached: those with one, and all that come after. */
  private reaching(wanted: ReadonlySet<string>): Set<string> {
    const reaches = new Set<string>()
    for (const { node } of this.records) {
      if (Object.values(node.params).some((name) => wanted.has(name)) || node.inputs.some((name) => reaches.has(name)))
        reaches.add(node.name)
    }
    return reaches
  }
}

/**
 * Logits [N, classes] of the batch x [N, H, W, 3] with pixels in [0, 1]. x stays the caller's. Without a tape an activation is
 * freed as soon as its last reader ran; with one, what the gradients need stays until the tape is spent or disposed.
 */
export function forward(
  device: Device,
  graph: Graph,
  parameters: Parameters,
  x: DeviceTensor,
  options: ForwardOptions,
): { logits: DeviceTensor; tape: Tape | null } {
  const readers = new Map<string, number>([[graph.output, 1]])
  for (const node of graph.nodes) for (const name of node.inputs) readers.set(name, (readers.get(name) ?? 0) + 1)
  const values = new Map<string, Shared>()
  values.set(graph.input, new Shared(x, (readers.get(graph.input) ?? 0) + 1)) // one share is the caller's
  const remade = new Map<string, Remade>()
  const records: NodeRecord[] = []
  for (const node of graph.nodes) {
    const op = opOf(node.op)
    const inputs = node.inputs.map((name) => {
      const shared = values.get(name)
      if (!shared) throw new Error(`${node.name} reads ${name}, which comes later or does not exist`)
      return shared
    })
    const tensors = inputs.map((shared) => shared.tensor)
    const input = (index: number) => {
      const tensor = tensors[index]
      if (!tensor) throw new Error(`${node.name} (${node.op}) lacks its input ${index + 1}`)
      return tensor
    }
    const result: ForwardResult = op.forward({
      device,
      node,
      x: input(0),
      inputs: tensors,
      input,
      param: (role) => paramOf(node, role, parameters),
      statistics: options.statistics,
      onStatistics: options.onStatistics ?? null,
    })
    options.onOutput?.(node.name, result.output)
    const output = new Shared(result.output, readers.get(node.name) ?? 0)
    values.set(node.name, output)
    if (options.tape) {
      const saved = new Map(
        op.saves.inputs
          .filter((index) => index < inputs.length)
          .map((index) => [index, remade.get(node.inputs[index] as string) ?? (inputs[index] as Shared).hold()]),
      )
      const extras = result.extras ?? []
      const again = remaker(op, device, node, saved, extras, parameters, options.statistics)
      if (again) remade.set(node.name, again)
      records.push({
        node,
        inputs: saved,
        inputShapes: inputs.map((shared) => shared.tensor.shape),
        output: again ?? (op.saves.output ? output.hold() : null),
        extras,
        released: false,
      })
    } else {
      for (const tensor of result.extras ?? []) tensor.dispose()
    }
    for (const shared of inputs) shared.release()
  }
  const logits = (values.get(graph.output) as Shared).tensor
  return { logits, tape: options.tape ? new Tape(device, graph, parameters, options.statistics, records) : null }
}
