// Started by without-onednn.test.ts: proves the processor, and tries whether TensorFlow itself has the gradient of a convolution in groups.
import { loadDevice } from '#engine/compute/backend.ts'
import { FLOAT, INT32, ints, string } from '#engine/compute/binding.ts'
import { proveDevice } from '#engine/parity/device/device-proof.ts'
import { native } from '#test/helpers/bindings.ts'

function isRefused(): boolean {
  const shape = native.createTensor([4], INT32, Int32Array.of(1, 1, 1, 2))
  const weight = native.createTensor([1, 1, 1, 2], FLOAT, Float32Array.of(1, 1))
  const attributes = [
    ints('strides', [1, 1, 1, 1]),
    string('padding', 'VALID'),
    string('data_format', 'NHWC'),
    ints('dilations', [1, 1, 1, 1]),
  ]
  try {
    native.executeOp('Conv2DBackpropInput', attributes, [shape, weight, weight], 1)
    return false
  } catch (cause) {
    if (cause instanceof Error && cause.message.includes('grouped')) return true
    throw cause
  }
}

const { deviations, checks } = await proveDevice(loadDevice())
process.stdout.write(JSON.stringify({ deviations, checks, refused: isRefused() }))
