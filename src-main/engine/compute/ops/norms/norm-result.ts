// What a normalising op's gradient hands on.
import type { DeviceTensor } from '#engine/compute/device.ts'
import type { BackwardContext, BackwardResult } from '#engine/compute/op.ts'

/** Keeps what is wanted and frees the rest. */
export function wantedOf(
  { wantsInput, wantsParam }: Pick<BackwardContext, 'wantsInput' | 'wantsParam'>,
  dx: DeviceTensor,
  dScale: DeviceTensor,
  dOffset: DeviceTensor,
): BackwardResult {
  if (!wantsInput(0)) dx.dispose()
  if (!wantsParam('weight')) dScale.dispose()
  if (!wantsParam('bias')) dOffset.dispose()
  return {
    inputs: [wantsInput(0) ? dx : null],
    params: { ...(wantsParam('weight') ? { weight: dScale } : {}), ...(wantsParam('bias') ? { bias: dOffset } : {}) },
  }
}
