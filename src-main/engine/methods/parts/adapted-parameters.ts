// A lane's own copy of what it adapts, over the model's tensors, which are never changed. A tensor is copied when it first moves.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import {
  adaptableTensors,
  elementCount,
  fromFileLayout,
  toFileLayout,
  type Model,
  type TensorInfo,
} from '#engine/models/model.ts'
import type { NamedArray, StepResult, TensorReport } from '#engine/methods/method.ts'

export class AdaptedParameters {
  private readonly device: Device
  private readonly model: Model
  private readonly infos: ReadonlyMap<string, TensorInfo>
  private readonly current: Map<string, DeviceTensor>

  constructor(device: Device, model: Model, names: readonly string[]) {
    this.device = device
    this.model = model
    const wanted = new Set(names)
    this.infos = new Map(model.tensors.filter((info) => wanted.has(info.name)).map((info) => [info.name, info]))
    this.current = new Map(model.parameters)
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
    this.dropOwn(name)
    this.current.set(name, tensor)
  }

  /** theta <- theta - rate * direction */
  descend(name: string, direction: DeviceTensor, rate: number): void {
    const move = this.device.scale(direction, rate)
    const moved = this.device.sub(this.get(name), move)
    move.dispose()
    this.set(name, moved)
  }

  /** gradient + decay * theta: Adam's and SGD's L2 form of weight decay. Takes the gradient. */
  decayed(name: string, gradient: DeviceTensor, weightDecay: number): DeviceTensor {
    if (weightDecay === 0) return gradient
    const decay = this.device.scale(this.get(name), weightDecay)
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

  async export(): Promise<Map<string, NamedArray>> {
    const arrays = new Map<string, NamedArray>()
    for (const name of this.infos.keys()) arrays.set(name, await this.toArray(name, this.get(name)))
    return arrays
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
    for (const name of this.infos.keys()) {
      this.dropOwn(name)
      this.current.set(name, this.model.parameters.get(name) as DeviceTensor)
    }
  }

  dispose(): void {
    this.reset()
  }

  private dropOwn(name: string): void {
    const before = this.current.get(name)
    if (before && before !== this.model.parameters.get(name)) before.dispose()
  }
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
