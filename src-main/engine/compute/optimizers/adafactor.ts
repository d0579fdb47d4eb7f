// Adafactor (Shazeer, Stern, ICML 2018) with relative steps, as PyTorch has it: second moments of matrices by row and column averages over the last
// two axes of the file's layout (of a convolution: its window), of vectors in full.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { rootMeanSquare } from './norms.ts'

export interface AdafactorState {
  readonly count: number
  /** [rows, columns] averages of the squared gradient, or the vector's. */
  readonly moments: readonly DeviceTensor[]
}

const decay = -0.8
const tiny = 2 ** -23 // float32's epsilon
const leastScale = 1e-3
const largestStep = 1e-2

/**
 * The move (theta loses it) and the next state; both the caller's, `state` stays the caller's too. `rows`, `columns`: the device's axes of the last
 * two axes of the file's layout; null for vectors.
 */
export async function adafactorUpdate(
  device: Device,
  theta: DeviceTensor,
  gradient: DeviceTensor,
  state: AdafactorState | null,
  axes: { readonly rows: number; readonly columns: number } | null,
  rate: number,
): Promise<{ move: DeviceTensor; state: AdafactorState }> {
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
  const unit = kept(device.div(gradient, deviation))
  const size =
    Math.max(leastScale, await rootMeanSquare(device, theta)) * Math.min(largestStep, 1 / Math.sqrt(count)) * rate
  const move = device.scale(unit, size / Math.max(1, await rootMeanSquare(device, unit)))
  for (const tensor of scratch) tensor.dispose()
  return { move, state: { count, moments } }
}
