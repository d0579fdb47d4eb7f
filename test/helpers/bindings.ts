// The native binding, and bindings over it that do otherwise: CUDA's reading of arguments, kernels that are wrong.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { loadDevice } from '#engine/compute/backend.ts'
import { FLOAT, type Attribute, type Binding } from '#engine/compute/binding.ts'

loadDevice() // sets what the library reads from the environment before it is loaded
const require = createRequire(import.meta.url)
export const native = require(
  process.env.PALM_TFJS_BINDING ??
    join(dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')), 'lib/napi-v8/tfjs_binding.node'),
) as Binding

/** The same binding with another way to execute. */
export const through = (executeOp: Binding['executeOp'], gpu = false): Binding => ({
  TF_Version: native.TF_Version,
  createTensor: (...given) => native.createTensor(...given),
  deleteTensor: (id) => native.deleteTensor(id),
  tensorDataSync: (id) => native.tensorDataSync(id),
  isUsingGpuDevice: () => gpu,
  executeOp,
})

const epsilonOf = (attributes: readonly Attribute[]) =>
  attributes.find(({ name }) => name === 'epsilon')?.value as number

/** FusedBatchNormGradV3 on CUDA takes 1/sqrt(variance + epsilon) as its fifth input (`reserve_space_2` as cuDNN saves it). */
export const executeAsCuda: Binding['executeOp'] = (name, attributes, inputs, outputs) => {
  if (name !== 'FusedBatchNormGradV3') return native.executeOp(name, attributes, inputs, outputs)
  const inverse = native.tensorDataSync(inputs[4] as number) as Float32Array
  const variance = native.createTensor(
    [inverse.length],
    FLOAT,
    inverse.map((value) => 1 / value ** 2 - epsilonOf(attributes)),
  )
  const result = native.executeOp(
    name,
    attributes,
    inputs.map((id, i) => (i === 4 ? variance : id)),
    outputs,
  )
  native.deleteTensor(variance)
  return result
}
