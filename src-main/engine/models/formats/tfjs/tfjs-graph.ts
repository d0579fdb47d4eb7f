// The ops of a converted TensorFlow graph, with the fused ones of its optimiser: a walk, in which each op of ours reads itself (ops/registry.ts).
import { PalmError } from '#contract/errors.ts'
import type { FileTensor } from '#engine/compute/ops/formats/network.ts'
import type { TfjsRead, TfjsValue } from '#engine/compute/ops/formats/tfjs.ts'
import { ops } from '#engine/compute/ops/registry.ts'
import { ImportedNetwork, type ImportedArchitecture } from '#engine/models/imported-network.ts'
import type { ModelNormalization } from '#engine/models/model.ts'
import { noNormalization, signedNormalization } from '#engine/models/normalization.ts'
import { outerNormalization, type OuterNormalization } from '#engine/models/outer-normalization.ts'
import { readersByName } from '#engine/models/formats/readers-by-name.ts'
import { TfjsNodeView } from './tfjs-node.ts'
import { plainName, type TfNode } from './tfjs.ts'

/** The ops of ours that read each op of the file, in the registry's order. */
const readers: ReadonlyMap<string, readonly TfjsRead[]> = readersByName(Object.values(ops), ({ tfjs }) => tfjs.reads)

export class TfjsGraphReader {
  private readonly nodes: ReadonlyMap<string, TfNode>
  private readonly order: readonly TfNode[]
  private readonly fileName: string
  private readonly weights: ReadonlyMap<string, FileTensor>
  private readonly network: ImportedNetwork
  private readonly normalization: ModelNormalization | null
  private readonly values = new Map<string, TfjsValue>()
  private inputSize = { width: 224, height: 224 }

  constructor(
    nodes: readonly TfNode[],
    fileName: string,
    weights: ReadonlyMap<string, FileTensor>,
    normalization: ModelNormalization | null,
  ) {
    this.order = nodes
    this.nodes = new Map(nodes.map((node) => [node.name, node]))
    this.fileName = fileName
    this.weights = weights
    this.normalization = normalization
    this.network = new ImportedNetwork(fileName, normalization ?? noNormalization)
  }

  read(): ImportedArchitecture {
    const read = new Set(this.order.flatMap((node) => node.input.map(plainName)))
    const ends = this.order.filter((node) => !read.has(node.name) && node.op !== 'Const' && node.op !== 'NoOp')
    if (ends.length !== 1) throw this.network.refused(`it has ${ends.length} outputs, and a classifier has one`)
    for (const node of this.sorted(ends[0] as TfNode)) this.values.set(node.name, this.valueOf(node))
    const output = this.values.get((ends[0] as TfNode).name)
    if (output?.kind !== 'flow') throw this.network.refused('its output does not depend on its input')
    this.network.prune(output.node)
    const { normalization, from, note } = this.outer()
    return this.network.finish('tfjs-graph', output, normalization, {
      inputSize: this.inputSize,
      normalization,
      normalizationFrom: from,
      ...(note === null ? {} : { normalizationNote: note }),
    })
  }

  /** What is given is taken as it is: our own exports say that nothing comes before theirs. */
  private outer(): OuterNormalization {
    if (this.normalization) return { normalization: this.normalization, from: 'given', note: null }
    return outerNormalization(this.network.affineAtStart(), false, null, signedNormalization, this.fileName)
  }

  /** Nodes before those that read them, without recursion: a graph may be deep. */
  private sorted(end: TfNode): TfNode[] {
    const out: TfNode[] = []
    const state = new Map<string, 'open' | 'done'>()
    const stack = [end]
    while (stack.length > 0) {
      const node = stack.at(-1) as TfNode
      if (state.get(node.name) === 'done') {
        stack.pop()
        continue
      }
      if (state.get(node.name) === 'open') {
        state.set(node.name, 'done')
        out.push(node)
        stack.pop()
        continue
      }
      state.set(node.name, 'open')
      for (const input of node.input) {
        const before = this.nodes.get(plainName(input))
        if (!before)
          throw new PalmError(
            'model-unreadable',
            `${this.fileName}: the node “${node.name}” reads “${input}”, which is not there.`,
          )
        const known = state.get(before.name)
        if (known === 'open')
          throw new PalmError('model-unreadable', `${this.fileName}: its graph goes in a circle at “${node.name}”.`)
        if (!known) stack.push(before)
      }
    }
    return out
  }

  private valueOf(node: TfNode): TfjsValue {
    const view = new TfjsNodeView(node, this.values, this.network)
    switch (node.op) {
      case 'Placeholder':
        return this.placeholder(node)
      case 'Const':
        return this.constant(node)
      case 'Identity':
      case 'StopGradient':
        return view.value(0)
      default:
    }
    for (const read of readers.get(node.op) ?? []) {
      const value = read(view)
      if (value !== undefined) return value
    }
    throw this.network.refused(`it holds the op ${node.op}, which is not supported`)
  }

  private placeholder(node: TfNode): TfjsValue {
    const sizes = JSON.stringify(node.attr.shape ?? {}).match(/"size":"?(-?\d+)/g) ?? []
    const [, height = -1, width = -1, channels] = sizes.map((text) => Number(/-?\d+/.exec(text)?.[0]))
    if (sizes.length === 4 && channels !== 3)
      throw this.network.refused(`its input has ${channels} channels, and colour images are needed`)
    if (height > 0 && width > 0) this.inputSize = { height, width }
    return this.network.start
  }

  private constant({ name }: TfNode): TfjsValue {
    const value = this.weights.get(name)
    if (!value)
      throw new PalmError('model-unreadable', `${this.fileName}: the weights of “${name}” are not in its shards.`)
    return { kind: 'constant', name, value }
  }
}
