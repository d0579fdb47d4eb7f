// ONNX classifiers (opset 9 to 24) as graphs of our ops. A walk over the file's nodes: what is arithmetic on constants is evaluated, what is left is read by
// the op of ours that knows it (ops/registry.ts). What no op knows is refused by name, where the scores need it.
import { PalmError } from '#contract/errors.ts'
import type { OnnxNodeReader, OnnxRead, OnnxValue } from '#engine/compute/ops/formats/onnx.ts'
import { channelsLast, isChannelsLast } from '#engine/compute/ops/formats/onnx-view.ts'
import { ops } from '#engine/compute/ops/registry.ts'
import { readersByName } from '#engine/models/formats/readers-by-name.ts'
import { ImportedNetwork, type ImageSize, type ImportedArchitecture } from '#engine/models/imported-network.ts'
import type { ModelNormalization } from '#engine/models/model.ts'
import { imagenetNormalization, noNormalization } from '#engine/models/normalization.ts'
import { outerNormalization } from '#engine/models/outer-normalization.ts'
import { evaluate } from './onnx-constants.ts'
import { OnnxValues } from './onnx-graph-values.ts'
import { OnnxNodeView } from './onnx-node.ts'
import { inputOf, type OnnxInput } from './onnx-input.ts'
import { chooseOutput } from './onnx-output.ts'
import { parseOnnx, type OnnxModel, type OnnxNode, type OnnxTensor } from './onnx-proto.ts'
import { unfoldBatchNorms, type StateDict } from './onnx-unfold.ts'
import type { PartBytes } from './onnx-values.ts'

export interface OnnxHints {
  /** Before the network; null = as the file suggests. */
  readonly normalization: ModelNormalization | null
  /** Side of the images that it will be given; null = as the file says. */
  readonly side?: number | null
  /** The output that gives the scores; null = whichever they are. */
  readonly output?: string | null
  /** Of the same network: brings back batch normalisation that was folded into convolutions. */
  readonly weights?: StateDict | null
}

const opsets = { lowest: 9, highest: 24 } as const

