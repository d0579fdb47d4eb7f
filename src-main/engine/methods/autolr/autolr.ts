// “AutoLR (online form, ours)”: Ro, Choi (AAAI 2021) steer the learning rates of blocks in supervised fine-tuning so that deeper blocks move more, by
// epochs that are thrown away when they did not. A stream has neither labels nor epochs: here the blocks' movements are measured over a window of
// batches, rates follow without going back, and the loss is TENT's. Never to be shown as AutoLR. Predictions are those from before the step.
import { z } from 'zod'
import type { OptionsOf } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows, entropies, keptEntropy, logSoftmax } from '#engine/compute/losses.ts'
import { isAffine, type Model } from '#engine/models/model.ts'
import { adaptedReports, packed } from '#engine/methods/parts/adapted-parameters.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import type { JsonValue, StepResult } from '#engine/methods/method.ts'
import { FlatState } from '#engine/methods/parts/flat-state.ts'

const memorySchema = z.object({
  rates: z.array(z.number()),
  batches: z.number().int().nonnegative(),
  windows: z.number().int().nonnegative(),
  gate: z.number(),
})

const firstGate = 0.94
const gateDecay = 0.99
const lastGate = 0.8

export class Autolr extends AdaptingMethod {
  readonly id = 'autolr'
  private readonly options: OptionsOf<'autolr'>
  private readonly blockOf: ReadonlyMap<string, number>
  private readonly blocks: number
  /** Convolutions as they were when the window began. */
  private readonly before: FlatState
  private rates: number[]
  private batches = 0
  private windows = 0
  private gate = firstGate

  constructor(device: Device, model: Model, options: OptionsOf<'autolr'>) {
    super(device, model, {
      optimizer: { kind: 'sgd', momentum: options.momentum, nesterov: true },
      learningRate: options.learningRate,
      adapts: (info) => info.kind === 'conv' || isAffine(info),
    })
    this.options = options
    const names = [...new Set(this.names.map((name) => this.own.info(name).block))]
    this.blockOf = new Map(this.names.map((name) => [name, names.indexOf(this.own.info(name).block)]))
    this.blocks = names.length
    this.rates = new Array<number>(this.blocks).fill(options.learningRate)
    this.before = new FlatState(device, this.own, 'window')
    this.parts.push(this.before)
  }

  private get convolutions(): string[] {
    return this.names.filter((name) => this.own.info(name).kind === 'conv')
  }

  async step(x: DeviceTensor): Promise<StepResult> {
    const { device, model } = this
    const { classes } = model
    if (this.batches % this.options.window === 0) this.before.set(device.scale(this.own.flat, 1), this.convolutions)
    const pixels = device.scale(x, 1 / 255)
    const { values, gradients } = await this.pass(pixels)
    pixels.dispose()
    const log = logSoftmax(values, classes)
    const entropy = entropies(log, classes)
    const loss = keptEntropy(log, classes, entropy, new Array<boolean>(entropy.length).fill(true))
    const rateOf = (name: string) => this.rates[this.blockOf.get(name) as number] as number
    const rates = this.names.map(rateOf)
    const gradient = packed(this.own, gradients(loss.gradient))
    const direction = this.optimizer.move(gradient, this.names, 1)
    const rows = this.own.layout.spreadNumbers(rateOf)
    this.own.descend(direction, rows)
    for (const tensor of [gradient, direction, rows]) tensor.dispose()
    this.batches += 1
    if (this.batches % this.options.window === 0) await this.steer()
    const { tensors, adaptedShare } = adaptedReports(model, this.names, 0)
    return {
      logits: values,
      classes,
      predictions: argMaxRows(values, classes),
      losses: { entropy: loss.value },
      keptMask: null,
      kept: null,
      tensors: tensors.map((report, i) => ({ ...report, learningRate: rates[i] as number })),
      adaptedShare,
    }
  }

  /** Per block, how far its convolutions moved in the window: L2 norm over their number of weights, times 1e6. */
  private async movements(): Promise<number[]> {
    const { device } = this
    const squares = new Array<number>(this.blocks).fill(0)
    const counts = new Array<number>(this.blocks).fill(0)
    const difference = device.sub(this.own.flat, this.before.orZeros())
    const square = device.square(difference)
    const sums = this.own.layout.sums(square)
    const reading = device.read(sums)
    for (const tensor of [difference, square, sums]) tensor.dispose()
    const each = await reading
    for (const [i, name] of this.own.layout.names.entries()) {
      if (this.own.info(name).kind !== 'conv') continue
      const block = this.blockOf.get(name) as number
      squares[block] = (squares[block] as number) + (each[i] as number)
      counts[block] = (counts[block] as number) + this.own.elements(name)
    }
    return squares.map((square, i) => (1e6 * Math.sqrt(square)) / Math.max(1, counts[i] as number))
  }

  /** The stem is left out of the order, as published; its rate is half the first block's. */
  private async steer(): Promise<void> {
    const moved = (await this.movements()).slice(1)
    if (moved.length > 1 && sortingScore(moved) < this.gate) {
      const target = this.windows === 0 ? line(moved, this.options.low, this.options.high) : repaired(moved)
      this.rates = this.rates.map((rate, i) => {
        if (i === 0) return rate
        const v = moved[i - 1] as number
        return v > 0 ? rate * Math.min(2, Math.max(0.5, (target[i - 1] as number) / v)) : rate
      })
      this.rates[0] = (this.rates[1] as number) / 2
    }
    this.windows += 1
    if (this.gate > lastGate) this.gate *= gateDecay
  }

  protected memory(): JsonValue {
    return { rates: this.rates, batches: this.batches, windows: this.windows, gate: this.gate }
  }

  protected remember(memory: unknown): void {
    const kept = memory === null ? null : memorySchema.parse(memory)
    this.rates = kept?.rates ?? new Array<number>(this.blocks).fill(this.options.learningRate)
    this.batches = kept?.batches ?? 0
    this.windows = kept?.windows ?? 0
    this.gate = kept?.gate ?? firstGate
  }
}

/** 1 when the values rise with depth: 1 - 2 sum |i - rank| / L^2. */
export function sortingScore(values: readonly number[]): number {
  const order = [...values.keys()].sort((a, b) => (values[a] as number) - (values[b] as number) || a - b)
  const off = values.reduce((sum, _, i) => sum + Math.abs(i - order.indexOf(i)), 0)
  return 1 - (2 * off) / values.length ** 2
}

/** A straight line over depth from `low` times the least to `high` times the largest; from least to largest where that would fall. */
function line(values: readonly number[], low: number, high: number): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const [from, to] = low * least < high * most ? [low * least, high * most] : [least, most]
  return values.map((_, i) => from + ((to - from) * i) / (values.length - 1))
}

/** The values, put into rising order from the middle outwards by steps of a mean interval where it is broken. */
function repaired(values: readonly number[]): number[] {
  const target = [...values]
  const interval = (Math.max(...values) - Math.min(...values)) / (values.length - 1)
  const middle = Math.floor(values.length / 2)
  for (let i = middle + 1; i < target.length; i++)
    if ((target[i] as number) <= (target[i - 1] as number)) target[i] = (target[i - 1] as number) + interval
  for (let i = middle - 1; i >= 0; i--)
    if ((target[i] as number) >= (target[i + 1] as number))
      target[i] = Math.max(1e-12, (target[i + 1] as number) - interval)
  return target
}
