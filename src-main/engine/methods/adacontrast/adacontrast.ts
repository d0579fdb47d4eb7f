// AdaContrast (Chen, Wang, Darrell, Ebrahimi, CVPR 2022) in the benchmark's online form: pseudo labels that remembered neighbours vote for, a
// contrast of strong views with the keys of a momentum model, and diverse predictions. All weights adapt; running statistics go on. Predictions come
// from AFTER the step, with running statistics: unlike most other methods'.
import { z } from 'zod'
import type { OptionsOf } from '#contract/methods/methods.ts'
import { strongViews, weakViews } from '#engine/augment/contrastive-views.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import { normalizeRows } from '#engine/compute/contrastive.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows, labelCrossEntropy, logSoftmax } from '#engine/compute/losses.ts'
import type { Model } from '#engine/models/model.ts'
import { AdaptedParameters, adaptedReports, packed } from '#engine/methods/parts/adapted-parameters.ts'
import { isStatistic, isWeight } from '#engine/methods/parts/adaptation.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import type { JsonValue, NamedArray, StepResult } from '#engine/methods/method.ts'
import { beginPass, beginPrediction, finished } from '#engine/methods/parts/pass.ts'
import { follow } from '#engine/methods/parts/running-statistics.ts'
import { HostArrays, parametersPart } from '#engine/methods/parts/state-parts.ts'
import { joined, votesOf } from './bank.ts'
import { negativeDiversity } from './diversity.ts'

const memorySchema = z.object({
  random: viewRandomStateSchema,
  seen: z.number().int().nonnegative(),
  queueAt: z.number().int().nonnegative(),
  bankAt: z.number().int().nonnegative(),
})
const runningShare = 0.1 // PyTorch's momentum of batch norm

/** Stored views and queue in place of drawn ones: for parity. */
interface AdacontrastStage {
  /** In [0, 1], the caller's. */
  view(kind: 'weak' | 'query' | 'key'): DeviceTensor
  /** Rows are keys [queue, D], not yet of unit length. */
  queue(): { readonly keys: Float32Array; readonly labels: Float32Array }
  readonly seen: number
}

export class Adacontrast extends AdaptingMethod {
  readonly id = 'adacontrast'
  private readonly options: OptionsOf<'adacontrast'>
  private readonly seed: number
  private readonly stage: AdacontrastStage | null
  private readonly momentum: AdaptedParameters
  /** `keys` [K, D], `labels` [K], `bank_features` [n, D], `bank_probabilities` [n, C]. */
  private readonly arrays = new HostArrays('contrast')
  private seen: number
  private queueAt = 0
  private bankAt = 0
  private random: ViewRandom

  constructor(
    device: Device,
    model: Model,
    options: OptionsOf<'adacontrast'>,
    seed: number,
    stage: AdacontrastStage | null = null,
  ) {
    super(device, model, {
      optimizer: { kind: 'sgd', momentum: options.momentum, nesterov: options.nesterov },
      learningRate: options.learningRate,
      adapts: isWeight,
      tracks: isStatistic,
    })
    this.options = options
    this.seed = seed
    this.stage = stage
    this.momentum = new AdaptedParameters(
      device,
      model,
      model.tensors.map(({ name }) => name),
    )
    this.parts.push(parametersPart(this.momentum, 'momentum_model'), this.arrays)
    this.seen = stage?.seen ?? 0
    this.random = new ViewRandom(seed)
  }

