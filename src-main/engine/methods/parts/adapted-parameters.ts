// A lane's own copy of what it adapts, over the model's tensors, which are never changed. A tensor is copied when it first moves.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { mix } from '#engine/compute/mix.ts'
import {
  adaptableTensors,
  elementCount,
  fromFileLayout,
  isParameter,
  toFileLayout,
  type Model,
  type TensorInfo,
} from '#engine/models/model.ts'
import { FlatLayout } from './flat-layout.ts'
import type { NamedArray, StepResult, TensorReport } from '#engine/methods/method.ts'

export class AdaptedParameters {
  private readonly device: Device
  private readonly model: Model
  private readonly infos: ReadonlyMap<string, TensorInfo>
  private readonly current: Map<string, DeviceTensor>
  /** Where what adapts, running statistics aside, lies in one buffer. */
  readonly layout: FlatLayout
  /** What moved, in one buffer; null where it has to be put together again. */
  private whole: DeviceTensor | null = null
  /** Nothing has moved. */
  private pristine = true
  private original: DeviceTensor | null = null

  constructor(device: Device, model: Model, names: readonly string[]) {
    this.device = device
    this.model = model
    const wanted = new Set(names)
    this.infos = new Map(model.tensors.filter((info) => wanted.has(info.name)).map((info) => [info.name, info]))
    this.current = new Map(model.parameters)
    this.layout = new FlatLayout(device, [...this.infos.values()].filter(isParameter))
  }

  /** All tensors of the model, adapted ones in their present values. */
  get view(): ReadonlyMap<string, DeviceTensor> {
    return this.current
  }

  get(name: string): DeviceTensor {
    const tensor = this.current.get(name)
    if (!tensor) throw new Error(`No tensor ${name}`)
    return tensor
  }

  /** Takes ownership of `tensor`. */
  set(name: string, tensor: DeviceTensor): void {
    if (this.layout.has(name)) this.dropWhole()
    this.pristine &&= !this.layout.has(name)
    this.dropOwn(name)
    this.current.set(name, tensor)
  }

  /** All in one buffer, in `layout`; lent until something changes. */
  get flat(): DeviceTensor {
    if (!this.whole && this.pristine) return this.source
    this.whole ??= this.layout.pack(this.current)
    return this.whole
  }

  /** The model's own values in one buffer; lent. */
  get source(): DeviceTensor {
    this.original ??= this.layout.pack(this.model.parameters)
    return this.original
  }

  /** Takes over the new values of the tensors that `moved` names; all others are in them as they were. */
  setFlat(flat: DeviceTensor, moved?: ReadonlySet<string>): void {
    const pieces = this.layout.unpack(flat, (name) => moved?.has(name) ?? true)
    for (const [name, piece] of pieces) {
      this.dropOwn(name)
      this.current.set(name, piece)
    }
    this.dropWhole()
    this.whole = flat
    this.pristine = false
  }

  /** theta <- theta - move, of all; takes the move. `moved`: what it is not 0 for. */
  shift(move: DeviceTensor, moved?: ReadonlySet<string>): void {
    const theta = this.device.sub(this.flat, move)
    move.dispose()
    this.setFlat(theta, moved)
  }

  /** theta <- theta - rates * direction, of all; rates for each row or element. */
  descend(direction: DeviceTensor, rates: DeviceTensor, moved?: ReadonlySet<string>): void {
    this.shift(this.device.mul(direction, rates), moved)
  }

  /** theta <- keep theta + (1 - keep) other, of all. */
  draw(other: DeviceTensor, keep: number): void {
    this.setFlat(mix(this.device, this.flat, other, keep))
  }

  /** gradient + decay * theta: Adam's and SGD's L2 form of weight decay. Takes the gradient. */
  decayed(gradient: DeviceTensor, weightDecay: number): DeviceTensor {
    if (weightDecay === 0) return gradient
    const decay = this.device.scale(this.flat, weightDecay)
    const sum = this.device.add(gradient, decay)
    decay.dispose()
    gradient.dispose()
    return sum
  }

  elements(name: string): number {
    return elementCount(this.info(name).shape)
  }

