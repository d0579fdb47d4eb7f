// How often a step speaks to the device: launches of kernels, uploads, and reads, which wait. On a GPU each costs time whatever its size. Counted on the
// processor's binding and on one that takes and gives what CUDA's kernels do.
import { expect, test } from 'vitest'
import { laneOptionsSchema } from '#contract/methods/methods.ts'
import { palmPresets } from '#contract/methods/presets.ts'
import { deviceOn } from '#engine/compute/backend.ts'
import type { Binding } from '#engine/compute/binding.ts'
import { createMethod } from '#engine/methods/registry.ts'
import { randomModel } from '#test/bench/random-model.ts'
import { executeAsCuda, native, through } from '#test/helpers/bindings.ts'

const batch = 8

interface Counts {
  launches: number
  uploads: number
  reads: number
}

/** A step when nothing is new any more, the batch's own way to the device included in its uploads. */
async function countsOf(method: 'tent' | 'palm', gpu: boolean): Promise<Counts> {
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
    method === 'palm' ? { method, variant: 'reference', kappa, alpha, temperature, eta, lambda } : { method }
  const model = randomModel(device, 'resnet20')
  const made = createMethod(device, model, laneOptionsSchema.parse(options), 0)
  const bytes = Uint8Array.from({ length: batch * 32 * 32 * 3 }, (_, i) => Math.imul(i + 7, 2_654_435_761) >>> 24)
  for (let step = 0; step < 4; step++) {
    counts.uploads = 0
    const x = device.fromBytes(bytes, [batch, 32, 32, 3])
    counts.launches = 0
    counts.reads = 0
    await made.step(x)
    x.dispose()
  }
  made.dispose()
  model.dispose()
  expect(device.liveTensors()).toBe(0)
  return counts
}

const expectWithinOn = (gpu: boolean, most: Counts) => async (method: 'tent' | 'palm') => {
  const { launches, uploads, reads } = await countsOf(method, gpu)
  console.log(`${method}, ${gpu ? 'as CUDA' : 'processor'}: ${launches} launches, ${uploads} uploads, ${reads} reads`)
  expect(launches).toBeLessThanOrEqual(most.launches)
  expect(uploads).toBeLessThanOrEqual(most.uploads)
  expect(reads).toBeLessThanOrEqual(most.reads)
}

test('a step of tent: at most 250 launches, 2 uploads and 1 read, on the processor as on CUDA', async () => {
  await expectWithinOn(false, { launches: 250, uploads: 2, reads: 1 })('tent')
  await expectWithinOn(true, { launches: 250, uploads: 2, reads: 1 })('tent')
})

test('a step of palm: at most 500 launches on CUDA, 3 uploads and 2 reads', async () => {
  await expectWithinOn(true, { launches: 500, uploads: 3, reads: 2 })('palm')
  // A processor's own fused moments are too coarse (kernels/normalization.ts): four kernels more for each norm of the two forward passes.
  await expectWithinOn(false, { launches: 650, uploads: 3, reads: 2 })('palm')
})
