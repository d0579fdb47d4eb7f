// Device on WebGPU: the same operations as on TensorFlow, as kernels of our own, on any card that Vulkan, Metal or Direct3D 12 reaches.
import type { Card, Device, DeviceTensor } from '#engine/compute/device.ts'
import { convolutionKernels } from './kernels/convolution.ts'
import { depthwiseKernels } from './kernels/depthwise.ts'
import { elementwiseKernels } from './kernels/elementwise.ts'
import { flatKernels } from './kernels/flat.ts'
import { tileNames, type TileName } from './kernels/gemm.ts'
import { imageKernels } from './kernels/images.ts'
import { matrixKernels } from './kernels/matrices.ts'
import { normalizationKernels } from './kernels/normalization.ts'
import { poolingKernels } from './kernels/pooling.ts'
import { reductionKernels } from './kernels/reductions.ts'
import { softmaxKernels } from './kernels/softmax.ts'
import { viewKernels } from './kernels/views.ts'
import { WebGpuCaller } from './runtime/caller.ts'

/** Tensors in and out, and what is alive. */
function tensorKernels(call: WebGpuCaller) {
  const readMany = async (tensors: readonly DeviceTensor[]) =>
    (await call.read(tensors)).map((bytes) => new Float32Array(bytes))
  return {
    fromArray: (data, shape) => call.fromArray(data, shape),
    fromArrays: (parts) => call.fromArrays(parts),
    fromBytes: (data, shape) => call.fromBytes(data, shape),
    read: async (tensor) => (await readMany([tensor]))[0] as Float32Array,
    readInts: async (tensor) => new Int32Array((await call.read([tensor]))[0] as ArrayBuffer),
    readMany,
    liveTensors: () => call.liveTensors(),
    liveBytes: () => call.liveBytes(),
    takePeakBytes: () => call.takePeakBytes(),
    counts: () => call.counts(),
  } satisfies Partial<Device>
}

/** A card that is asked for nothing else in this process. */
export interface OpenedCard {
  readonly gpu: GPUDevice
  readonly card: Card
  /** Of the library. */
  readonly version: string
}

/** A device on the given card. `tile`: the only size of tile that products use; by default each has the one that fits it. */
export function webGpuDeviceOn({ gpu, card, version }: OpenedCard, tile: TileName | null = null): Device {
  const call = new WebGpuCaller(gpu)
  const views = viewKernels(call)
  const reductions = reductionKernels(call, views)
  const elementwise = elementwiseKernels(call)
  const products = (only: TileName | null) => ({
    ...matrixKernels(call, views, only),
    ...convolutionKernels(call, { ...views, ...reductions }, only),
  })
  const device: Device = {
    kind: 'webgpu',
    version,
    card,
    // Not in software, where it takes a minute to compile what real work would never use.
    variants: () =>
      card.software ? [] : tileNames.map((name) => [`${name} tiles`, { ...device, ...products(name) }] as const),
    ...tensorKernels(call),
    ...flatKernels(call),
    ...elementwise,
    ...views,
    ...reductions,
    ...softmaxKernels(call),
    ...products(tile),
    ...depthwiseKernels(call),
    ...normalizationKernels(call, elementwise),
    ...poolingKernels(call),
    ...imageKernels(call),
  }
  return device
}