  async step(x: DeviceTensor): Promise<StepResult> {
    const { device, model, options } = this
    const { classes } = model
    const batch = x.shape[0] ?? 0
    const [weak, query, key] = await this.views(x)
    const training = (parameters: AdaptedParameters) => ({
      onStatistics: follow(device, parameters, runningShare),
      features: true,
    })

    // Each follows running statistics that the next one finds: in this order, and read together.
    const askedFirst = beginPrediction(device, model, this.own.view, weak, training(this.own))
    const asked = beginPass(device, model, this.own.view, query, new Set(this.names), training(this.own))
    this.momentum.draw(this.own.flat, options.teacherMomentum)
    const askedKeys = beginPrediction(device, model, this.momentum.view, key, training(this.momentum))
    const [first, strong, ofKeys] = await finished(device, askedFirst, asked, askedKeys)
    const labels = await this.pseudoLabels(first, batch)
    const width = strong.features.length / batch
    const keys = normalizeRows(Float64Array.from(ofKeys.features), width).unit
    const unit = normalizeRows(Float64Array.from(strong.features), width)
    const instance = await this.instanceLoss(unit.unit, keys, labels, width)
    const log = logSoftmax(strong.values, classes)
    const label = labelCrossEntropy(log, classes, labels)
    const diversity = negativeDiversity(log, classes)
    const gradients = strong.gradients(
      label.gradient.map((g, i) => g + (diversity.gradient[i] as number)),
      unit.back(instance.gradient),
    )
    this.adaptation.moveBy(this.own.decayed(packed(this.own, gradients), options.weightDecay), this.names)

    const pixels = device.scale(x, 1 / 255)
    const [kept, { values }] = await finished(
      device,
      beginPrediction(device, model, this.momentum.view, weak, training(this.momentum)),
      beginPrediction(device, model, this.own.view, pixels, { statistics: 'source' }),
    )
    this.toBank(kept.features, logSoftmax(kept.values, classes), batch)
    for (const tensor of [weak, query, key, pixels]) tensor.dispose()
    return {
      logits: values,
      classes,
      predictions: argMaxRows(values, classes),
      losses: {
        classification: label.value,
        instance: instance.value,
        diversity: diversity.value,
        total: label.value + instance.value + diversity.value,
      },
      keptMask: null,
      kept: null,
      ...adaptedReports(model, this.names, this.learningRate),
      adaptedShare: 1,
    }
  }

  private async views(x: DeviceTensor): Promise<[DeviceTensor, DeviceTensor, DeviceTensor]> {
    if (this.stage) return [this.stage.view('weak'), this.stage.view('query'), this.stage.view('key')]
    const { device } = this
    const bytes = await device.read(x)
    const [, height = 0, width = 0] = x.shape
    const made = [
      weakViews(bytes, height, width, this.random),
      strongViews(bytes, height, width, this.random),
      strongViews(bytes, height, width, this.random),
    ] as const
    return [device.fromArray(made[0], x.shape), device.fromArray(made[1], x.shape), device.fromArray(made[2], x.shape)]
  }

  /** The vote of the nearest remembered features; the model's own labels until enough was seen. */
  private async pseudoLabels(
    { values, features }: { values: Float32Array; features: Float32Array },
    batch: number,
  ): Promise<Int32Array> {
    const { classes } = this.model
    const bank = this.arrays.get('bank_features')
    const probabilities = this.arrays.get('bank_probabilities')
    if (this.seen < this.options.refineAfter || !bank || !probabilities) {
      if (this.seen < this.options.refineAfter) this.seen += batch
      return argMaxRows(values, classes)
    }
    const width = features.length / batch
    const similarity = await this.product(
      normalizeRows(Float64Array.from(features), width).unit,
      normalizeRows(Float64Array.from(bank.data), width).unit,
      width,
    )
    const votes = votesOf(similarity, probabilities.data, classes, batch, this.options.neighbors)
    return argMaxRows(votes, classes)
  }

  /** a [n, width] times b [m, width] transposed, on the device: the queue is long. */
  private async product(a: Float64Array, b: Float64Array, width: number): Promise<Float32Array> {
    const { device } = this
    const left = device.fromArray(Float32Array.from(a), [a.length / width, width])
    const right = device.fromArray(Float32Array.from(b), [b.length / width, width])
    const out = device.matMul(left, right, false, true)
    const values = await device.read(out)
    for (const tensor of [left, right, out]) tensor.dispose()
    return values
  }

  /** The queue's keys and labels, drawn at the beginning. */
  private queue(width: number): { keys: Float32Array; labels: Float32Array } {
    const keys = this.arrays.get('keys')
    const labels = this.arrays.get('labels')
    if (keys && labels) return { keys: keys.data, labels: labels.data }
    const length = this.options.queue
    const stored = this.stage?.queue()
    const random = new ViewRandom(this.seed ^ 0x51ed270b)
    const gauss = () =>
      Math.sqrt(-2 * Math.log(1 - random.uniform(0, 1))) * Math.cos(2 * Math.PI * random.uniform(0, 1))
    const drawn = stored?.keys ?? Float32Array.from({ length: length * width }, gauss)
    const made = {
      keys: Float32Array.from(normalizeRows(Float64Array.from(drawn), width).unit),
      labels:
        stored?.labels.slice() ??
        Float32Array.from({ length }, () => Math.floor(random.uniform(0, this.model.classes))),
    }
    this.arrays.set('keys', { shape: [length, width], data: made.keys })
    this.arrays.set('labels', { shape: [length], data: made.labels })
    return made
  }

