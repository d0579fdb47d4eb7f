// A loaded model: a graph, its tensors on the device and what is known about its input. Normalising is the graph's first node.
import type { NormalizationFrom } from '#contract/runs/normalization-from.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { Graph } from '#engine/compute/graph.ts'
import type { TensorKind } from '#engine/compute/ops/formats/network.ts'
import { elementCount, permute } from '#engine/compute/shape.ts'

export type { NormalizationFrom, TensorKind }
export { elementCount }

/** One named tensor. `shape` is the file's (PyTorch's) layout: conv [out, in, kh, kw], linear [out, in]. */
export interface TensorInfo {
  readonly name: string
  readonly kind: TensorKind
  readonly shape: readonly number[]
  /** The part of the network that it belongs to, e.g. `layer2.0`. */
  readonly block: string
}

export interface ModelNormalization {
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

/** What a graph builder makes: the graph and the tensors it needs, in network order. */
export interface Architecture {
  readonly name: string
  readonly graph: Graph
  readonly tensors: readonly TensorInfo[]
  readonly classes: number
  readonly inputSize: { readonly width: number; readonly height: number } | null
  readonly normalization: ModelNormalization
  /** Where the normalisation is known from; absent = from its family. */
  readonly normalizationFrom?: NormalizationFrom
  /** What a file does by itself before its first layer, for people. */
  readonly normalizationNote?: string
  /** The input's short side before the middle is cut out of it, in input sizes: 256 / 224 for most ImageNet models; absent = 1. */
  readonly resize?: number
  /** What was assumed where names and shapes do not tell, in sentences; absent = nothing. */
  readonly remarks?: readonly string[]
}

export interface Model {
  readonly architecture: string
  readonly graph: Graph
  readonly classes: number
  readonly inputSize: { readonly width: number; readonly height: number } | null
  readonly normalization: ModelNormalization
  readonly normalizationFrom?: NormalizationFrom
  readonly normalizationNote?: string
  readonly classNames: readonly string[] | null
  readonly resize?: number
  /** What was assumed of the file or left out of it, in sentences; absent = nothing. */
  readonly remarks?: readonly string[]
  /** All tensors in network order, running statistics included. */
  readonly tensors: readonly TensorInfo[]
  /** Device layout. Never changed by a method: an adapted tensor is the method's own. */
  readonly parameters: ReadonlyMap<string, DeviceTensor>
  /** SHA-256 over names, shapes and values (file layout, float32, sorted by name). */
  readonly hash: string
  dispose(): void
}

/** Scale or shift of a norm layer, whichever kind of normalisation it is. */
export const isAffine = ({ kind }: Pick<TensorInfo, 'kind'>): boolean =>
  kind === 'bn-weight' || kind === 'bn-bias' || kind === 'norm-weight' || kind === 'norm-bias'

/** What SAR and DeYO leave alone: the last stage of a ResNet, the last quarter of a ViT-B and its final norm, by the names in their published code and torchvision's. */
export const isLate = ({ name }: Pick<TensorInfo, 'name'>): boolean =>
  name.includes('layer4') || /(^|\.)blocks\.(9|10|11)\.|encoder_layer_(9|10|11)\.|^norm\.|^encoder\.ln\./.test(name)

/** Tensors that PALM may adapt: convolution weights and the norm layers' scale and shift; never the classifier. Network order. */
export function adaptableTensors(model: Pick<Model, 'tensors'>): TensorInfo[] {
  return model.tensors.filter((tensor) => tensor.kind === 'conv' || isAffine(tensor))
}

/** All but running statistics. */
export const isParameter = ({ kind }: Pick<TensorInfo, 'kind'>): boolean => kind !== 'bn-mean' && kind !== 'bn-variance'

/** The shape on the device of a tensor of a file: see `fromFileLayout`. */
export function deviceShape({ kind, shape }: Pick<TensorInfo, 'kind' | 'shape'>): readonly number[] {
  const [a = 0, b = 0, c = 0, d = 0] = shape
  if (kind === 'conv') return [c, d, b, a]
  if (kind === 'linear-weight') return [b, a]
  // A layer scale [C, 1, 1] works on channels, which are last on the device.
  return kind === 'other' && shape.length === 3 && b === 1 && c === 1 ? [a] : shape
}

/** File layout -> device layout: conv [out, in, kh, kw] -> [kh, kw, in, out]; linear [out, in] -> [in, out]. */
export function fromFileLayout(info: TensorInfo, data: Float32Array): { shape: readonly number[]; data: Float32Array } {
  const shape = deviceShape(info)
  if (info.kind === 'conv') return { shape, data: permute(data, info.shape, [2, 3, 1, 0]) }
  if (info.kind === 'linear-weight') return { shape, data: permute(data, info.shape, [1, 0]) }
  return { shape, data }
}

/** Device layout -> file layout: the inverse of `fromFileLayout`. */
export function toFileLayout(info: TensorInfo, data: Float32Array): Float32Array {
  const [a = 0, b = 0, c = 0, d = 0] = info.shape
  if (info.kind === 'conv') return permute(data, [c, d, b, a], [3, 2, 0, 1])
  if (info.kind === 'linear-weight') return permute(data, [b, a], [1, 0])
  return data
}

export function uploadParameters(
  device: Device,
  tensors: readonly TensorInfo[],
  values: ReadonlyMap<string, Float32Array>,
): Map<string, DeviceTensor> {
  const parameters = new Map<string, DeviceTensor>()
  for (const info of tensors) {
    const { shape, data } = fromFileLayout(info, values.get(info.name) as Float32Array)
    parameters.set(info.name, device.fromArray(data, shape))
  }
  return parameters
}