/** Names of the files with external data that lie beside the model. @throws PalmError `model-unreadable`, `model-unsupported` */
export function onnxParts(model: OnnxModel, fileName: string): string[] {
  const names = new Set<string>()
  const look = (tensor: OnnxTensor) => {
    const location = tensor.external?.location
    if (location === undefined) return
    if (!/^[^/\\:*?"<>|\0]{1,255}$/.test(location) || location.startsWith('.'))
      throw new PalmError(
        'model-unsupported',
        `${fileName} was refused: it names “${location.slice(0, 80)}” as the file of its data, and only files right beside it are read.`,
      )
    names.add(location)
  }
  for (const tensor of model.initializers.values()) look(tensor)
  for (const node of model.nodes) for (const { t } of node.attributes.values()) if (t) look(t)
  return [...names]
}

/** @throws PalmError `model-unreadable` */
export function openOnnx(bytes: Uint8Array, fileName: string): OnnxModel {
  try {
    return parseOnnx(bytes)
  } catch (cause) {
    throw new PalmError(
      'model-unreadable',
      `${fileName} is not a usable ONNX file: it may be cut short.`,
      cause instanceof Error ? cause.message : String(cause),
      { cause },
    )
  }
}

/** @throws PalmError `model-unreadable`, `model-unsupported` naming the op or tensor */
export function onnxNetwork(
  model: OnnxModel,
  fileName: string,
  part: PartBytes,
  hints: OnnxHints,
): ImportedArchitecture {
  if (model.nodes.length === 0)
    throw new PalmError('model-unreadable', `${fileName} is not a usable ONNX file: there is no network in it.`)
  if (model.opset < opsets.lowest || model.opset > opsets.highest)
    throw new PalmError(
      'model-unsupported',
      `${fileName} was refused: it uses opset ${model.opset}, and ${opsets.lowest} to ${opsets.highest} are read.`,
    )
  const input = inputOf(model, fileName)
  const read = (size: ImageSize) => new OnnxReader(model, fileName, part, hints, input, size).read()
  const { side = null } = hints
  if (side !== null) return read({ width: side, height: side })
  if (input.size) return read(input.size)
  const found = read(usualSize)
  // A classifier of ImageNet's thousand that takes images of any size was trained on these.
  if (found.classes === 1000) return { ...found, inputSize: usualSize, resize: 256 / 224 }
  if (!sameNetwork(found, () => read(otherSize)))
    throw new PalmError(
      'model-unsupported',
      `${fileName} takes images of any size and computes with their size, so it must be known: give the side of the images that it was trained on (--size PIXELS).`,
    )
  return found
}

/** Whether another reading gives the same nodes, so that nothing in them depends on what was different. */
function sameNetwork({ graph }: ImportedArchitecture, other: () => ImportedArchitecture): boolean {
  try {
    return JSON.stringify(other().graph) === JSON.stringify(graph)
  } catch (thrown) {
    if (thrown instanceof PalmError) return false
    throw thrown
  }
}

/** The ops of ours that read each op of the file, in the registry's order. */
const readers: ReadonlyMap<string, readonly OnnxRead[]> = readersByName(Object.values(ops), ({ onnx }) => onnx.reads)

/** Where images may have any size the file is read for these. */
const usualSize = { width: 224, height: 224 } as const
const otherSize = { width: 160, height: 192 } as const

/** Of each number alone, whatever axes it is under. */
const ofPixels = new Set(['Relu', 'LeakyRelu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Gelu', 'Swish', 'Clip'])

class OnnxReader {
  private readonly model: OnnxModel
  private readonly fileName: string
  private readonly hints: OnnxHints
  private readonly input: OnnxInput
  /** Null = any. */
  private readonly size: ImageSize | null
  private readonly network: ImportedNetwork
  private readonly values: OnnxValues

  constructor(
    model: OnnxModel,
    fileName: string,
    part: PartBytes,
    hints: OnnxHints,
    input: OnnxInput,
    size: ImageSize,
  ) {
    this.model = model
    this.fileName = fileName
    this.hints = hints
    this.input = input
    this.size = input.size || hints.side ? size : null
    this.network = new ImportedNetwork(fileName, noNormalization, size)
    this.values = new OnnxValues(model, fileName, part, this.input.batch)
    const { start } = this.network
    const { name, channelsLast, batch } = this.input
    this.values.set(
      name,
      channelsLast ? { kind: 'view', flow: start, dims: [batch, ...(start.shape ?? [])], order: 'last' } : start,
    )
  }

  read(): ImportedArchitecture {
    for (const node of this.model.nodes) this.readNode(node)
    const flow = chooseOutput(this.model, this.values, this.network, this.hints.output ?? null)
    this.network.prune(flow.node)
    if (this.hints.weights) unfoldBatchNorms(this.network, this.hints.weights)
    const inside = this.network.affineAtStart()
    const { normalization, from, note } = outerNormalization(
      inside,
      this.input.bytes,
      this.hints.normalization,
      imagenetNormalization,
      this.fileName,
    )
    const inputSize = this.size
    return this.network.finish('onnx', flow, normalization, {
      inputSize,
      normalization,
      normalizationFrom: from,
      ...(note === null ? {} : { normalizationNote: note }),
      ...(inputSize && inputSize.width >= 128 ? { resize: 256 / 224 } : {}),
    })
  }

  /** A node that cannot be read leaves its failure to those that read it. */
  private readNode(node: OnnxNode): void {
    let results: readonly (OnnxValue | null)[]
    try {
      if (node.domain !== '' && node.domain !== 'ai.onnx')
        throw this.network.refused(`it holds the op ${node.domain}.${node.opType}, which is not supported`)
      const view = new OnnxNodeView(node, this.values, this.network)
      const evaluated = evaluate(view)
      results = [evaluated === undefined ? this.take(view) : evaluated].flat()
    } catch (thrown) {
      if (!(thrown instanceof PalmError)) throw thrown
      for (const name of node.output) this.values.set(name, thrown)
      return
    }
    for (const [index, name] of node.output.entries()) {
      const value = results[index]
      if (name === '') continue
      this.values.set(
        name,
        value ?? this.network.refused(`the output ${index + 1} of ${node.opType}, “${name}”, is not supported`),
      )
    }
  }

  private take(node: OnnxNodeView): OnnxValue | readonly OnnxValue[] | null {
    const first = node.inputCount > 0 ? node.value(0) : null
    const last = ofPixels.has(node.opType) && isChannelsLast(first, node.batch)
    const plain: OnnxNodeReader = node
    const reader = last
      ? { ...plain, value: (index: number) => (index === 0 ? first.flow : node.value(index)), flow: () => first.flow }
      : node
    for (const read of readers.get(node.opType) ?? []) {
      const result = read(reader)
      if (result === undefined) continue
      return last && result !== null && !('length' in result) && result.kind === 'flow'
        ? channelsLast(result, node.batch)
        : result
    }
    // An input that could not be read says more than the op that reads it.
    for (let index = 0; index < node.inputCount; index++) node.value(index)
    if (node.opType === 'Transpose') throw node.refused('turns axes around in a way that is not supported')
    throw this.network.refused(`it holds the op ${node.opType}, which is not supported`)
  }
}
