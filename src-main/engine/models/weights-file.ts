// A weights file of any kind that is read, by its content and not by its name: .safetensors, PyTorch's .pt / .pth, ONNX, TensorFlow.js. What comes out is
// a state dict, whose architecture its tensors tell, or a whole network.
import { PalmError } from '#contract/errors.ts'
import { onnxNetwork, onnxParts, openOnnx, type OnnxHints } from './formats/onnx/onnx.ts'
import { unpackOnnx } from './formats/onnx/onnx-values.ts'
import { readSafetensors } from './formats/safetensors.ts'
import { openTfjs, tfjsWeights } from './formats/tfjs/tfjs.ts'
import { tfjsNetwork } from './formats/tfjs/tfjs-network.ts'
import { looksLikeTorch, readTorch } from './formats/torch/torch.ts'
import type { ImportedArchitecture } from './imported-network.ts'
import { plainStateDict, type PlainStateDict } from './state-dict.ts'

export type ModelFormat = 'safetensors' | 'torch' | 'onnx' | 'tfjs'

export interface StateDictFile extends PlainStateDict {
  readonly kind: 'state-dict'
  readonly format: ModelFormat
  /** Tensors that are no arrays, with the reason; by their names in the file. */
  readonly foreign: ReadonlyMap<string, string>
}

/** What is known from elsewhere; TensorFlow.js models take a normalisation only. */
export type NetworkHints = OnnxHints

export interface NetworkFile {
  readonly kind: 'network'
  readonly format: ModelFormat
  readonly metadata: Readonly<Record<string, string>>
  /** The network, as the file and the hints have it. */
  readonly network: (hints: NetworkHints) => ImportedArchitecture
}

export type WeightsFile = StateDictFile | NetworkFile

/** Reads a file that lies beside the model. @throws PalmError `model-unreadable` */
export type ReadPart = (name: string) => Promise<Uint8Array>

/** A .safetensors file that is at hand. @throws PalmError `model-unreadable` */
export function safetensorsFile(bytes: Uint8Array, fileName: string): StateDictFile {
  const { tensors, metadata, whole } = readSafetensors(bytes, fileName)
  return {
    kind: 'state-dict',
    format: 'safetensors',
    ...plainStateDict(tensors, metadata, fileName, whole),
    foreign: new Map(),
  }
}

/** @throws PalmError `model-unreadable`, `model-unsupported` naming the file and the reason */
export async function readWeightsFile(bytes: Uint8Array, fileName: string, readPart: ReadPart): Promise<WeightsFile> {
  const kind = formatOf(bytes, fileName)
  if (kind === 'safetensors') return safetensorsFile(bytes, fileName)
  if (kind === 'torch') {
    const { tensors, whole, foreign, besides } = await readTorch(bytes, fileName)
    const plain = plainStateDict(tensors, {}, fileName, whole)
    return { kind: 'state-dict', format: kind, ...plain, besides: [...besides, ...plain.besides], foreign }
  }
  const parts = new Map<string, Uint8Array>()
  const part = (name: string) => parts.get(name) ?? new Uint8Array(0)
  if (kind === 'onnx') {
    const model = openOnnx(bytes, fileName)
    for (const name of onnxParts(model, fileName)) parts.set(name, await readPart(name))
    unpackOnnx(model, fileName, part)
    parts.clear()
    return {
      kind: 'network',
      format: kind,
      metadata: model.metadata,
      network: (hints) => onnxNetwork(model, fileName, part, hints),
    }
  }
  const file = openTfjs(bytes, fileName)
  for (const name of new Set(file.parts)) parts.set(name, await readPart(name))
  const weights = tfjsWeights(file, fileName, part)
  parts.clear() // what is made of them is all that is needed
  return {
    kind: 'network',
    format: kind,
    metadata: file.metadata,
    network: ({ normalization }) => tfjsNetwork(file, fileName, weights, normalization),
  }
}

/** Names of the files that belong to a model besides its main one. @throws PalmError as reading does */
export function modelParts(bytes: Uint8Array, fileName: string): string[] {
  const kind = formatOf(bytes, fileName)
  if (kind === 'onnx') return onnxParts(openOnnx(bytes, fileName), fileName)
  return kind === 'tfjs' ? [...new Set(openTfjs(bytes, fileName).parts)] : []
}

/** @throws PalmError `model-unsupported` */
function formatOf(bytes: Uint8Array, fileName: string): ModelFormat {
  const name = fileName.toLowerCase()
  if (looksLikeTorch(bytes)) return 'torch'
  if (name.endsWith('.safetensors')) return 'safetensors'
  if (name.endsWith('.onnx')) return 'onnx'
  if (name.endsWith('.json')) return 'tfjs'
  if (/\.(pt|pth|th|bin|ckpt|tar)$/.test(name))
    throw new PalmError(
      'model-unreadable',
      `${fileName} does not start like a PyTorch file: it may be cut short, or not a weights file at all.`,
    )
  // Without a name that tells: safetensors begins with a length and a brace, JSON with a brace.
  if (bytes[8] === 0x7b) return 'safetensors'
  if (bytes[0] === 0x7b) return 'tfjs'
  if (bytes[0] === 0x08) return 'onnx'
  throw new PalmError(
    'model-unsupported',
    `${fileName} is not a weights file that can be read: .safetensors, PyTorch’s .pt and .pth, .onnx, or TensorFlow.js’s model.json.`,
  )
}
