// OURS, with the preset `auto`: norm layers normalise with a mixture of the batch's statistics and remembered ones (the source's at first) where the batch
// alone says too little of its domain: few images, or images ordered by class, and where answers are surer so (batch-worth.ts). Where that may be, batches are
// answered both ways, for one more forward pass; where batches suffice it is BN-1, and nothing is remembered.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward, type ForwardOptions } from '#engine/compute/graph.ts'
import { entropies, logSoftmax } from '#engine/compute/losses.ts'
import { mix } from '#engine/compute/mix.ts'
import type { Parameters, Statistics, StatisticsListener } from '#engine/compute/op.ts'
import { elementCount, type Model } from '#engine/models/model.ts'
import { isStatistic } from '#engine/methods/parts/adaptation.ts'
import type { Arrays } from '#engine/methods/parts/state-parts.ts'
import type { JsonValue, NamedArray } from '#engine/methods/method.ts'
import { BatchWorth } from './batch-worth.ts'

/** So much of what is remembered is the source's again after each batch. */
const pull = 0.1
const prefix = 'remembered/'

/** How a pass normalises: with which of the parameters, and the batch's statistics or a mixture. */
export interface Normalizing {
  readonly parameters: Parameters
  readonly statistics: Statistics
}

/** Of a batch: how it is answered, and otherwise, to compare; null = that is all. */
export interface BothWays {
  readonly chosen: Normalizing
  readonly other: Normalizing | null
}

export class RememberedStatistics {
  readonly worth: BatchWorth
  private readonly device: Device
  private readonly model: Model
  private readonly kept = new Map<string, DeviceTensor>()
  private coming: (readonly [name: string, value: DeviceTensor])[] = []
  /** A run that began before there was a memory goes on without. */
  private isOff = false

  constructor(device: Device, model: Model) {
    this.device = device
    this.model = model
    this.worth = new BatchWorth(model.classes)
  }

  /** Of a batch of `images` images, with these weights. */
  ways(weights: Parameters, images: number): BothWays {
    const alone: Normalizing = { parameters: weights, statistics: 'batch' }
    const share = this.worth.share(images)
    if (share === 1 || this.isOff || !this.model.tensors.some(isStatistic)) return { chosen: alone, other: null }
    const parameters = this.kept.size > 0 ? new Map([...weights, ...this.kept]) : weights
    const mixed: Normalizing = { parameters, statistics: { movingShare: share } }
    if (!this.worth.helps) return { chosen: alone, other: mixed }
    return { chosen: mixed, other: this.worth.comparesNext ? alone : null }
  }

  /** For the pass of a batch's images as they are: it hears what will be remembered, from `take` on. */
  passOptions(way: Normalizing, { other }: BothWays): Pick<ForwardOptions, 'statistics' | 'onStatistics'> {
    const { statistics } = way
    const isHeard = statistics === 'batch' ? other === null && this.kept.size > 0 : true
    return isHeard ? { statistics, onStatistics: this.listener } : { statistics }
  }

  /** Logits [N, C] of the other way, on the device, the caller's; none where there is none. */
  otherPass(pixels: DeviceTensor, ways: BothWays): readonly DeviceTensor[] {
    const { other } = ways
    if (other === null) return []
    const options = { ...this.passOptions(other, ways), tape: false }
    return [forward(this.device, this.model.graph, other.parameters, pixels, options).logits]
  }

  /** The batch is over: what it showed is remembered, and what was predicted, and how surely, is counted. */
  take(predictions: Int32Array, ways: BothWays, chosen: Float32Array, other: Float32Array | undefined): void {
    for (const [name, value] of this.coming) {
      this.kept.get(name)?.dispose()
      this.kept.set(name, value)
    }
    this.coming = []
    this.worth.observe(predictions)
    if (!other) return
    const [ofChosen, ofOther] = [this.entropy(chosen), this.entropy(other)]
    if (ways.chosen.statistics === 'batch') this.worth.compare(ofChosen, ofOther)
    else this.worth.compare(ofOther, ofChosen)
  }

  /** Mean over the images, in nats. */
  private entropy(logits: Float32Array): number {
    const { classes } = this.model
    const each = entropies(logSoftmax(logits, classes), classes)
    return each.reduce((sum, h) => sum + h, 0) / each.length
  }

  private readonly listener: StatisticsListener = (node, mean, variance) => {
    for (const [name, seen] of [
      [node.params.mean, mean],
      [node.params.variance, variance],
    ] as const) {
      const source = name === undefined ? undefined : this.model.parameters.get(name)
      if (name !== undefined && source) this.coming.push([name, mix(this.device, seen, source, 1 - pull)])
    }
  }

  /** What `restore` wants beside the arrays. */
  state(): JsonValue {
    return this.isOff ? null : this.worth.state()
  }

  async export(arrays: Arrays): Promise<void> {
    if (this.kept.size === 0) return
    const values = await this.device.readMany([...this.kept.values()])
    for (const [i, name] of [...this.kept.keys()].entries()) {
      const data = values[i] as Float32Array
      arrays.set(`${prefix}${name}`, { shape: [data.length], data })
    }
  }

  /** `worth`: null in states from before there was a memory. @throws Error for the state of another model */
  restore(arrays: ReadonlyMap<string, NamedArray>, worth: unknown): void {
    this.clear()
    this.isOff = worth === null
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
    this.isOff = false
    this.worth.clear()
  }
}
