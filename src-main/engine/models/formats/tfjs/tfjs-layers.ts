// The layers of a Keras model: a walk, in which each op of ours reads itself (ops/registry.ts).
import { PalmError } from '#contract/errors.ts'
import type { FileTensor, Flow } from '#engine/compute/ops/formats/network.ts'
import { numberOf, type KerasRead } from '#engine/compute/ops/formats/tfjs.ts'
import { ops } from '#engine/compute/ops/registry.ts'
import { ImportedNetwork, type ImportedArchitecture } from '#engine/models/imported-network.ts'
import type { ModelNormalization } from '#engine/models/model.ts'
import { readersByName } from '#engine/models/formats/readers-by-name.ts'
import { KerasLayerView, KerasWeights, textOf } from './tfjs-layer.ts'
import type { KerasLayer, TfjsFile } from './tfjs.ts'

/** Layers that change nothing when a model answers. */
const passing = new Set(['Dropout', 'SpatialDropout2D', 'GaussianNoise'])
const readers: ReadonlyMap<string, readonly KerasRead[]> = readersByName(Object.values(ops), ({ tfjs }) => tfjs.layers)

export class TfjsLayersReader {
  private readonly topology: Extract<TfjsFile['topology'], { kind: 'layers' }>
  private readonly fileName: string
  private readonly weights: KerasWeights
  private readonly normalization: ModelNormalization
  private readonly network: ImportedNetwork
  private readonly flows = new Map<string, Flow>()
  private inputSize = { width: 224, height: 224 }

  constructor(
    topology: Extract<TfjsFile['topology'], { kind: 'layers' }>,
    fileName: string,
    weights: ReadonlyMap<string, FileTensor>,
    normalization: ModelNormalization,
  ) {
    this.topology = topology
    this.fileName = fileName
    this.weights = new KerasWeights(weights, fileName)
    this.normalization = normalization
    this.network = new ImportedNetwork(fileName, normalization)
  }

  read(): ImportedArchitecture {
    let last: Flow = this.network.start
    for (const layer of this.topology.layers) {
      const name = textOf(layer.config.name ?? layer.name)
      this.readInputShape(layer.config.batch_input_shape ?? layer.config.batch_shape)
      const inputs = this.topology.sequential ? [last] : this.inputsOf(layer, name)
      last = this.readLayer(layer, name, inputs)
      this.flows.set(name, last)
    }
    const end = this.topology.outputs.map((name) => this.flows.get(name)).find(Boolean) ?? last
    return this.network.finish('tfjs-layers', end, this.normalization, {
      inputSize: this.inputSize,
      normalization: this.normalization,
    })
  }

  private readInputShape(shape: unknown): void {
    if (!Array.isArray(shape) || shape.length !== 4) return
    const [, height, width, channels] = shape as readonly unknown[]
    if (channels !== 3)
      throw this.network.refused(`its input has ${textOf(channels) || 'no'} channels, and colour images are needed`)
    const size = { height: numberOf(height), width: numberOf(width) }
    if (size.height > 0 && size.width > 0) this.inputSize = size
  }

  private readLayer(layer: KerasLayer, name: string, inputs: readonly Flow[]): Flow {
    const { class_name: kind } = layer
    const view = new KerasLayerView(layer, name, inputs, this.weights, this.network)
    if (layer.config.data_format === 'channels_first') throw view.refused('has its channels first')
    if (kind === 'InputLayer') return this.network.start
    if (kind === 'Activation') return view.activated(view.input)
    if (passing.has(kind)) return view.input
    const [read] = readers.get(kind) ?? []
    if (!read) throw this.network.refused(`it holds the layer ${kind.slice(0, 60)} (“${name}”), which is not supported`)
    return read(view)
  }

  private inputsOf(layer: KerasLayer, name: string): Flow[] {
    const inbound = layer.inbound_nodes ?? []
    if (inbound.length === 0) return [this.network.start]
    if (inbound.length > 1) throw this.network.refused(`the layer “${name}” is used more than once`)
    const names = namesOf(inbound[0])
    if (names.length === 0)
      throw new PalmError('model-unreadable', `${this.fileName}: the layer “${name}” does not say what it reads.`)
    return names.map((input) => {
      const flow = this.flows.get(input)
      if (!flow)
        throw new PalmError(
          'model-unreadable',
          `${this.fileName}: the layer “${name}” reads “${input}”, which does not come before it.`,
        )
      return flow
    })
  }
}

/** Keras 2: [[name, 0, 0, {}], …]; Keras 3: {args: […{config: {keras_history: [name, 0, 0]}}…]}. Both name layers that came before. */
function namesOf(inbound: unknown): string[] {
  const names: string[] = []
  const visit = (value: unknown, depth: number): void => {
    if (depth > 12) return
    if (Array.isArray(value)) {
      const [name, index] = value as readonly unknown[]
      if (typeof name === 'string' && typeof index === 'number') names.push(name)
      else for (const item of value) visit(item, depth + 1)
    } else if (typeof value === 'object' && value !== null) {
      if ('keras_history' in value) visit(value.keras_history, depth + 1)
      else for (const item of Object.values(value)) visit(item, depth + 1)
    }
  }
  visit(inbound, 0)
  return names
}
