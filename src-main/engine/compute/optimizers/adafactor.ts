// Adafactor (Shazeer, Stern, ICML 2018) with relative steps, as PyTorch has it: second moments of matrices by row and column averages over the last
// two axes of the file's layout (of a convolution: its window), of vectors in full.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { meanSquares } from './norms.ts'

export interface AdafactorState {
  readonly count: number
  /** [rows, columns] averages of the squared gradient, or the vector's. */
  readonly moments: readonly DeviceTensor[]
}

const decay = -0.8
const tiny = 2 ** -23 // float32's epsilon
const leastScale = 1e-3
const largestStep = 1e-2

/** What a tensor's move is made of; all of it the caller's, but `move` disposes `unit` and `squares`. */
export interface AdafactorStep {
  readonly state: AdafactorState
  /** The direction of the move. */
  readonly unit: DeviceTensor
  /** The means of the squares of theta and of `unit`, which `adafactorMove` wants read. */
  readonly squares: readonly [theta: DeviceTensor, unit: DeviceTensor]
}

/**
 * The next state and the direction; `state` stays the caller's. `rows`, `columns`: the device's axes of the last two axes of the file's layout; null for
 * vectors.
 */
export function adafactorStep(
  device: Device,
  theta: DeviceTensor,
  gradient: DeviceTensor,
  state: AdafactorState | null,
  axes: { readonly rows: number; readonly columns: number } | null,
): AdafactorStep {
  const count = (state?.count ?? 0) + 1
  const keep = 1 - count ** decay
  const scratch: DeviceTensor[] = []
  const kept = (tensor: DeviceTensor) => {
    scratch.push(tensor)
    return tensor
  }
  const square = kept(device.square(gradient))
  const averaged = (fresh: DeviceTensor, before: DeviceTensor | undefined) => {
    const share = kept(device.scale(fresh, 1 - keep))
    return before ? device.add(kept(device.scale(before, keep)), share) : device.scale(share, 1)
  }
  let moments: DeviceTensor[]
  let variance: DeviceTensor
  if (axes) {
    const row = averaged(kept(device.mean(square, [axes.columns], true)), state?.moments[0])
    const column = averaged(kept(device.mean(square, [axes.rows], true)), state?.moments[1])
    moments = [row, column]
    const whole = kept(device.clip(kept(device.mean(row, [axes.rows], true)), tiny, Number.MAX_VALUE))
    variance = kept(device.div(kept(device.mul(row, column)), whole))
  } else {
    const full = averaged(square, state?.moments[0])
    moments = [full]
    variance = full
  }
  const deviation = kept(device.sqrt(kept(device.clip(variance, tiny ** 2, Number.MAX_VALUE))))
  const unit = device.div(gradient, deviation)
  for (const tensor of scratch) tensor.dispose()
  const [ofTheta, ofUnit] = meanSquares(device, [theta, unit])
  return { state: { count, moments }, unit, squares: [ofTheta as DeviceTensor, ofUnit as DeviceTensor] }
}

/** What theta loses: `unit`, at most of size 1, times a share of theta's own size. `means`: what `squares` hold. */
export function adafactorMove(
  device: Device,
  { state, unit, squares }: AdafactorStep,
  means: readonly [theta: number, unit: number],
  rate: number,
): DeviceTensor {
  const [ofTheta, ofUnit] = means.map(Math.sqrt) as [number, number]
  const size = Math.max(leastScale, ofTheta) * Math.min(largestStep, 1 / Math.sqrt(state.count)) * rate
  const move = device.scale(unit, size / Math.max(1, ofUnit))
  for (const tensor of [unit, ...squares]) tensor.dispose()
  return move
}
