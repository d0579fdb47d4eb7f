// What PALM's Table 6 puts in the place of importance and Adam: LARS, Prodigy, Adafactor, by their own defaults. Published are only their names;
// whether they remember from batch to batch is the option `optimizerState`. `optimizerRate` scales LARS's and Adafactor's steps and is Prodigy's gamma.
import { z } from 'zod'
import type { PalmOptions } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { mix } from '#engine/compute/mix.ts'
import { adafactorMove, adafactorStep } from '#engine/compute/optimizers/adafactor.ts'
import { larsUpdate } from '#engine/compute/optimizers/lars.ts'
import { norms } from '#engine/compute/optimizers/norms.ts'
import type { AdaptedParameters } from '#engine/methods/parts/adapted-parameters.ts'
import type { JsonValue, NamedArray } from '#engine/methods/method.ts'
import { NamedTensors } from '#engine/methods/parts/moments.ts'
import { HostArrays, type Arrays, type StatePart } from '#engine/methods/parts/state-parts.ts'

const scalarsSchema = z.object({
  counts: z.record(z.string(), z.number()),
  d: z.number(),
  most: z.number(),
  numerator: z.number(),
})

const prodigyStart = 1e-6
const beta1 = 0.9
const beta2 = 0.999
const beta3 = Math.sqrt(beta2)
const epsilon = 1e-8

/** The name of one of Adafactor's averages of a tensor. */
const averageOf = (name: string, at: number): string => `${name}/${at}`

/** Moves some tensors by their gradients, which it takes. */
export class ReplacementOptimizer implements StatePart {
  private readonly device: Device
  private readonly own: AdaptedParameters
  private readonly kind: 'lars' | 'prodigy' | 'adafactor'
  private readonly options: PalmOptions
  private readonly tensors: NamedTensors
  private readonly second: NamedTensors
  private readonly sums: NamedTensors
  private readonly starts: NamedTensors
  /** Adafactor's averages, in their own shapes. */
  private readonly averages = new HostArrays('adafactor')
  private counts = new Map<string, number>()
  private d = prodigyStart
  private most = prodigyStart
  private numerator = 0

  constructor(
    device: Device,
    own: AdaptedParameters,
    options: PalmOptions & { readonly optimizer: 'lars' | 'prodigy' | 'adafactor' },
  ) {
    this.device = device
    this.own = own
    this.options = options
    this.kind = options.optimizer
    const named = (prefix: string) => new NamedTensors(own, prefix)
    this.tensors = named('replacement')
    this.second = named('replacement_v')
    this.sums = named('replacement_s')
    this.starts = named('replacement_start')
  }

  /** @returns per tensor, the mean size of its move */
  async move(gradients: ReadonlyMap<string, DeviceTensor>): Promise<Map<string, number>> {
    if (this.options.optimizerState === 'fresh') this.clear()
    const moves =
      this.kind === 'lars'
        ? await this.lars(gradients)
        : this.kind === 'adafactor'
          ? await this.adafactor(gradients)
          : await this.prodigy(gradients)
    const names = [...moves.keys()]
    const sizes = await this.device.sumAbsMany([...moves.values()])
    for (const [name, move] of moves) {
      this.own.set(name, this.device.sub(this.own.get(name), move))
      move.dispose()
    }
    for (const gradient of gradients.values()) gradient.dispose()
    return new Map(names.map((name, i) => [name, (sizes[i] as number) / this.own.elements(name)]))
  }

  private async lars(gradients: ReadonlyMap<string, DeviceTensor>): Promise<Map<string, DeviceTensor>> {
    const { device, own } = this
    const moves = new Map<string, DeviceTensor>()
    const sizes = await norms(
      device,
      [...gradients].flatMap(([name, gradient]) => [own.get(name), gradient]),
    )
    for (const [i, [name, gradient]] of [...gradients].entries()) {
      const buffer = larsUpdate(
        device,
        own.get(name),
        gradient,
        this.tensors.get(name),
        [sizes[2 * i] as number, sizes[2 * i + 1] as number],
        this.options.optimizerRate,
        this.options.weightDecay,
      )
      this.tensors.set(name, buffer)
      moves.set(name, device.scale(buffer, 1))
    }
    return moves
  }

