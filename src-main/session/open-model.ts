// The model of a run: the bundled one or a file, and what is told of it.
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { parseBoundedJson } from '#contract/bounded-json.ts'
import { PalmError } from '#contract/errors.ts'
import type { ModelInfo } from '#contract/tables/report.ts'
import type { ModelOptions } from '#contract/runs/run-options.ts'
import type { LaneOptions } from '#contract/methods/methods.ts'
import type { Device } from '#engine/compute/device.ts'
import { refusal } from '#engine/methods/registry.ts'
import { forwardFlops } from '#engine/models/flops.ts'
import { describeModel, hashTensors, loadModel, type ModelDescription } from '#engine/models/load.ts'
import {
  adaptableTensors,
  elementCount,
  isParameter,
  type Model,
  type NormalizationFrom,
} from '#engine/models/model.ts'
import { normalizationOrigin, type NormalizationOrigin } from '#engine/models/normalization-origin.ts'
import { nodeShapes } from '#engine/models/node-shapes.ts'
import { readingBeside, withReading } from './model-reading.ts'
import { readWeightsFile, type ModelFormat, type WeightsFile } from '#engine/models/weights-file.ts'

export const sampleModelName = 'EuroSAT ResNet-20'
const largestFileBytes = 4 * 2 ** 30

export interface ModelFile {
  readonly path: string
  readonly name: string
  readonly contents: WeightsFile
}

/** @throws PalmError `model-unreadable`, `model-unsupported` naming the file */
export async function readModelFile(options: ModelOptions, resourcesFolder: string): Promise<ModelFile> {
  const path =
    options.kind === 'sample' ? join(resourcesFolder, 'models', 'eurosat-resnet20.safetensors') : options.path
  const contents = await readContents(path, options.kind === 'file' ? options : { weights: null, output: null })
  return { path, name: options.kind === 'sample' ? sampleModelName : (options.name ?? basename(path)), contents }
}

/** @throws PalmError `model-unreadable`, `model-unsupported` naming the file */
export async function readContents(
  path: string,
  options: { readonly weights: string | null; readonly output: string | null } = { weights: null, output: null },
  read: (path: string) => Promise<Uint8Array> = readWhole,
): Promise<WeightsFile> {
  const file = await readWeightsFile(await read(path), path, (name) => read(join(dirname(path), name)))
  const beside = await readingBeside(path)
  const contents = await withReading(file, path, read, {
    weights: options.weights ?? beside.weights,
    output: options.output ?? beside.output,
  })
  const card = await cardMetadata(path)
  return card ? { ...contents, metadata: { ...card, ...contents.metadata } } : contents
}

/** @throws PalmError `model-unreadable`, `model-unsupported` for one that is too large */
export async function readWhole(path: string): Promise<Uint8Array> {
  const unreadable = (cause: unknown) =>
    new PalmError(
      'model-unreadable',
      `The weights file ${path} cannot be read. Does it exist, and may you open it?`,
      String(cause),
      { cause },
    )
  const info = await stat(path).catch((cause: unknown) => {
    throw unreadable(cause)
  })
  if (info.isDirectory())
    throw new PalmError(
      'model-unreadable',
      `${path} is a folder. Give the weights file in it (of a TensorFlow.js model its model.json).`,
    )
  if (info.size > largestFileBytes)
    throw new PalmError(
      'model-unsupported',
      `${path} is larger than ${largestFileBytes / 2 ** 30} GiB, more than is read.`,
    )
  return readFile(path).catch((cause: unknown) => {
    throw unreadable(cause)
  })
}

/** A hundred thousand class names fit. */
const largestCardBytes = 20_000_000
const cardSchema = z.object({ model: z.object({ metadata: z.record(z.string(), z.string().max(10_000_000)) }) })

/** What the model card beside an export of ours says of the model: a .pth cannot carry it itself. A card that does not fit is none. */
async function cardMetadata(path: string): Promise<Readonly<Record<string, string>> | null> {
  try {
    if ((await stat(`${path}.card.json`)).size > largestCardBytes) return null
    return cardSchema.parse(parseBoundedJson(await readFile(`${path}.card.json`, 'utf8'))).model.metadata
  } catch {
    return null
  }
}

