// The contents of a weights file -> a model on the device. Reads no files; the caller names the file for the messages.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { parseBoundedJson } from '#contract/bounded-json.ts'
import { PalmError } from '#contract/errors.ts'
import type { Device } from '#engine/compute/device.ts'
import { impossibility } from './check-shapes.ts'
import type { FileTensor } from './formats/file-tensor.ts'
import { elementCount, uploadParameters, type Architecture, type Model, type ModelNormalization } from './model.ts'
import { recognizeArchitecture } from './registry.ts'
import type { WeightsFile } from './weights-file.ts'

export interface LoadOptions {
  readonly fileName: string
  /** Must name the architecture that the tensors show; null or absent = whatever they show. */
  readonly architecture?: string | null
  readonly normalization?: ModelNormalization | null
  readonly classNames?: readonly string[] | null
}

const triple = z.tuple([z.number().finite(), z.number().finite(), z.number().finite()])
const positiveTriple = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()])
const size = z.number().int().min(1).max(4096)
const embeddedSchema = z.object({
  mean: triple.optional(),
  std: positiveTriple.optional(),
  class_names: z.array(z.string().max(200)).max(100_000).optional(),
  input_size: z.tuple([size, size]).optional(), // width, height
  stem_stride: z.number().int().min(1).max(4).optional(),
})

/** What our own files say about themselves in their metadata (each value JSON); absent keys are simply not known. */
function embedded(metadata: Readonly<Record<string, string>>, fileName: string): z.output<typeof embeddedSchema> {
  const found: Record<string, unknown> = {}
  for (const key of Object.keys(embeddedSchema.shape)) {
    const text = metadata[key]
    if (text === undefined) continue
    try {
      found[key] = parseBoundedJson(text)
    } catch {
      throw new PalmError('model-unreadable', `${fileName} carries a “${key}” in its metadata that is not JSON.`)
    }
  }
  const parsed = embeddedSchema.safeParse(found)
  if (!parsed.success)
    throw new PalmError(
      'model-unreadable',
      `${fileName} carries metadata that does not fit: ${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message}.`,
    )
  return parsed.data
}

export interface ModelDescription extends Architecture {
  readonly classNames: readonly string[] | null
  /** Values by tensor, as the file has them. */
  readonly values: ReadonlyMap<string, FileTensor>
}

/** What a file holds, without a device. @throws PalmError `model-unreadable`, `model-unsupported` */
export function describeModel(file: WeightsFile, options: LoadOptions): ModelDescription {
  const { fileName } = options
  const own = embedded(file.metadata, fileName)
  const normalization = options.normalization ?? (own.mean && own.std ? { mean: own.mean, std: own.std } : undefined)
  const inputSize = own.input_size ? { width: own.input_size[0], height: own.input_size[1] } : undefined
  const known = options.normalization ? 'given' : normalization ? 'file' : null
  let architecture: Architecture
  let values: ReadonlyMap<string, FileTensor>
  if (file.kind === 'state-dict') {
    const shapes = new Map([...file.tensors].map(([name, tensor]) => [name, tensor.shape]))
    architecture = recognizeArchitecture(shapes, fileName, { normalization, stemStride: own.stem_stride, inputSize })
    checkTensors(architecture, shapes, fileName)
    values = file.tensors
  } else {
    const network = file.network(normalization ?? null)
    architecture = inputSize ? { ...network, inputSize } : network
    values = network.values
  }
  if (options.architecture && options.architecture !== architecture.name) {
    throw new PalmError(
      'model-unsupported',
      `${fileName} is a ${architecture.name} by its tensors, not a ${options.architecture}.`,
    )
  }
  checkShapes(architecture, fileName)
  const classNames = options.classNames ?? own.class_names ?? null
  if (classNames && classNames.length !== architecture.classes) {
    throw new PalmError(
      'model-unreadable',
      `${fileName} has ${architecture.classes} classes but ${classNames.length} class names.`,
    )
  }
  const from = known ?? architecture.normalizationFrom ?? 'family'
  return {
    ...architecture,
    normalizationFrom: architecture.normalizationFrom === 'inside' ? 'inside' : from,
    classNames,
    values,
  }
}

