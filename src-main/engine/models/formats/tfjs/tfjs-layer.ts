// One layer of a Keras model, as the ops read it: settings by type, weights by their role.
import { PalmError } from '#contract/errors.ts'
import type { AttributeValue } from '#engine/compute/op.ts'
import type { FileTensor, Flow, NamedTensor } from '#engine/compute/ops/formats/network.ts'
import { numberOf, type KerasLayerReader } from '#engine/compute/ops/formats/tfjs.ts'
import type { ImportedNetwork } from '#engine/models/imported-network.ts'
import { activate } from './tfjs-activations.ts'
import type { KerasLayer } from './tfjs.ts'

/** What JSON may hold where a text belongs. */
export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : ''
}

/** Weights by their names, and by what is left of them without the scopes in front. */
export class KerasWeights {
  private readonly weights: ReadonlyMap<string, FileTensor>
  private readonly fileName: string
  private readonly bySuffix = new Map<string, string>()

  constructor(weights: ReadonlyMap<string, FileTensor>, fileName: string) {
    this.weights = weights
    this.fileName = fileName
    for (const name of weights.keys()) {
      const parts = name.split('/', 20)
      for (let from = 0; from < parts.length; from++) {
        const suffix = from === 0 ? name : name.slice(parts.slice(0, from).join('/').length + 1)
        if (!this.bySuffix.has(suffix)) this.bySuffix.set(suffix, name)
      }
    }
  }

  has(layer: string, role: string): boolean {
    return this.bySuffix.has(`${layer}/${role}`)
  }

  /** @throws PalmError `model-unreadable` */
  get(layer: string, role: string): NamedTensor {
    const name = this.bySuffix.get(`${layer}/${role}`)
    const value = name === undefined ? undefined : this.weights.get(name)
    if (name !== undefined && value) return { name, value }
    throw new PalmError('model-unreadable', `${this.fileName}: the weights “${layer}/${role}” are not in its shards.`)
  }
}

export class KerasLayerView implements KerasLayerReader {
  readonly network: ImportedNetwork
  readonly kind: string
  readonly name: string
  readonly config: KerasLayer['config']
  readonly input: Flow
  readonly inputs: readonly Flow[]
  private readonly weights: KerasWeights

  constructor(
    { class_name: kind, config }: KerasLayer,
    name: string,
    inputs: readonly Flow[],
    weights: KerasWeights,
    network: ImportedNetwork,
  ) {
    this.kind = kind
    this.config = config
    this.name = name
    this.inputs = inputs
    this.input = inputs[0] ?? network.start
    this.weights = weights
    this.network = network
  }

  readonly refused = (what: string): PalmError => this.network.refused(`the layer “${this.name}” ${what}`)

  readonly hasWeight = (role: string): boolean => this.weights.has(this.name, role)

  readonly weight = (role: string): NamedTensor => this.weights.get(this.name, role)

  readonly number = (key: string, usual?: number): number => numberOf(this.config[key], usual)

  readonly square = (key: string, usual: number): number => {
    const value = this.config[key]
    const [a, b] = Array.isArray(value)
      ? [numberOf(value[0]), numberOf(value[1])]
      : [numberOf(value, usual), numberOf(value, usual)]
    if (a !== b || !(a >= 1 && a <= 64)) throw this.refused(`has ${key} of ${a} x ${b}, and only equal ones are taken`)
    return a
  }

  readonly padding = (): AttributeValue => (this.config.padding === 'same' ? 'same' : 0)

  readonly activated = (flow: Flow): Flow => {
    const { activation } = this.config
    if (activation === undefined || activation === null || activation === 'linear') return flow
    const out = typeof activation === 'string' ? activate(this.network, this.name, activation, flow) : null
    if (!out) throw this.refused(`has the activation ${textOf(activation).slice(0, 40) || 'that is no name'}`)
    return out
  }
}
