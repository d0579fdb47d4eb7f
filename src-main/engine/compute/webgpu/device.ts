// Device on WebGPU: the same operations as on TensorFlow, as kernels of our own, on any card that Vulkan, Metal or Direct3D 12 reaches.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { convolutionKernels } from './kernels/convolution.ts'
import { depthwiseKernels } from './kernels/depthwise.ts'
import { elementwiseKernels } from './kernels/elementwise.ts'
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

/** A device on the given card, which nobody else uses. `version` says what computes. */
export function webGpuDeviceOn(gpu: GPUDevice, version: string): Device {
  const call = new WebGpuCaller(gpu)
  const views = viewKernels(call)
  const reductions = reductionKernels(call, views)
  return {
    kind: 'webgpu',
    version,
    ...tensorKernels(call),
    ...elementwiseKernels(call),
    ...views,
    ...reductions,
    ...softmaxKernels(call),
    ...matrixKernels(call, views),
    ...convolutionKernels(call, { ...views, ...reductions }),
    ...depthwiseKernels(call),
    ...normalizationKernels(call),
    ...poolingKernels(call),
    ...imageKernels(call),
  }
}
