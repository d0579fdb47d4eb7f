// The packaged app's first launch: supplies the native library and the binding as `npm start` does for a checkout, in a process of its own
// that Electron's main process starts (PALM_ROOT names the unpacked part of the package). Answers with one message and goes.
import { provideNative, readNativeStatus } from './native.mjs'
import { cacheFolder } from './places.mjs'
import { StepError, withLock } from './step.mjs'

const parent = /** @type {{parentPort?: {postMessage(message: unknown): void}}} */ (process).parentPort

/** @param {object} message */
function answer(message) {
  if (parent) {
    parent.postMessage(message)
    setTimeout(() => process.exit(0), 100) // Electron offers no callback for when a message has left
  } else if (process.send) process.send(message, () => process.exit(0))
}

try {
  await withLock(cacheFolder(), () => provideNative(process.execPath, { link: false }))
  const status = readNativeStatus()
  const binding = process.env.PALM_TFJS_BINDING ?? status?.bindingPath ?? ''
  // Without a binding WebGPU computes; with nothing to compute on the status says so.
  if (binding === '' && !status?.ok) answer({ ok: false, reason: status?.reason ?? 'Nothing was set up.' })
  else answer({ ok: true, library: status?.library ?? '', binding, software: status?.software ?? false })
} catch (error) {
  const reason =
    error instanceof StepError
      ? `${error.message}. ${error.todo}`
      : error instanceof Error
        ? error.message
        : String(error)
  answer({ ok: false, reason })
}
