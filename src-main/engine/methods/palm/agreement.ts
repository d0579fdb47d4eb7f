// OURS, for the preset `auto`: which share of a tensor's gradient do successive batches have in common? A batch's gradient is what the domain asks for plus
// the noise of its samples. With moving averages m of the gradient and v of its square, m^2 is expected to be mu^2 + f sigma^2 and v to be mu^2 + sigma^2,
// where f is what averaging leaves of the noise; so (sum m^2 / sum v - f) / (1 - f) over a tensor estimates the share of mu^2, without labels and without a
// scale. Where batches agree on nothing it is 0, and the tensor rests. A few hundredths are what mild corruptions leave, and to move by them does more harm than
// good; and the first batches are of one domain, in which they agree on what no other wants: caution counts neither.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { mix } from '#engine/compute/mix.ts'
import type { NamedArray } from '#engine/methods/method.ts'
import type { AdaptedParameters } from '#engine/methods/parts/adapted-parameters.ts'
import { FlatState } from '#engine/methods/parts/flat-state.ts'
import type { Arrays } from '#engine/methods/parts/state-parts.ts'

/** Of both averages: about ten batches are remembered. */
const memory = 0.9

export const caution = {
  /** So much of a share counts as none. */
  none: 0.05,
  /** From so many batches on a share counts in full, before in proportion. */
  batches: 10,
}

/** What counts of a share after `steps` batches. */
export const cautiousShare = (share: number, steps: number): number =>
  (Math.max(0, share - caution.none) / (1 - caution.none)) * Math.min(1, steps / caution.batches)

/** What an average over `steps` batches leaves of the noise's variance, bias corrected: 1 after the first batch. */
export const noiseLeft = (steps: number): number =>
  ((1 - memory) / (1 + memory)) * ((1 + memory ** steps) / (1 - memory ** steps))

/** The share, from a tensor's sums of m^2 and v (not corrected) after `steps` batches; 0 where one batch is all there is, or the gradient is. */
export function sharedPart(squaredMean: number, meanSquare: number, steps: number): number {
  const noise = noiseLeft(steps)
  const ratio = squaredMean / (1 - memory ** steps) / meanSquare
  return steps < 2 || !(ratio > noise) ? 0 : Math.min(1, (ratio - noise) / (1 - noise))
}

export class GradientAgreement {
  private readonly device: Device
  private readonly own: AdaptedParameters
  private readonly mean: FlatState
  private readonly square: FlatState
  steps = 0

  constructor(device: Device, own: AdaptedParameters) {
    this.device = device
    this.own = own
    this.mean = new FlatState(device, own, 'gradient_mean')
    this.square = new FlatState(device, own, 'gradient_square')
  }

  /** Takes in a batch's gradient, which stays the caller's. @returns per tensor the sums of m^2 and of v, the caller's: `shares` reads them */
  observe(gradient: DeviceTensor): readonly [squaredMean: DeviceTensor, meanSquare: DeviceTensor] {
    const { device, own } = this
    this.steps += 1
    const square = device.square(gradient)
    this.mean.set(mix(device, this.mean.orZeros(), gradient, memory))
    this.square.set(mix(device, this.square.orZeros(), square, memory))
    const ofMean = device.square(this.mean.orZeros())
    const sums = [own.layout.sums(ofMean), own.layout.sums(this.square.orZeros())] as const
    square.dispose()
    ofMean.dispose()
    return sums
  }

  /** By tensor, in [0, 1], from what `observe` returned, read. */
  shares(squaredMeans: Float32Array, meanSquares: Float32Array, isCautious: boolean): ReadonlyMap<string, number> {
    const { steps } = this
    const shareOf = (i: number) => {
      const share = sharedPart(squaredMeans[i] as number, meanSquares[i] as number, steps)
      return isCautious ? cautiousShare(share, steps) : share
    }
    return new Map(this.own.layout.names.map((name, i) => [name, shareOf(i)]))
  }

  async export(arrays: Arrays): Promise<void> {
    await this.mean.export(arrays)
    await this.square.export(arrays)
  }

  restore(arrays: ReadonlyMap<string, NamedArray>, steps: number): void {
    this.mean.restore(arrays)
    this.square.restore(arrays)
    this.steps = steps
  }

  clear(): void {
    this.mean.clear()
    this.square.clear()
    this.steps = 0
  }
}
