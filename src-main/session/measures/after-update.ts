// What lanes answer to a batch that they have just adapted to: one more forward pass with the new weights under the same batch's statistics. Only for the
// images on the screen, hence seldom; it moves no weight, draws no random number and writes nothing that a step reads.
import { methodIds } from '#contract/methods/method-info.ts'
import { descriptorOf } from '#contract/methods/methods.ts'
import type { Device } from '#engine/compute/device.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import type { Model } from '#engine/models/model.ts'
import type { Lane } from '#session/lanes.ts'

/** Methods that can be asked after their update. */
export const answersByPass = methodIds.filter((method) => descriptorOf(method).answersAfterUpdate)

export interface SeenPixels {
  readonly pixels: Uint8Array // [images, height, width, 3]
  readonly images: number
  readonly height: number
  readonly width: number
}

/** Logits [own, classes] of the last `own` images, by lane; lanes that cannot be asked are left out. */
export async function answersNow(
  device: Device,
  model: Model,
  lanes: readonly Lane[],
  { pixels, images, height, width }: SeenPixels,
  own: number,
): Promise<Map<string, Float32Array>> {
  const asked = lanes.filter(({ method }) => answersByPass.includes(method.id) && method.currentWeights !== undefined)
  if (asked.length === 0) return new Map()
  const bytes = device.fromBytes(pixels, [images, height, width, 3])
  const x = device.scale(bytes, 1 / 255)
  bytes.dispose()
  const answers = new Map<string, Float32Array>()
  for (const { id, method } of asked) {
    const weights = method.currentWeights?.() ?? model.parameters
    const values =
      (await method.answer?.(x)) ?? (await predict(device, model, weights, x, { statistics: 'batch' })).values
    answers.set(id, values.slice(-own * model.classes))
  }
  x.dispose()
  return answers
}

/** Of the time of a run, at most this share goes into looking again: where a pass takes long, previews come less often. */
const mostShare = 0.04

/** How long to wait after a preview that took so long, at least `leastMs`. */
export const pauseAfter = (costMs: number, leastMs: number): number => Math.max(leastMs, costMs / mostShare)
