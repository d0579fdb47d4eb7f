// What CUDA's kernels mean by the same inputs where they differ from the processor's, without a card: a binding over the processor's
// kernels that takes their arguments as CUDA's do.
import { expect, test } from 'vitest'
import { deviceOn, loadDevice } from '#engine/compute/backend.ts'
import type { Device } from '#engine/compute/device.ts'
import { executeAsCuda, through } from '#test/helpers/bindings.ts'
import { NumpyRandom } from '#stream/images/random.ts'

const processor = loadDevice()
const epsilon = 1e-3

const random = new NumpyRandom(5)
const shape = [4, 3, 3, 2]
const values = (count: number) => Float32Array.from({ length: count }, () => random.gauss())
const x = values(72).map((value, i) => value * (i % 2 === 0 ? 0.1 : 5)) // two channels of very different spread
const dy = values(72)

async function gradient(device: Device): Promise<Float32Array[]> {
  const [input, behind, scale] = [
    device.fromArray(x, shape),
    device.fromArray(dy, shape),
    device.fromArray(Float32Array.of(0.8, 1.2), [2]),
  ]
  const { mean, variance } = device.moments(input)
  const { dx, dScale, dOffset } = device.batchNormGradient(behind, input, scale, mean, variance, epsilon)
  const found = await device.readMany([dx, dScale, dOffset])
  for (const tensor of [input, behind, scale, mean, variance, dx, dScale, dOffset]) tensor.dispose()
  return found
}

test('the gradient of batch norm is the same on CUDA, which wants the inverse standard deviation', async () => {
  const device = deviceOn(through(executeAsCuda, true))
  expect(device.kind).toBe('cuda')
  const [expected, found] = [await gradient(processor), await gradient(device)]
  for (const [i, part] of expected.entries()) {
    const largest = Math.max(...part.map(Math.abs))
    const other = found[i] as Float32Array
    for (const [k, value] of part.entries()) expect(Math.abs(value - (other[k] as number)) / largest).toBeLessThan(1e-4)
  }
  expect(device.liveTensors()).toBe(0)
})
