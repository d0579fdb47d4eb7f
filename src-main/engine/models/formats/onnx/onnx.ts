// ONNX classifiers (opset 9 to 21) as graphs of our ops. A walk over the file's nodes: what is arithmetic on shapes is evaluated, what is left is read by
// the op of ours that knows it (ops/registry.ts). What no op knows is refused by name.
import { PalmError } from '#contract/errors.ts'
import type { OnnxNodeReader, OnnxRead } from '#engine/compute/ops/formats/onnx.ts'
import { ops } from '#engine/compute/ops/registry.ts'
import { ImportedNetwork, type ImportedArchitecture } from '#engine/models/imported-network.ts'
import type { ModelNormalization } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import { evaluate } from './onnx-constants.ts'
import { OnnxNodeView, OnnxValues } from './onnx-node.ts'
import { parseOnnx, type OnnxModel, type OnnxNode, type OnnxTensor, type OnnxValueInfo } from './onnx-proto.ts'
import type { PartBytes } from './onnx-values.ts'
import { readersByName } from '#engine/models/formats/readers-by-name.ts'

export interface OnnxHints {
  readonly normalization: ModelNormalization | null
}

const opsets = { lowest: 9, highest: 21 } as const

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
  return new OnnxReader(model, fileName, part, hints).read()
}

/** The ops of ours that read each op of the file, in the registry's order. */
const readers: ReadonlyMap<string, readonly OnnxRead[]> = readersByName(Object.values(ops), ({ onnx }) => onnx.reads)

class OnnxReader {
  private readonly model: OnnxModel
  private readonly network: ImportedNetwork
  private readonly normalization: ModelNormalization
  private readonly values: OnnxValues
  /** A graph input that comes channels-last; a transposition is to follow. */
  private channelsLast: string | null = null

  constructor(model: OnnxModel, fileName: string, part: PartBytes, { normalization }: OnnxHints) {
    this.model = model
    this.normalization = normalization ?? imagenetNormalization
    this.network = new ImportedNetwork(fileName, this.normalization)
    this.values = new OnnxValues(model, fileName, part)
  }

  read(): ImportedArchitecture {
    const { model } = this
    const side = this.readInput()
    for (const node of model.nodes) this.readNode(node)
    const [info] = model.outputs
    const output = this.values.get(info?.name ?? '')
    if (output?.kind !== 'flow') throw this.network.refused('its output is not what a classifier gives')
    const flow = { ...output, channels: output.channels ?? info?.dims.at(-1) ?? null }
    return this.network.finish('onnx', flow, {
      inputSize: side,
      normalization: this.normalization,
      ...(side.width >= 128 ? { resize: 256 / 224 } : {}),
    })
  }

  /** Returns the size that images must have. */
  private readInput(): { width: number; height: number } {
    const input = this.model.inputs.find(({ name }) => !this.model.initializers.has(name))
    if (!input) throw this.network.refused('it has no input')
    const { dims } = input
    const last = isChannelsLast(input)
    if (dims.length !== 0 && (dims.length !== 4 || (!last && dims[1] !== null && dims[1] !== 3)))
      throw this.network.refused(
        `its input has the shape [${dims.map((n) => n ?? '?').join(', ')}], and colour images (3 channels) are needed`,
      )
    this.values.set(input.name, this.network.start)
    if (last) this.channelsLast = input.name
    const [height, width] = last ? [dims[1], dims[2]] : [dims[2], dims[3]]
    return height && width ? { width, height } : { width: 224, height: 224 }
  }

  private readNode(node: OnnxNode): void {
    if (node.domain !== '' && node.domain !== 'ai.onnx')
      throw this.network.refused(`it holds the op ${node.domain}.${node.opType}`)
    const view = new OnnxNodeView(node, this.values, this.network)
    const evaluated = evaluate(view)
    const result = evaluated === undefined ? this.take(view) : evaluated
    for (const [index, value] of [result].flat().entries()) {
      const name = node.output[index]
      if (name !== undefined && value) this.values.set(name, value)
    }
  }

  private take(node: OnnxNodeView): ReturnType<OnnxRead> {
    for (const read of readers.get(node.opType) ?? []) {
      const result = read(node)
      if (result !== undefined) return result
    }
    if (node.opType === 'Transpose') return this.transpose(node)
    throw this.network.refused(`it holds the op ${node.opType}, which is not supported`)
  }

  /** Only of an input that has its channels last, to where ONNX has them. */
  private transpose(node: OnnxNodeView): ReturnType<OnnxNodeReader['value']> {
    const value = node.value(0)
    const first = node.inputName(0) === this.channelsLast && node.ints('perm')?.join() === '0,3,1,2'
    if (value?.kind !== 'flow' || !first) throw node.refused('turns axes around')
    return value
  }
}

const isChannelsLast = ({ dims }: OnnxValueInfo): boolean => dims.length === 4 && dims[3] === 3 && dims[1] !== 3