  /** Each query against its own key and the queue; keys of the same pseudo label are left out. The queue takes the new keys in. */
  private async instanceLoss(
    query: Float64Array,
    keys: Float64Array,
    labels: Int32Array,
    width: number,
  ): Promise<{ value: number; gradient: Float64Array }> {
    const { device, options } = this
    const queue = this.queue(width)
    const length = queue.labels.length
    const before = queue.keys.slice()
    const similarity = await this.product(query, Float64Array.from(before), width)
    const batch = labels.length
    for (let b = 0; b < batch; b++) {
      const at = (this.queueAt + b) % length
      queue.keys.set(keys.subarray(b * width, (b + 1) * width), at * width)
      queue.labels[at] = labels[b] as number
    }
    this.queueAt = (this.queueAt + batch) % length
    // As published: similarities to the old keys, left out by the labels of the new ones.
    const slopes = new Float32Array(batch * length)
    const own = new Float64Array(batch)
    let value = 0
    for (let b = 0; b < batch; b++) {
      let positive = 0
      for (let c = 0; c < width; c++) positive += (query[b * width + c] as number) * (keys[b * width + c] as number)
      positive /= options.temperature
      let most = positive
      for (let k = 0; k < length; k++)
        if (queue.labels[k] !== labels[b])
          most = Math.max(most, (similarity[b * length + k] as number) / options.temperature)
      let total = Math.exp(positive - most)
      for (let k = 0; k < length; k++) {
        if (queue.labels[k] === labels[b]) continue
        const mass = Math.exp((similarity[b * length + k] as number) / options.temperature - most)
        slopes[b * length + k] = mass
        total += mass
      }
      value -= (positive - most - Math.log(total)) / batch
      for (let k = 0; k < length; k++)
        slopes[b * length + k] = (slopes[b * length + k] as number) / (total * batch * options.temperature)
      own[b] = (Math.exp(positive - most) / total - 1) / (batch * options.temperature)
    }
    const left = device.fromArray(slopes, [batch, length])
    const right = device.fromArray(before, [length, width])
    const product = device.matMul(left, right)
    const gradient = Float64Array.from(await device.read(product))
    for (const tensor of [left, right, product]) tensor.dispose()
    for (let i = 0; i < gradient.length; i++)
      gradient[i] = (gradient[i] as number) + (own[Math.floor(i / width)] as number) * (keys[i] as number)
    return { value, gradient }
  }

  /** The momentum model's features and probabilities of the weak view go into the bank. Its place while it grows is the published code's. */
  private toBank(features: Float32Array, log: Float64Array, batch: number): void {
    const { classes } = this.model
    const width = features.length / batch
    const bank = this.arrays.get('bank_features')?.data ?? new Float32Array(0)
    const votes = this.arrays.get('bank_probabilities')?.data ?? new Float32Array(0)
    const probabilities = Float32Array.from(log, Math.exp)
    let [nextBank, nextVotes] = [bank, votes]
    if (bank.length / width < this.options.queue) {
      nextBank = joined(bank, features)
      nextVotes = joined(votes, probabilities)
    } else {
      const n = bank.length / width
      for (let b = 0; b < batch; b++) {
        const at = (this.bankAt + b) % n
        bank.set(features.subarray(b * width, (b + 1) * width), at * width)
        votes.set(probabilities.subarray(b * classes, (b + 1) * classes), at * classes)
      }
    }
    const n = nextBank.length / width
    this.arrays.set('bank_features', { shape: [n, width], data: nextBank })
    this.arrays.set('bank_probabilities', { shape: [n, classes], data: nextVotes })
    this.bankAt = (this.bankAt + batch) % n
  }

  /** The momentum model's weights and statistics: for parity. */
  momentumParameters(): Promise<ReadonlyMap<string, NamedArray>> {
    return this.momentum.export()
  }

  protected memory(): JsonValue {
    return { random: this.random.state(), seen: this.seen, queueAt: this.queueAt, bankAt: this.bankAt }
  }

  protected remember(memory: unknown): void {
    const kept = memory === null ? null : memorySchema.parse(memory)
    this.seen = kept?.seen ?? this.stage?.seen ?? 0
    this.queueAt = kept?.queueAt ?? 0
    this.bankAt = kept?.bankAt ?? 0
    this.random = new ViewRandom(this.seed)
    if (kept) this.random.restore(kept.random)
  }
}
