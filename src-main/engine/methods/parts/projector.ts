// The small network that RMT and SANTA put behind the features: linear, ReLU, linear. On the host: it is tiny beside the model. Kept in single
// precision, so that a state that went through bytes goes on exactly.
import { ViewRandom } from '#engine/augment/random.ts'
import { times, timesTransposed } from '#engine/compute/contrastive.ts'
import type { NamedArray } from '#engine/methods/method.ts'
import type { OptimizerChoice } from './moments.ts'
import type { Arrays, StatePart } from './state-parts.ts'

export const projectorTensors = ['0.weight', '0.bias', '2.weight', '2.bias'] as const
type TensorName = (typeof projectorTensors)[number]

const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

export class Projector implements StatePart {
  private readonly seed: number
  private readonly width: number
  private readonly optimizer: OptimizerChoice
  private readonly stored: ((name: TensorName) => Float32Array) | null
  private shapes: Readonly<Record<TensorName, readonly number[]>> | null = null
  private readonly values = new Map<TensorName, Float32Array>()
  private readonly first = new Map<TensorName, Float32Array>() // Adam's m, or the momentum buffer
  private readonly second = new Map<TensorName, Float32Array>()
  private count = 0

  /** `stored` weights in place of drawn ones: for parity. */
  constructor(
    width: number,
    optimizer: OptimizerChoice,
    seed: number,
    stored: ((name: TensorName) => Float32Array) | null,
  ) {
    this.width = width
    this.optimizer = optimizer
    this.seed = seed
    this.stored = stored
  }

  /** Made when the features' width is known; drawn as PyTorch's linear layers are: uniform within 1 / sqrt(inputs). */
  private make(inputs: number): void {
    if (this.shapes) return
    this.shapes = {
      '0.weight': [this.width, inputs],
      '0.bias': [this.width],
      '2.weight': [this.width, this.width],
      '2.bias': [this.width],
    }
    const random = new ViewRandom(this.seed)
    for (const name of projectorTensors) {
      if (this.values.has(name)) continue
      const bound = 1 / Math.sqrt(name.startsWith('0') ? inputs : this.width)
      const size = this.shapes[name].reduce((product, n) => product * n, 1)
      this.values.set(
        name,
        this.stored?.(name).slice() ?? Float32Array.from({ length: size }, () => random.uniform(-bound, bound)),
      )
    }
  }

  private tensor(name: TensorName): Float64Array {
    return Float64Array.from(this.values.get(name) as Float32Array)
  }

  /** rows [n, inputs] -> [n, width], and from the gradient of those the gradient of the rows; `learn` also takes a step. */
  forward(
    rows: Float64Array,
    inputs: number,
  ): { out: Float64Array; learn: (gradient: Float64Array, learningRate: number) => Float64Array } {
    this.make(inputs)
    const { width } = this
    const weight0 = this.tensor('0.weight')
    const weight2 = this.tensor('2.weight')
    const plus = (values: Float64Array, bias: Float64Array) =>
      values.map((value, i) => value + (bias[i % width] as number))
    const hidden = plus(timesTransposed(rows, weight0, inputs), this.tensor('0.bias')).map((value) =>
      Math.max(0, value),
    )
    const out = plus(timesTransposed(hidden, weight2, width), this.tensor('2.bias'))
    return {
      out,
      learn: (gradient, learningRate) => {
        const dHidden = times(gradient, weight2, width).map((value, i) => ((hidden[i] as number) > 0 ? value : 0))
        const dRows = times(dHidden, weight0, width)
        this.count += 1
        this.move('2.weight', outer(gradient, width, hidden, width), learningRate)
        this.move('2.bias', columnSums(gradient, width), learningRate)
        this.move('0.weight', outer(dHidden, width, rows, inputs), learningRate)
        this.move('0.bias', columnSums(dHidden, width), learningRate)
        return dRows
      },
    }
  }

  private move(name: TensorName, gradient: Float64Array, learningRate: number): void {
    const value = this.values.get(name) as Float32Array
    const buffer = (map: Map<TensorName, Float32Array>) => {
      const kept = map.get(name) ?? new Float32Array(value.length)
      map.set(name, kept)
      return kept
    }
    const m = buffer(this.first)
    const { optimizer } = this
    if (optimizer.kind === 'sgd') {
      for (let i = 0; i < value.length; i++) {
        const g = gradient[i] as number
        m[i] = (this.count === 1 ? 0 : optimizer.momentum * (m[i] as number)) + g
        value[i] =
          (value[i] as number) -
          learningRate * (optimizer.nesterov ? g + optimizer.momentum * (m[i] as number) : (m[i] as number))
      }
      return
    }
    const v = buffer(this.second)
    const correction1 = 1 - beta1 ** this.count
    const correction2 = 1 - beta2 ** this.count
    for (let i = 0; i < value.length; i++) {
      const g = gradient[i] as number
      m[i] = beta1 * (m[i] as number) + (1 - beta1) * g
      v[i] = beta2 * (v[i] as number) + (1 - beta2) * g * g
      value[i] =
        (value[i] as number) -
        (learningRate * ((m[i] as number) / correction1)) / (Math.sqrt((v[i] as number) / correction2) + epsilon)
    }
  }

  /** The weights: for parity. */
  weights(): ReadonlyMap<string, Float32Array> {
    return this.values
  }

  export(arrays: Arrays): void {
    if (!this.shapes) return
    for (const [kind, map] of [
      ['', this.values],
      ['first/', this.first],
      ['second/', this.second],
    ] as const) {
      for (const [name, data] of map)
        arrays.set(`projector/${kind}${name}`, { shape: this.shapes[name], data: data.slice() })
    }
    arrays.set('projector/count', { shape: [1], data: Float32Array.of(this.count) })
  }

  restore(arrays: ReadonlyMap<string, NamedArray>): void {
    this.clear()
    const weight = arrays.get('projector/0.weight')
    if (!weight) return
    for (const [kind, map] of [
      ['', this.values],
      ['first/', this.first],
      ['second/', this.second],
    ] as const) {
      for (const name of projectorTensors) {
        const array = arrays.get(`projector/${kind}${name}`)
        if (array) map.set(name, array.data.slice())
      }
    }
    this.make(weight.shape[1] ?? 0)
    this.count = arrays.get('projector/count')?.data[0] ?? 0
  }

  clear(): void {
    this.shapes = null
    this.count = 0
    for (const map of [this.values, this.first, this.second]) map.clear()
  }

  dispose(): void {
    this.clear()
  }
}

/** a [n, p] transposed times b [n, q]: [p, q]. */
function outer(a: Float64Array, p: number, b: Float64Array, q: number): Float64Array {
  const out = new Float64Array(p * q)
  for (let row = 0; row < a.length / p; row++) {
    for (let i = 0; i < p; i++) {
      const factor = a[row * p + i] as number
      if (factor === 0) continue
      for (let j = 0; j < q; j++) out[i * q + j] = (out[i * q + j] as number) + factor * (b[row * q + j] as number)
    }
  }
  return out
}

function columnSums(values: Float64Array, width: number): Float64Array {
  const out = new Float64Array(width)
  for (const [i, value] of values.entries()) out[i % width] = (out[i % width] as number) + value
  return out
}
