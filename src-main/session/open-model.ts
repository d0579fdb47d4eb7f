// The model of a run: the bundled one or a file, and what is told of it.
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PalmError } from '../contract/errors.ts'
import type { ModelInfo } from '../contract/report.ts'
import type { ModelOptions } from '../contract/run-options.ts'
import type { LaneOptions } from '../contract/methods.ts'
import type { Device } from '../engine/compute/device.ts'
import { refusal } from '../engine/methods/registry.ts'
import { forwardFlops } from '../engine/models/flops.ts'
import { describeModel, hashTensors, loadModel, readTensors, type ModelDescription } from '../engine/models/load.ts'
import { elementCount, type Model } from '../engine/models/model.ts'

export const sampleModelName = 'EuroSAT ResNet-20'

export interface ModelFile {
  readonly path: string
  readonly name: string
  readonly bytes: Uint8Array
}

/** @throws PalmError `model-unreadable` naming the file */
export async function readModelFile(options: ModelOptions, resourcesFolder: string): Promise<ModelFile> {
  const path = options.kind === 'sample' ? join(resourcesFolder, 'models', 'eurosat-resnet20.safetensors') : options.path
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new PalmError('model-unreadable', `The weights file ${path} cannot be read. Does it exist, and may you open it?`, String(cause), { cause })
  })
  if (options.kind === 'file' && !path.toLowerCase().endsWith('.safetensors')) {
    throw new PalmError('model-unsupported', `${path} is not a .safetensors file, the only format that is read so far. In Python: safetensors.torch.save_file(model.state_dict(), "model.safetensors").`)
  }
  return { path, name: options.kind === 'sample' ? sampleModelName : basename(path), bytes }
}

function loadOptions(file: ModelFile, options: ModelOptions) {
  const own = options.kind === 'file' ? { architecture: options.architecture, normalization: options.normalization, classNames: options.classNames } : {}
  return { fileName: file.path, ...own }
}

export function openModel(device: Device, file: ModelFile, options: ModelOptions): Model {
  return loadModel(device, file.bytes, loadOptions(file, options))
}

/** Side to which images are scaled: what the user asked for, else the model's own when it has one. Null = as they are. */
export function inputSizeOf(model: Pick<Model, 'inputSize'>, options: ModelOptions): number | null {
  if (options.kind === 'file' && options.inputSize !== null) return options.inputSize
  return model.inputSize?.width ?? null
}

/** What a weights file holds, without a device. @throws PalmError `model-unreadable`, `model-unsupported` */
export async function inspectModel(options: ModelOptions, resourcesFolder: string): Promise<ModelInfo> {
  const file = await readModelFile(options, resourcesFolder)
  const description = describeModel(file.bytes, loadOptions(file, options))
  return infoOf(file, options, description, description.name, hashTensors(readTensors(file.bytes, file.path).tensors))
}

/** What a sweep needs to know of a model. `flops`: multiplications and additions of one image's forward pass. */
export async function modelCost(options: ModelOptions, resourcesFolder: string): Promise<{ name: string; hash: string; classes: number; flops: number }> {
  const file = await readModelFile(options, resourcesFolder)
  const description = describeModel(file.bytes, loadOptions(file, options))
  const side = inputSizeOf(description, options) ?? 32
  return { name: file.name, hash: hashTensors(readTensors(file.bytes, file.path).tensors), classes: description.classes, flops: forwardFlops(description, side) }
}

/** Why each lane cannot run on the model; null where it can. */
export async function refusalsOf(options: ModelOptions, resourcesFolder: string, lanes: readonly LaneOptions[], hasSource: boolean): Promise<(string | null)[]> {
  const file = await readModelFile(options, resourcesFolder)
  const { name, graph, tensors } = describeModel(file.bytes, loadOptions(file, options))
  return lanes.map((lane) => refusal({ architecture: name, graph, tensors }, lane, hasSource ? 'labelled' : 'none'))
}

export function modelInfo(file: ModelFile, options: ModelOptions, model: Model): ModelInfo {
  return infoOf(file, options, model, model.architecture, model.hash)
}

function infoOf(file: ModelFile, options: ModelOptions, model: Omit<ModelDescription, 'name' | 'graph'>, architecture: string, hash: string): ModelInfo {
  const side = inputSizeOf(model, options) ?? 0
  return {
    name: file.name,
    path: options.kind === 'sample' ? null : file.path,
    hash,
    architecture,
    parameters: model.tensors.filter((tensor) => tensor.kind !== 'bn-mean' && tensor.kind !== 'bn-variance').reduce((sum, tensor) => sum + elementCount(tensor.shape), 0),
    classes: model.classes,
    classNames: [...(model.classNames ?? Array.from({ length: model.classes }, (_, i) => `class ${i}`))],
    normalization: { mean: [...model.normalization.mean], std: [...model.normalization.std] },
    inputSize: { width: side, height: side },
  }
}