  /** All averages come in one upload, and what is read of all tensors in one read. */
  private async adafactor(gradients: ReadonlyMap<string, DeviceTensor>): Promise<Map<string, DeviceTensor>> {
    const { device, own } = this
    const kept = [...gradients.keys()].map((name) => [0, 1].flatMap((i) => this.averages.get(averageOf(name, i)) ?? []))
    const all = kept.flat()
    const uploaded = all.length > 0 ? device.fromArrays(all) : []
    let at = 0
    const steps = [...gradients].map(([name, gradient], i) => {
      const before = uploaded.slice(at, (at += kept[i]?.length ?? 0))
      const count = this.counts.get(name) ?? 0
      // Device layout of a convolution is [kh, kw, in, out].
      const axes = own.info(name).kind === 'conv' ? { rows: 0, columns: 1 } : null
      const state = count > 0 ? { count, moments: before } : null
      return { name, ...adafactorStep(device, own.get(name), gradient, state, axes) }
    })
    for (const tensor of uploaded) tensor.dispose()
    const read = await device.readMany(steps.flatMap(({ squares, state }) => [...squares, ...state.moments]))
    const next = read.values()
    const taken = (): Float32Array => next.next().value as Float32Array
    const moves = new Map<string, DeviceTensor>()
    for (const step of steps) {
      const means = [taken()[0] as number, taken()[0] as number] as const
      for (const [i, tensor] of step.state.moments.entries()) {
        this.averages.set(averageOf(step.name, i), { shape: tensor.shape, data: taken() })
        tensor.dispose()
      }
      this.counts.set(step.name, step.state.count)
      moves.set(step.name, adafactorMove(device, step, means, this.options.optimizerRate))
    }
    return moves
  }

  /** One step size d for all tensors, from how far they have come along their gradients (Mishchenko, Defazio, 2023). */
  private async prodigy(gradients: ReadonlyMap<string, DeviceTensor>): Promise<Map<string, DeviceTensor>> {
    const { device, d } = this
    const gamma = this.options.optimizerRate
    const weight = (d / prodigyStart) * gamma * d
    const products: DeviceTensor[] = []
    for (const [name, gradient] of gradients) {
      const start = this.starts.get(name) ?? device.scale(this.own.get(name), 1)
      if (!this.starts.get(name)) this.starts.set(name, start)
      const away = device.sub(start, this.own.get(name))
      const product = device.mul(gradient, away)
      products.push(device.sum(product))
      for (const tensor of [away, product]) tensor.dispose()
      this.fold(this.tensors, name, gradient, beta1, (1 - beta1) * d)
      const square = device.square(gradient)
      this.fold(this.second, name, square, beta2, (1 - beta2) * d * d)
      square.dispose()
      this.fold(this.sums, name, gradient, beta3, weight)
    }
    const along = (await device.readMany(products)).reduce((sum, [product]) => sum + (product as number), 0)
    for (const product of products) product.dispose()
    this.numerator = beta3 * this.numerator + weight * along
    const names = [...gradients.keys()]
    const total = await this.allSums()
    if (total > 0) {
      const estimate = this.numerator / total
      this.most = Math.max(this.most, estimate)
      this.d = Math.max(this.d, this.most)
    }
    return new Map(
      names.map((name) => {
        const root = device.sqrt(this.second.get(name) as DeviceTensor)
        const below = device.addScalar(root, this.d * epsilon)
        const direction = device.div(this.tensors.get(name) as DeviceTensor, below)
        const move = device.scale(direction, gamma * d)
        for (const tensor of [root, below, direction]) tensor.dispose()
        return [name, move]
      }),
    )
  }

  private readonly seen = new Set<string>()

  /** L1 norm of s over every tensor that ever moved. */
  private async allSums(): Promise<number> {
    const tensors = [...this.seen].flatMap((name) => this.sums.get(name) ?? [])
    return (await this.device.sumAbsMany(tensors)).reduce((sum, value) => sum + value, 0)
  }

  private fold(into: NamedTensors, name: string, value: DeviceTensor, keep: number, weight: number): void {
    const { device } = this
    this.seen.add(name)
    const before = into.get(name)
    if (!before) return into.set(name, device.scale(value, weight))
    const scaled = device.scale(value, weight / (1 - keep))
    into.set(name, mix(device, before, scaled, keep))
    scaled.dispose()
  }

  scalars(): JsonValue {
    return { counts: Object.fromEntries(this.counts), d: this.d, most: this.most, numerator: this.numerator }
  }

  restoreScalars(value: unknown): void {
    const { counts, d, most, numerator } = scalarsSchema.parse(value)
    this.counts = new Map(Object.entries(counts))
    this.d = d
    this.most = most
    this.numerator = numerator
  }

  async export(arrays: Arrays): Promise<void> {
    for (const part of [this.tensors, this.second, this.sums, this.starts, this.averages]) await part.export(arrays)
  }

  restore(arrays: ReadonlyMap<string, NamedArray>): void {
    for (const part of [this.tensors, this.second, this.sums, this.starts, this.averages]) part.restore(arrays)
    this.seen.clear()
    for (const key of arrays.keys())
      if (key.startsWith('replacement_s/')) this.seen.add(key.slice('replacement_s/'.length))
  }

  clear(): void {
    for (const part of [this.tensors, this.second, this.sums, this.starts, this.averages]) part.clear()
    this.seen.clear()
    this.counts.clear()
    this.d = prodigyStart
    this.most = prodigyStart
    this.numerator = 0
  }

  dispose(): void {
    this.clear()
  }
}