export function loadOptions(path: string, options: ModelOptions) {
  const own =
    options.kind === 'file'
      ? {
          architecture: options.architecture,
          normalization: options.normalization,
          classNames: options.classNames,
          inputSize: options.inputSize,
        }
      : {}
  return { fileName: path, ...own }
}

export function openModel(device: Device, file: ModelFile, options: ModelOptions): Model {
  return loadModel(device, file.contents, loadOptions(file.path, options))
}

/** Where the normalisation of a model that was opened from a file is known from. */
export const originOf = (
  file: ModelFile,
  options: ModelOptions,
  model: Pick<Model, 'normalizationFrom'>,
): NormalizationOrigin => normalizationOrigin(file.contents, loadOptions(file.path, options), model)

/** Side to which images are scaled (@throws PalmError `model-unsupported` where it is no square): what the user asked for, else the model's own when it has one. Null = as they are. */
export function inputSizeOf(model: Pick<Model, 'inputSize'>, options: ModelOptions): number | null {
  if (options.kind === 'file' && options.inputSize !== null) return options.inputSize
  if (model.inputSize && model.inputSize.width !== model.inputSize.height)
    throw new PalmError(
      'model-unsupported',
      `${options.kind === 'file' ? options.path : 'The model'} takes images of ${model.inputSize.width} x ${model.inputSize.height}, and only square ones are made here. Export it for a square size, or give one that it takes as well (--size PIXELS).`,
    )
  return model.inputSize?.width ?? null
}

/** What a weights file holds, without a device. @throws PalmError `model-unreadable`, `model-unsupported` */
export async function inspectModel(options: ModelOptions, resourcesFolder: string): Promise<ModelInfo> {
  const file = await readModelFile(options, resourcesFolder)
  const description = describeModel(file.contents, loadOptions(file.path, options))
  return infoOf(file, options, description, description.name, hashTensors(description.values))
}

export interface ModelDetails {
  readonly info: ModelInfo
  readonly normalizationFrom: NormalizationFrom
  /** What the file does by itself before its first layer, for people. */
  readonly normalizationNote: string | null
  readonly format: ModelFormat
  readonly tensors: readonly {
    readonly name: string
    readonly kind: string
    readonly shape: readonly number[]
    readonly adaptable: boolean
  }[]
  /** For a batch: weights, and what a step with gradients keeps alive; an estimate. */
  readonly memoryBytes: number
  /** Multiplications and additions of one image's forward pass. */
  readonly flops: number
  /** Why each lane's method cannot run on it; only those that cannot. */
  readonly refusals: readonly { readonly method: string; readonly reason: string }[]
}

/** How images come to the size that a model takes. @throws PalmError `model-unreadable`, `model-unsupported` */
export async function frameOf(
  options: ModelOptions,
  resourcesFolder: string,
): Promise<{ readonly inputSize: number | null; readonly resize: number }> {
  const file = await readModelFile(options, resourcesFolder)
  const description = describeModel(file.contents, loadOptions(file.path, options))
  return { inputSize: inputSizeOf(description, options), resize: description.resize ?? 1 }
}

/** Everything that can be told of a weights file. @throws PalmError `model-unreadable`, `model-unsupported` */
export async function modelDetails(
  options: ModelOptions,
  resourcesFolder: string,
  lanes: readonly LaneOptions[],
  batch: number,
): Promise<ModelDetails> {
  const file = await readModelFile(options, resourcesFolder)
  const description = describeModel(file.contents, loadOptions(file.path, options))
  const adaptable = new Set(adaptableTensors(description).map(({ name }) => name))
  const candidate = { architecture: description.name, graph: description.graph, tensors: description.tensors }
  return {
    info: infoOf(file, options, description, description.name, hashTensors(description.values)),
    normalizationFrom: description.normalizationFrom ?? 'family',
    normalizationNote: description.normalizationNote ?? null,
    format: file.contents.format,
    tensors: description.tensors.map(({ name, kind, shape }) => ({
      name,
      kind,
      shape: [...shape],
      adaptable: adaptable.has(name),
    })),
    memoryBytes: stepBytes(description, inputSizeOf(description, options) ?? 32, batch),
    flops: forwardFlops(description, inputSizeOf(description, options) ?? 32),
    refusals: lanes.flatMap((lane) => {
      const reason = refusal(candidate, lane, 'labelled')
      return reason === null ? [] : [{ method: lane.method, reason }]
    }),
  }
}

