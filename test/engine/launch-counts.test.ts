// How often a step speaks to the device: launches of kernels, uploads, and reads, which wait. On a GPU each costs time whatever its size. Counted on the
// processor's binding and on one that takes and gives what CUDA's kernels do.
import { expect, test } from 'vitest'
import { countsOf, type Counts } from '#test/helpers/launch-counts.ts'

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

test.each([
  ['lars', { launches: 1070, uploads: 42, reads: 3 }],
  ['prodigy', { launches: 1500, uploads: 7, reads: 4 }],
  ['adafactor', { launches: 1160, uploads: 26, reads: 3 }],
] as const)(
  'a step of palm with %s reads of all tensors at once what it must know: at most %o',
  async (optimizer, most) => {
    const counts = await countsOf('palm', true, { optimizer })
    for (const what of ['launches', 'uploads', 'reads'] as const)
      expect(counts[what], what).toBeLessThanOrEqual(most[what])
  },
)