/** At its own input size; one that has none takes any, and is of our own making. */
function checkShapes({ name, graph, tensors, classes, inputSize }: Architecture, fileName: string): void {
  const empty = tensors.find(({ shape }) => elementCount(shape) < 1)
  const reason = empty
    ? `its tensor “${empty.name}” of the shape [${empty.shape.join(', ')}] is empty`
    : inputSize
      ? impossibility(graph, tensors, classes, inputSize.height, inputSize.width)
      : null
  if (reason !== null)
    throw new PalmError(
      'model-unsupported',
      `${fileName} was refused, because it cannot be computed as a ${name}: ${reason}.`,
    )
}

/** Exactly the tensors that the architecture has, in their shapes; counters of batches are not needed and ignored. */
function checkTensors(
  architecture: Architecture,
  shapes: ReadonlyMap<string, readonly number[]>,
  fileName: string,
): void {
  const expected = new Set<string>()
  for (const { name, shape } of architecture.tensors) {
    expected.add(name)
    const found = shapes.get(name)
    if (!found)
      throw new PalmError(
        'model-unreadable',
        `${fileName} looks like a ${architecture.name}, but its tensor “${name}” is missing.`,
      )
    if (found.length !== shape.length || found.some((n, axis) => n !== shape[axis])) {
      throw new PalmError(
        'model-unreadable',
        `${fileName} looks like a ${architecture.name}, but “${name}” has the shape [${found.join(', ')}] where [${shape.join(', ')}] is expected.`,
      )
    }
  }
  for (const name of shapes.keys()) {
    if (!expected.has(name) && !name.endsWith('.num_batches_tracked')) {
      throw new PalmError(
        'model-unsupported',
        `${fileName} looks like a ${architecture.name}, but has a tensor “${name}” that such a network does not have.`,
      )
    }
  }
}

/** SHA-256 over names, shapes and float32 values, sorted by name: the same for the same weights in any container. */
export function hashTensors(tensors: ReadonlyMap<string, FileTensor>): string {
  const hash = createHash('sha256')
  for (const name of [...tensors.keys()].filter((key) => !key.endsWith('.num_batches_tracked')).sort()) {
    const { shape, data } = tensors.get(name) as FileTensor
    hash.update(`${name} [${shape.join(',')}]\n`)
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return hash.digest('hex')
}

/** @throws PalmError `model-unreadable`, `model-unsupported`, naming the file and the tensor. */
export function loadModel(device: Device, file: WeightsFile, options: LoadOptions): Model {
  const description = describeModel(file, options)
  for (const info of description.tensors) {
    const data = (description.values.get(info.name) as FileTensor).data
    if (data.length !== elementCount(info.shape) || !data.every(Number.isFinite)) {
      throw new PalmError(
        'model-unreadable',
        `${options.fileName}: the tensor “${info.name}” holds values that are not finite numbers.`,
      )
    }
  }
  return modelFrom(
    device,
    description,
    new Map([...description.values].map(([name, tensor]) => [name, tensor.data])),
    hashTensors(description.values),
  )
}

/** A model of an architecture with given values (file layout). */
export function modelFrom(
  device: Device,
  description: Omit<ModelDescription, 'values'>,
  values: ReadonlyMap<string, Float32Array>,
  hash: string,
): Model {
  const parameters = uploadParameters(device, description.tensors, values)
  return {
    architecture: description.name,
    graph: description.graph,
    classes: description.classes,
    inputSize: description.inputSize,
    normalization: description.normalization,
    ...(description.normalizationFrom ? { normalizationFrom: description.normalizationFrom } : {}),
    ...(description.resize === undefined ? {} : { resize: description.resize }),
    classNames: description.classNames,
    tensors: description.tensors,
    parameters,
    hash,
    dispose() {
      for (const tensor of parameters.values()) tensor.dispose()
      parameters.clear()
    },
  }
}
