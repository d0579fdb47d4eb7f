// OURS, with the preset `auto`: norm layers normalise with a mixture of the batch's statistics and remembered ones (the source's at first) where the batch
// alone says too little of its domain: few images, or images ordered by class (batch-worth.ts). Where batches suffice it is BN-1, and nothing is remembered.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { mix } from '#engine/compute/mix.ts'
import type { Parameters, Statistics, StatisticsListener } from '#engine/compute/op.ts'
import { elementCount, type Model } from '#engine/models/model.ts'
import type { Arrays } from '#engine/methods/parts/state-parts.ts'
import type { NamedArray } from '#engine/methods/method.ts'
import { BatchWorth } from './batch-worth.ts'

/** So much of what is remembered is the source's again after each batch. */
const pull = 0.1
const prefix = 'remembered/'

/** How a pass normalises: with which of the parameters, and the batch's statistics or a mixture. */
export interface Normalizing {
  readonly parameters: Parameters
  readonly statistics: Statistics
}

export class RememberedStatistics {
  readonly worth: BatchWorth
  private readonly device: Device
  private readonly model: Model
  private readonly kept = new Map<string, DeviceTensor>()
  private coming: (readonly [name: string, value: DeviceTensor])[] = []

  constructor(device: Device, model: Model) {
    this.device = device
    this.model = model
    this.worth = new BatchWorth(model.classes)
  }

  /** Of a batch of `images` images, with these weights. */
  over(weights: Parameters, images: number): Normalizing {
    const share = this.worth.share(images)
    return {
      parameters: this.kept.size > 0 ? new Map([...weights, ...this.kept]) : weights,
      statistics: share === 1 ? 'batch' : { movingShare: share },
    }
  }

  /** For the pass of a batch's images as they are; what it hears counts from `take` on. Undefined: there is nothing to remember. */
  listener({ statistics }: Normalizing): StatisticsListener | undefined {
    if (statistics === 'batch' && this.kept.size === 0) return undefined
    return (node, mean, variance) => {
      for (const [name, seen] of [
        [node.params.mean, mean],
        [node.params.variance, variance],
      ] as const) {
        const source = name === undefined ? undefined : this.model.parameters.get(name)
        if (name !== undefined && source) this.coming.push([name, mix(this.device, seen, source, 1 - pull)])
      }
    }
  }

  /** The batch is over: what it showed is remembered, and what was predicted is counted. */
  take(predictions: Int32Array): void {
    for (const [name, value] of this.coming) {
      this.kept.get(name)?.dispose()
      this.kept.set(name, value)
    }
    this.coming = []
    this.worth.observe(predictions)
  }

  async export(arrays: Arrays): Promise<void> {
    const values = await this.device.readMany([...this.kept.values()])
    for (const [i, name] of [...this.kept.keys()].entries()) {
      const data = values[i] as Float32Array
      arrays.set(`${prefix}${name}`, { shape: [data.length], data })
    }
  }

  /** @throws Error for the state of another model */
  restore(arrays: ReadonlyMap<string, NamedArray>, worth: unknown): void {
    this.clear()
    if (worth !== null) this.worth.restore(worth)
    for (const [key, { data }] of arrays) {
      if (!key.startsWith(prefix)) continue
      const name = key.slice(prefix.length)
      const own = this.model.parameters.get(name)
      if (!own || elementCount(own.shape) !== data.length)
        throw new Error(`The remembered statistics ${name} are not of this model`)
      this.kept.set(name, this.device.fromArray(data, own.shape))
    }
  }

  clear(): void {
    for (const value of [...this.kept.values(), ...this.coming.map(([, tensor]) => tensor)]) value.dispose()
    this.kept.clear()
    this.coming = []
    this.worth.clear()
  }
}
