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

const training = (attributes: readonly Attribute[]) =>
  attributes.find(({ name }) => name === 'is_training')?.value === true

const replaced = (id: number, of: (value: number) => number) => {
  const values = (native.tensorDataSync(id) as Float32Array).map(of)
  return native.createTensor([values.length], FLOAT, values)
}

/**
 * Batch norm as CUDA has it: what training saves in `reserve_space_2`, and what FusedBatchNormGradV3 takes as its fifth input, is 1/sqrt(variance + epsilon),
 * as cuDNN saves it; the rectifier in the same pass is a kernel of another name.
 */
export const executeAsCuda: Binding['executeOp'] = (name, attributes, inputs, outputs) => {
  const epsilon = epsilonOf(attributes)
  if (name === '_FusedBatchNormEx')
    return native.executeOp(
      '_MklNativeFusedBatchNormEx',
      [...attributes, { name: '_kernel', type: 0, value: 'MklNameChangeOp' }],
      inputs,
      outputs,
    )
  if (name === 'FusedBatchNormV3' && training(attributes)) {
    const results = native.executeOp(name, attributes, inputs, outputs)
    const variance = results[4] as (typeof results)[number]
    const inverse = replaced(variance.id, (value) => 1 / Math.sqrt(value + epsilon))
    native.deleteTensor(variance.id)
    return results.with(4, { ...variance, id: inverse })
  }
  if (name !== 'FusedBatchNormGradV3') return native.executeOp(name, attributes, inputs, outputs)
  const variance = replaced(inputs[4] as number, (value) => 1 / value ** 2 - epsilon)
  const result = native.executeOp(name, attributes, inputs.with(4, variance), outputs)
  native.deleteTensor(variance)
  return result
}
