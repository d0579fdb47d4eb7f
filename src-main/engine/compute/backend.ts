// Device on native TensorFlow, through the binding of @tensorflow/tfjs-node-gpu: eager kernels, called by name, without the library's
// JavaScript engine (no tape, no scopes, no tensor registry: the engine frees what it no longer needs). The only file that names a tfjs package.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import type { Binding } from './binding.ts'
import type { Device } from './device.ts'
import { processEnvironment, withoutCards } from './environment.ts'
import { convolutionKernels } from './kernels/convolution.ts'
import { elementwiseKernels } from './kernels/elementwise.ts'
import { imageKernels } from './kernels/images.ts'
import { KernelCaller, tensorKernels } from './kernels/kernel-caller.ts'
import { normalizationKernels } from './kernels/normalization.ts'
import { poolingKernels } from './kernels/pooling.ts'
import { reductionKernels } from './kernels/reductions.ts'
import { viewKernels } from './kernels/views.ts'

let loaded: Device | null = null

/**
 * TensorFlow's device in this process, loaded on first use (the native library can be loaded once per process). `cards`: whether it may
 * take an NVIDIA one; what the first call said holds.
 * @throws PalmError `native-missing` when there is no compiled binding or the library does not load.
 */
export function loadDevice(cards: 'seen' | 'hidden' = 'seen'): Device {
  if (loaded) return loaded
  for (const [name, value] of Object.entries(processEnvironment)) process.env[name] ??= value
  if (cards === 'hidden') Object.assign(process.env, withoutCards)
  const require = createRequire(import.meta.url)
  let path = process.env.PALM_TFJS_BINDING
  try {
    path ??= join(dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')), 'lib/napi-v8/tfjs_binding.node')
    loaded = deviceOn(require(path) as Binding)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND')
      throw new PalmError(
        'native-missing',
        'TensorFlow is not set up on this machine: `palm doctor` says why, and `npm start` sets it up.',
        path,
        { cause },
      )
    throw new PalmError(
      'native-missing',
      'The native TensorFlow library could not be loaded. Run `npm start` again (it repairs the set-up), or `palm doctor` to see what is missing.',
      `${path ?? '@tensorflow/tfjs-node-gpu'}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
  return loaded
}

/** Tensors alive on the device of this process; 0 while it has none. */
export const tensorsAlive = (): number => loaded?.liveTensors() ?? 0

/** A device on the given binding: for `loadDevice`, and for tests that put another library's behaviour in its place. */
export function deviceOn(binding: Binding): Device {
  const call = new KernelCaller(binding)
  const elementwise = elementwiseKernels(call)
  const reductions = reductionKernels(call)
  const views = viewKernels(call)
  return {
    kind: call.kind,
    version: call.version,
    ...tensorKernels(call),
    ...elementwise,
    ...reductions,
    ...views,
    ...convolutionKernels(call, views),
    ...poolingKernels(call, views),
    ...normalizationKernels(call, { ...elementwise, ...reductions, ...views }),
    ...imageKernels(call),
  }
}
