// What CUDA's kernels mean by the same inputs where they differ from the processor's, without a card: a binding over the processor's
// kernels that takes their arguments as CUDA's do.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { deviceOn, loadDevice } from '#engine/compute/backend.ts'
import type { Binding } from '#engine/compute/binding.ts'
import type { Device } from '#engine/compute/device.ts'
import { NumpyRandom } from '#stream/images/random.ts'

const processor = loadDevice() // also sets what the library reads from the environment
const require = createRequire(import.meta.url)
const native = require(
  process.env.PALM_TFJS_BINDING ??
    join(dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')), 'lib/napi-v8/tfjs_binding.node'),
) as Binding

const FLOAT = 1
const epsilon = 1e-3

/** FusedBatchNormGradV3 on CUDA takes 1/sqrt(variance + epsilon) as its fifth input (`reserve_space_2` as cuDNN saves it). */
const cuda: Binding = {
  TF_Version: native.TF_Version,
  createTensor: (...given) => native.createTensor(...given),
  deleteTensor: (id) => native.deleteTensor(id),
  tensorDataSync: (id) => native.tensorDataSync(id),
  isUsingGpuDevice: () => true,
  executeOp(name, attributes, inputs, outputs) {
    if (name !== 'FusedBatchNormGradV3') return native.executeOp(name, attributes, inputs, outputs)
    const inverse = native.tensorDataSync(inputs[4] as number) as Float32Array
    const variance = native.createTensor(
      [inverse.length],
      FLOAT,
      inverse.map((value) => 1 / value ** 2 - epsilon),
    )
    const result = native.executeOp(
      name,
      attributes,
      inputs.map((id, i) => (i === 4 ? variance : id)),
      outputs,
    )
    native.deleteTensor(variance)
    return result
  },
}

const random = new NumpyRandom(5)
const shape = [4, 3, 3, 2]
const values = (count: number) => Float32Array.from({ length: count }, () => random.gauss())
const x = values(72).map((value, i) => value * (i % 2 === 0 ? 0.1 : 5)) // two channels of very different spread
const dy = values(72)

function gradient(device: Device): Float32Array[] {
  const [input, behind, scale] = [
    device.fromArray(x, shape),
    device.fromArray(dy, shape),
    device.fromArray(Float32Array.of(0.8, 1.2), [2]),
  ]
  const { mean, variance } = device.moments(input)
  const { dx, dScale, dOffset } = device.batchNormGradient(behind, input, scale, mean, variance, epsilon)
  const found = device.readMany([dx, dScale, dOffset])
  for (const tensor of [input, behind, scale, mean, variance, dx, dScale, dOffset]) tensor.dispose()
  return found
}

test('the gradient of batch norm is the same on CUDA, which wants the inverse standard deviation', () => {
  const device = deviceOn(cuda)
  expect(device.kind).toBe('cuda')
  const [expected, found] = [gradient(processor), gradient(device)]
  for (const [i, part] of expected.entries()) {
    const largest = Math.max(...part.map(Math.abs))
    const other = found[i] as Float32Array
    for (const [k, value] of part.entries()) expect(Math.abs(value - (other[k] as number)) / largest).toBeLessThan(1e-4)
  }
  expect(device.liveTensors()).toBe(0)
})
