// What a weights file holds, before a run: read from disk here, understood by the reader that the entry wires in (the engine's,
// which needs no native library for it).
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PalmError } from '../../contract/errors.ts'
import type { ModelInfo } from '../../contract/report.ts'
import type { ModelOptions } from '../../contract/run-options.ts'

export type ModelFileOptions = Omit<Extract<ModelOptions, { kind: 'file' }>, 'kind' | 'path' | 'inputSize'>

/** What a reader tells of the bytes of a file. Throws `model-unreadable`, `model-unsupported`. */
export type DescribeModel = (bytes: Uint8Array, fileName: string, options: ModelFileOptions) => Omit<ModelInfo, 'name' | 'path'>

const sampleFile = join('models', 'eurosat-resnet20.safetensors')

/** Throws `model-unreadable` with the file's name. */
export async function inspectModel(model: ModelOptions, resourcesFolder: string, describe: DescribeModel): Promise<ModelInfo> {
  const path = model.kind === 'sample' ? join(resourcesFolder, sampleFile) : model.path
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new PalmError('model-unreadable', `The weights file ${path} cannot be read. Check the path and its permissions.`, String(cause), { cause })
  })
  const options = model.kind === 'sample' ? { architecture: null, normalization: null, classNames: null } : model
  const described = describe(bytes, basename(path), options)
  const side = model.kind === 'file' ? model.inputSize : null
  return {
    name: basename(path, '.safetensors'),
    path: model.kind === 'file' ? path : null,
    ...described,
    ...(side === null ? {} : { inputSize: { width: side, height: side } }),
  }
}