/** Weights, moments and gradients of what adapts, and one tape: what each convolution and norm reads, for a batch. */
function stepBytes(
  { graph, tensors }: Pick<ModelDescription, 'graph' | 'tensors'>,
  side: number,
  batch: number,
): number {
  const shapes = nodeShapes(graph, tensors, side, side)
  const weights = tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0)
  const remade = new Set(graph.nodes.filter(({ op }) => op === 'batch-norm').map(({ name }) => name))
  const kept = new Set(
    graph.nodes.flatMap(({ op, inputs }) =>
      op === 'global-mean' || op === 'flatten' ? [] : inputs.filter((name) => !remade.has(name)),
    ),
  )
  const activations = [...kept].reduce((sum, name) => sum + elementCount(shapes.get(name) ?? []), 0)
  return 4 * (4 * weights + batch * activations)
}

/** What a sweep needs to know of a model. `flops`: multiplications and additions of one image's forward pass. */
export async function modelCost(
  options: ModelOptions,
  resourcesFolder: string,
): Promise<{ name: string; architecture: string; hash: string; classes: number; flops: number }> {
  const file = await readModelFile(options, resourcesFolder)
  const description = describeModel(file.contents, loadOptions(file.path, options))
  const side = inputSizeOf(description, options) ?? 32
  return {
    name: file.name,
    architecture: description.name,
    hash: hashTensors(description.values),
    classes: description.classes,
    flops: forwardFlops(description, side),
  }
}

/** Why each lane cannot run on the model; null where it can. */
export async function refusalsOf(
  options: ModelOptions,
  resourcesFolder: string,
  lanes: readonly LaneOptions[],
  hasSource: boolean,
): Promise<(string | null)[]> {
  const file = await readModelFile(options, resourcesFolder)
  const { name, graph, tensors } = describeModel(file.contents, loadOptions(file.path, options))
  return lanes.map((lane) => refusal({ architecture: name, graph, tensors }, lane, hasSource ? 'labelled' : 'none'))
}

export function modelInfo(file: ModelFile, options: ModelOptions, model: Model): ModelInfo {
  return infoOf(file, options, model, model.architecture, model.hash)
}

function infoOf(
  file: ModelFile,
  options: ModelOptions,
  model: Pick<
    ModelDescription,
    | 'classes'
    | 'classNames'
    | 'inputSize'
    | 'normalization'
    | 'normalizationFrom'
    | 'normalizationNote'
    | 'remarks'
    | 'tensors'
  >,
  architecture: string,
  hash: string,
): ModelInfo {
  const side = inputSizeOf(model, options) ?? 0
  return {
    name: file.name,
    path: options.kind === 'sample' ? null : file.path,
    hash,
    architecture,
    parameters: model.tensors.filter(isParameter).reduce((sum, tensor) => sum + elementCount(tensor.shape), 0),
    classes: model.classes,
    classNames: [...(model.classNames ?? Array.from({ length: model.classes }, (_, i) => `class ${i}`))],
    normalization: { mean: [...model.normalization.mean], std: [...model.normalization.std] },
    normalizationFrom: model.normalizationFrom ?? 'family',
    normalizationNote: model.normalizationNote ?? null,
    inputSize: { width: side, height: side },
    ...(model.remarks === undefined ? {} : { remarks: [...model.remarks] }),
  }
}
