// How often a step speaks to the device: launches of kernels, uploads, and reads, which wait. On a GPU each costs time whatever its size. Counted on the
// processor's binding, or on one that takes and gives what CUDA's kernels do.
import { laneOptionsSchema, type MethodId } from '#contract/methods/methods.ts'
import { palmPresets } from '#contract/methods/presets.ts'
import { deviceOn } from '#engine/compute/backend.ts'
import type { Binding } from '#engine/compute/binding.ts'
import type { SourceImages } from '#engine/methods/parts/source-images.ts'
import { createMethod } from '#engine/methods/registry.ts'
import { randomModel } from '#test/bench/random-model.ts'
import { executeAsCuda, native, through } from './bindings.ts'

const batch = 8
const side = 32

const noise = (images: number) =>
  Uint8Array.from({ length: images * side * side * 3 }, (_, i) => Math.imul(i + 7, 2_654_435_761) >>> 24)

/** For the methods that need some. */
const source: SourceImages = {
  pixels: noise(20),
  labels: Int32Array.from({ length: 20 }, (_, i) => i % 10),
  height: side,
  width: side,
}

export interface Counts {
  launches: number
  uploads: number
  reads: number
}

/** Of ResNet-20, a step when nothing is new any more, the batch's own way to the device included in its uploads. `some`: options of the method, beside PALM's preset. */
export async function countsOf(method: MethodId, gpu: boolean, some: object = {}): Promise<Counts> {
  const counts: Counts = { launches: 0, uploads: 0, reads: 0 }
  const counted = <Given extends unknown[], T>(what: keyof Counts, call: (...given: Given) => T) => {
    return (...given: Given): T => {
      counts[what] += 1
      return call(...given)
    }
  }
  const execute: Binding['executeOp'] = gpu ? executeAsCuda : (...given) => native.executeOp(...given)
  const binding = through(counted('launches', execute), gpu)
  const device = deviceOn({
    ...binding,
    createTensor: counted('uploads', (...given: Parameters<Binding['createTensor']>) => binding.createTensor(...given)),
    tensorDataSync: counted('reads', (id: number) => binding.tensorDataSync(id)),
  })
  const { kappa, alpha, temperature, eta, lambda } = palmPresets.cifar10
  const options =
    method === 'palm'
      ? { method, variant: 'reference', kappa, alpha, temperature, eta, lambda, ...some }
      : { method, ...some }
  const model = randomModel(device, 'resnet20')
  const made = createMethod(device, model, laneOptionsSchema.parse(options), 0, source)
  await made.warmUp?.(source, batch)
  const bytes = noise(batch)
  for (let step = 0; step < 4; step++) {
    counts.uploads = 0
    const x = device.fromBytes(bytes, [batch, side, side, 3])
    counts.launches = 0
    counts.reads = 0
    await made.step(x)
    x.dispose()
  }
  made.dispose()
  model.dispose()
  const alive = device.liveTensors()
  if (alive > 0) throw new Error(`${method} left ${alive} tensors`)
  return counts
}