  info(name: string): TensorInfo {
    const info = this.infos.get(name)
    if (!info) throw new Error(`${name} is not adaptable here`)
    return info
  }

  /** Device tensor -> host array in file layout. */
  async toArray(name: string, tensor: DeviceTensor): Promise<NamedArray> {
    const info = this.info(name)
    return { shape: info.shape, data: toFileLayout(info, await this.device.read(tensor)) }
  }

  /** Host array in file layout -> device tensor. */
  fromArray(name: string, array: NamedArray): DeviceTensor {
    const info = this.info(name)
    if (array.data.length !== elementCount(info.shape)) throw new Error(`The state of ${name} has the wrong size`)
    const { shape, data } = fromFileLayout(info, array.data)
    return this.device.fromArray(data, shape)
  }

  /** Root mean square of each tensor of the layout, of the source's weights. */
  async sourceSizes(): Promise<ReadonlyMap<string, number>> {
    const { device, layout } = this
    const squares = device.square(this.source)
    const sums = layout.sums(squares)
    const values = await device.read(sums)
    squares.dispose()
    sums.dispose()
    return new Map(
      layout.names.map((name, i) => [name, Math.sqrt((values[i] as number) / (layout.elements[i] as number))]),
    )
  }

  async export(): Promise<Map<string, NamedArray>> {
    const others = [...this.infos.keys()].filter((name) => !this.layout.has(name))
    const [flat, ...values] = await this.device.readMany([this.flat, ...others.map((name) => this.get(name))])
    const arrays = this.layout.cut(flat as Float32Array)
    for (const [i, name] of others.entries()) {
      const info = this.info(name)
      arrays.set(name, { shape: info.shape, data: toFileLayout(info, values[i] as Float32Array) })
    }
    return new Map([...this.infos.keys()].map((name) => [name, arrays.get(name) as NamedArray]))
  }

  /** As `param/NAME`. */
  async stateArrays(): Promise<Map<string, NamedArray>> {
    return new Map([...(await this.export())].map(([name, array]) => [`param/${name}`, array]))
  }

  /** From arrays whose keys begin with `prefix`; what is missing is the model's own. */
  restoreFrom(arrays: ReadonlyMap<string, NamedArray>, prefix = 'param/'): void {
    this.reset()
    for (const [key, array] of arrays) {
      if (!key.startsWith(prefix)) continue
      const name = key.slice(prefix.length)
      this.set(name, this.fromArray(name, array))
    }
  }

  reset(): void {
    this.dropWhole()
    this.pristine = true
    for (const name of this.infos.keys()) {
      this.dropOwn(name)
      this.current.set(name, this.model.parameters.get(name) as DeviceTensor)
    }
  }

  dispose(): void {
    this.reset()
    this.original?.dispose()
    this.original = null
    this.layout.dispose()
  }

  private dropWhole(): void {
    this.whole?.dispose()
    this.whole = null
  }

  private dropOwn(name: string): void {
    const before = this.current.get(name)
    if (before && before !== this.model.parameters.get(name)) before.dispose()
  }
}

/** Gradients in one buffer; takes them. */
export function packed(parameters: AdaptedParameters, gradients: ReadonlyMap<string, DeviceTensor>): DeviceTensor {
  const flat = parameters.layout.pack(gradients)
  for (const gradient of gradients.values()) gradient.dispose()
  return flat
}

/** The report of a method that moves all of `names` at one rate. */
export function adaptedReports(
  model: Model,
  names: readonly string[],
  learningRate: number,
): Pick<StepResult, 'tensors' | 'adaptedShare'> {
  const report: TensorReport = { score: Number.NaN, state: 'adapted', importance: Number.NaN, learningRate }
  const wanted = new Set(names)
  const count = (infos: readonly TensorInfo[]) => infos.reduce((sum, info) => sum + elementCount(info.shape), 0)
  return {
    tensors: names.map(() => report),
    adaptedShare: Math.min(
      1,
      count(model.tensors.filter((info) => wanted.has(info.name))) / count(adaptableTensors(model)),
    ),
  }
}
