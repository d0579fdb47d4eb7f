// Tensors of an ONNX file as float32: from its raw bytes, its lists of numbers, or a file beside it.
import { PalmError } from '#contract/errors.ts'
import { bytesPer, toFloat32 } from '#engine/models/formats/file-tensor.ts'
import { onnxTypes, type OnnxModel, type OnnxTensor } from './onnx-proto.ts'

/** Bytes of a file that the model names beside itself. */
export type PartBytes = (name: string) => Uint8Array

/**
 * Turns what the file holds into values, tensor by tensor, so that nothing keeps hold of the file's own bytes; what cannot be read is left for whoever
 * needs it. @throws PalmError `model-unreadable` when tensors share their external data until they are larger than it
 */
export function unpackOnnx(model: OnnxModel, fileName: string, part: PartBytes): void {
  const same = new Map<string, Float32Array>()
  const locations = new Set<string>()
  let held = 0
  let wanted = 0
  for (const tensor of [
    ...model.initializers.values(),
    ...model.nodes.flatMap(({ attributes }) => [...attributes.values()].flatMap(({ t }) => (t ? [t] : []))),
  ]) {
    const { external } = tensor
    if (!tensor.raw && !external) continue
    const key = external ? JSON.stringify([external, tensor.dataType, tensor.dims]) : ''
    let data = external ? same.get(key) : undefined
    if (!data) {
      const location = external?.location
      if (location !== undefined && !locations.has(location)) {
        locations.add(location)
        held += part(location).length
      }
      try {
        data = valuesOf(tensor, fileName, part)
      } catch (thrown) {
        if (!(thrown instanceof PalmError)) throw thrown
        tensor.raw = tensor.raw?.slice() ?? null
        continue
      }
      wanted += external ? data.length * bytesPer[onnxTypes[tensor.dataType as keyof typeof onnxTypes]] : 0
      if (wanted > held)
        throw new PalmError(
          'model-unreadable',
          `${fileName} was refused: its tensors share their data until they are larger than it.`,
        )
      if (external) same.set(key, data)
    }
    Object.assign(tensor, { floats: data, whole: isWhole(tensor), dataType: 1, raw: null, external: null })
  }
}

const wholeTypes = new Set([2, 3, 4, 5, 6, 7, 9, 12, 13])

/** Whether a tensor holds whole numbers or truths in the file. */
export const isWhole = ({ whole, dataType }: OnnxTensor): boolean => whole ?? wholeTypes.has(dataType)

/** @throws PalmError `model-unreadable`, `model-unsupported` naming the tensor */
export function valuesOf(tensor: OnnxTensor, fileName: string, part: PartBytes): Float32Array {
  const what = `the tensor “${tensor.name}”`
  const dtype = Object.hasOwn(onnxTypes, tensor.dataType)
    ? onnxTypes[tensor.dataType as keyof typeof onnxTypes]
    : undefined
  if (!dtype)
    throw new PalmError(
      'model-unsupported',
      `${fileName} was refused: ${what} holds numbers of a kind (${tensor.dataType}) that is not read.`,
    )
  if (tensor.dims.length > 8 || tensor.dims.some((n) => !Number.isSafeInteger(n) || n < 0))
    throw new PalmError('model-unreadable', `${fileName}: ${what} has no usable shape.`)
  const elements = tensor.dims.reduce((product, n) => product * n, 1)
  const cutShort = () =>
    new PalmError(
      'model-unreadable',
      `${fileName}: ${what} has fewer values than its shape [${tensor.dims.join(', ')}] needs: the file may be cut short.`,
    )
  let raw = tensor.raw
  if (tensor.external) {
    const from = Number(tensor.external.offset ?? 0)
    const bytes = part(tensor.external.location ?? '')
    const length = Number(tensor.external.length ?? bytes.length - from)
    if (!(from >= 0 && length >= 0 && from + length <= bytes.length)) throw cutShort()
    raw = bytes.subarray(from, from + length)
  }
  if (raw) {
    if (raw.length !== elements * bytesPer[dtype]) throw cutShort()
    return toFloat32(raw, dtype)
  }
  const list = tensor.floats.length > 0 ? tensor.floats : tensor.doubles.length > 0 ? tensor.doubles : tensor.ints
  if (list.length !== elements) throw cutShort()
  if (dtype === 'F16' || dtype === 'BF16') return toFloat32(new Uint8Array(Uint16Array.from(list).buffer), dtype)
  return list instanceof Float32Array ? list : Float32Array.from(list)
}
