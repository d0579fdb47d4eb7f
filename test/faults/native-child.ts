// Loads TensorFlow from where PALM_TFJS_BINDING says, and tells how that went. For native-library.test.ts: a process loads a library once.
import { toWireError } from '#contract/errors.ts'
import { loadDevice } from '#engine/compute/backend.ts'

try {
  loadDevice()
  process.send?.({ code: 'loaded', message: '' })
} catch (thrown) {
  process.send?.(toWireError(thrown))
}
