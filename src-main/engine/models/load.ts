// The contents of a weights file -> a model on the device. Reads no files; the caller names the file for the messages.
import { createHash } from 'node:crypto'
import { PalmError } from '#contract/errors.ts'
import type { Device } from '#engine/compute/device.ts'
import { isAside, writtenOut } from './asides.ts'
import { impossibility } from './check-shapes.ts'
import { embedded } from './embedded-metadata.ts'
import type { FileTensor } from './formats/file-tensor.ts'
import { elementCount, uploadParameters, type Architecture, type Model, type ModelNormalization } from './model.ts'
import { recognizeArchitecture } from './registry.ts'
import type { StateDictFile, WeightsFile } from './weights-file.ts'

export interface LoadOptions {
  readonly fileName: string
  /** Must name the architecture that the tensors show; null or absent = whatever they show. */
  readonly architecture?: string | null
  readonly normalization?: ModelNormalization | null
  readonly classNames?: readonly string[] | null
  /** Side of the images that it will be given; null or absent = the file's own. */
  readonly inputSize?: number | null
}

export interface ModelDescription extends Architecture {
  readonly classNames: readonly string[] | null
  /** Values by tensor, as the file has them. */
  readonly values: ReadonlyMap<string, FileTensor>
}

/** What a file holds, without a device. @throws PalmError `model-unreadable`, `model-unsupported` */
export function describeModel(file: WeightsFile, options: LoadOptions): ModelDescription {
  const { fileName } = options
  const own = embedded(file.metadata)
  const normalization = options.normalization ?? own.normalization ?? undefined
  const known = options.normalization ? 'given' : normalization ? 'file' : null
  const { inputSize } = own
  const remarks = [...own.remarks]
  let architecture: Architecture
  let values: ReadonlyMap<string, FileTensor>
  if (file.kind === 'state-dict') {
    const shapes = new Map([...file.tensors].map(([name, tensor]) => [name, tensor.shape]))
    const hints = { normalization, stemStride: own.stemStride, inputSize }
    architecture = withReason(file, fileName, () => recognizeArchitecture(shapes, fileName, hints))
    const rest = withReason(file, fileName, () => leftOver(architecture, file, fileName))
    const besides = [...file.besides, ...rest]
    values = new Map([...file.tensors].filter(([name]) => !rest.includes(name)))
    remarks.push(...(architecture.remarks ?? []), ...file.remarks)
    if (besides.length > 0)
      remarks.push(`Left out, for it is no part of the network: ${writtenOut(besides).join(', ')}.`)
  } else {
    const side = options.inputSize ?? inputSize?.width ?? null
    const network = file.network({ normalization: normalization ?? null, side })
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
  checkSide(architecture, fileName, options.inputSize ?? null)
  const given = options.classNames ?? null
  if (given && given.length !== architecture.classes)
    throw new PalmError(
      'model-unreadable',
      `${fileName} has ${architecture.classes} classes but ${given.length} class names.`,
    )
  const named = own.classNames?.length === architecture.classes ? own.classNames : null
  if (own.classNames && !named)
    remarks.push(
      `Its metadata has ${own.classNames.length} class names where the model has ${architecture.classes} classes: left out.`,
    )
  const { remarks: _, ...plain } = architecture
  const from = known ?? plain.normalizationFrom ?? 'family'
  return {
    ...plain,
    ...(remarks.length > 0 ? { remarks } : {}),
    normalizationFrom: plain.normalizationFrom === 'inside' ? 'inside' : from,
    classNames: given ?? named,
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

/** At the side that was asked for in place of its own. */
function checkSide({ graph, tensors, classes }: Architecture, fileName: string, side: number | null): void {
  const reason = side === null ? null : impossibility(graph, tensors, classes, side, side)
  if (reason !== null)
    throw new PalmError(
      'model-unsupported',
      `${fileName} cannot take images of ${side} x ${side}: ${reason}. Choose another size (--size PIXELS), or leave it to the model.`,
    )
}

/** A tensor that cannot be read is the likelier reason for a network that is not complete. */
function withReason<T>({ foreign }: StateDictFile, fileName: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const [first] = foreign
    if (!(cause instanceof PalmError) || !first) throw cause
    const [name, reason] = first
    throw new PalmError(
      'model-unsupported',
      `${fileName}: the tensor “${name}” cannot be read as weights: ${reason}. In Python: state_dict[${JSON.stringify(name)}] = a plain float tensor of the same values.`,
      cause.message,
      { cause },
    )
  }
}

/**
 * Exactly the tensors that the architecture has, in their shapes. What the file has besides is given back, where it is known not to be a part of any
 * network; a tensor that may be one is refused, because a network without it would be another.
 */
function leftOver(architecture: Architecture, file: StateDictFile, fileName: string): string[] {
  const expected = new Set<string>()
  for (const { name, shape } of architecture.tensors) {
    expected.add(name)
    const found = file.tensors.get(name)?.shape
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
  const rest = [...file.tensors].filter(([name]) => !expected.has(name) && !name.endsWith('.num_batches_tracked'))
  const [unclear] = [
    ...rest.filter(([name, value]) => !isAside(name, value, file.counters)).map(([name]) => name),
    ...file.unclear,
  ]
  if (unclear !== undefined)
    throw new PalmError(
      'model-unsupported',
      `${fileName} looks like a ${architecture.name}, but has a tensor “${unclear}” that such a network does not have. If the network answers without it, leave it out: torch.save({k: v for k, v in state_dict.items() if not k.startswith(${JSON.stringify(unclear.replace(/\.[^.]*$/, ''))})}, "model.pth"). If not, export the whole network as ONNX.`,
    )
  return rest.map(([name]) => name)
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
    ...(description.normalizationNote ? { normalizationNote: description.normalizationNote } : {}),
    ...(description.resize === undefined ? {} : { resize: description.resize }),
    ...(description.remarks === undefined ? {} : { remarks: description.remarks }),
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
