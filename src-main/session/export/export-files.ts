// The files of an export: the format that a path asks for, and the bytes of each file in it.
import { extname, join } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import { formatEndings, type ExportFormat } from '#contract/models/export.ts'
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'
import { networkToOnnx } from '#engine/models/formats/onnx/onnx-write.ts'
import { writeSafetensors } from '#engine/models/formats/safetensors.ts'
import { networkToTfjs } from '#engine/models/formats/tfjs/tfjs-write.ts'
import { writeTorch } from '#engine/models/formats/torch/torch-write.ts'
import type { ModelDescription } from '#engine/models/load.ts'

/** @throws PalmError `bad-request` for an ending of no format */
export function formatOf(path: string): ExportFormat {
  const ending = extname(path).toLowerCase()
  const found = (Object.keys(formatEndings) as ExportFormat[]).find((format) => formatEndings[format].includes(ending))
  if (found) return found
  if (ending === '') return 'tfjs'
  throw new PalmError(
    'bad-request',
    `${path} must end in .safetensors, .pth, .pt or .onnx; a path without an ending becomes a folder with a TensorFlow.js model.`,
  )
}

export interface ExportContents {
  readonly description: ModelDescription
  readonly values: ReadonlyMap<string, FileTensor>
  readonly written: ReadonlyMap<string, FileTensor>
  readonly metadata: Readonly<Record<string, string>>
  readonly side: number
  readonly version: string
}

/** Bytes by path. @throws PalmError `model-unsupported` where the format has no way to say what the model does */
export function filesOf(
  format: ExportFormat,
  path: string,
  { description, values, written, metadata, side, version }: ExportContents,
): Map<string, Uint8Array> {
  if (format === 'safetensors') return new Map([[path, writeSafetensors(written, metadata)]])
  if (format === 'torch') return new Map([[path, writeTorch(written)]])
  const network = {
    architecture: description,
    values: new Map([...values].filter(([name]) => description.tensors.some((info) => info.name === name))),
    width: side,
    height: side,
    metadata,
    version,
  }
  try {
    if (format === 'onnx') return new Map([[path, networkToOnnx(network)]])
    return new Map([...networkToTfjs(network)].map(([name, bytes]) => [join(path, name), bytes]))
  } catch (cause) {
    throw new PalmError(
      'model-unsupported',
      `This ${description.name} cannot be written as ${format === 'onnx' ? 'ONNX' : 'a TensorFlow.js model'}: there is no way there for ${cause instanceof Error ? cause.message : String(cause)}. Use .safetensors or .pth.`,
      undefined,
      { cause },
    )
  }
}
