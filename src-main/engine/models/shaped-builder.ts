// A graph builder for state dicts: widths, kernels, groups and biases are read off the shapes of the tensors, so that an architecture's file spells
// out only what shapes do not say: order, strides and activations.
import { PalmError } from '#contract/errors.ts'
import type { OpName } from '#engine/compute/op.ts'
import { headOf } from './classifier-head.ts'
import { GraphBuilder } from './graph-builder.ts'
import type { Architecture, ModelNormalization } from './model.ts'

export type Shapes = ReadonlyMap<string, readonly number[]>

/** What is known from elsewhere than names and shapes. */
export interface RecognizeHints {
  readonly normalization?: ModelNormalization | undefined
  readonly stemStride?: number | undefined
  readonly inputSize?: { readonly width: number; readonly height: number } | undefined
}

export type Activation = 'relu' | 'relu6' | 'silu' | 'hard-swish' | 'none'

export interface ConvSettings {
  readonly stride?: number
  /** Pixels on each side, or TensorFlow's `same`; absent = half the kernel. */
  readonly padding?: number | 'same'
  /** As what it is shown in the layer map. */
  readonly block?: string
}

export class ShapedBuilder extends GraphBuilder {
  readonly shapes: Shapes
  private readonly fileName: string
  private readonly channels = new Map<string, number>()
  private readonly remarks: string[] = []
  /** Where tensors belong from now on. */
  block = 'stem'
  epsilon = 1e-5

  constructor(shapes: Shapes, fileName: string) {
    super()
    this.shapes = shapes
    this.fileName = fileName
  }

  has(name: string): boolean {
    return this.shapes.has(name)
  }

  /** How many of `prefix0suffix`, `prefix1suffix`, … there are. */
  count(prefix: string, suffix: string, from = 0): number {
    let n = 0
    while (this.shapes.has(`${prefix}${from + n}${suffix}`)) n += 1
    return n
  }

  /** @throws PalmError `model-unreadable` naming file and tensor */
  dimension(name: string, axis: number): number {
    const size = this.shapes.get(name)?.[axis]
    if (size === undefined || size < 1)
      throw new PalmError('model-unreadable', `${this.fileName} has no usable tensor “${name}”.`)
    return size
  }

  channelsOf(node: string): number {
    const channels = this.channels.get(node)
    if (channels === undefined) throw new Error(`Nobody said how many channels ${node} has`)
    return channels
  }

  /** Says how many channels come out of `node`. */
  know(node: string, channels: number): string {
    this.channels.set(node, channels)
    return node
  }

  start(normalization: ModelNormalization): string {
    return this.know(this.normalize('input', normalization), 3)
  }

  /** @throws PalmError `model-unreadable` when the weight does not take what comes in */
  convolve(input: string, name: string, { stride = 1, padding }: ConvSettings = {}): string {
    const weight = `${name}.weight`
    const [cout, perGroup, size] = [0, 1, 2].map((axis) => this.dimension(weight, axis)) as [number, number, number]
    const cin = this.channelsOf(input)
    if (this.dimension(weight, 3) !== size || size > 64)
      throw new PalmError('model-unreadable', `${this.fileName}: “${weight}” is not a square convolution kernel.`)
    if (cin % perGroup !== 0 || cout % (cin / perGroup) !== 0)
      throw new PalmError(
        'model-unreadable',
        `${this.fileName}: “${weight}” takes ${perGroup} channels where ${cin} come in.`,
      )
    this.tensors.push({ name: weight, kind: 'conv', shape: [cout, perGroup, size, size], block: this.block })
    const params: Record<string, string> = { weight }
    if (this.has(`${name}.bias`)) {
      this.tensors.push({ name: `${name}.bias`, kind: 'conv-bias', shape: [cout], block: this.block })
      params.bias = `${name}.bias`
    }
    const groups = cin / perGroup
    return this.know(
      this.push('conv2d', name, [input], params, {
        stride,
        padding: padding ?? Math.floor(size / 2),
        ...(groups === 1 ? {} : { groups }),
      }),
      cout,
    )
  }

  /** Batch norm, or group norm (32 groups) where there are no running statistics, and what follows it. */
  norm(input: string, name: string, activation: Activation = 'none'): string {
    const channels = this.channelsOf(input)
    if (this.has(`${name}.running_mean`)) {
      if (activation === 'relu')
        return this.know(
          this.pushBatchNorm(input, name, this.block, channels, { epsilon: this.epsilon, relu: true }),
          channels,
        )
      return this.activate(
        this.know(this.pushBatchNorm(input, name, this.block, channels, { epsilon: this.epsilon }), channels),
        activation,
      )
    }
    return this.activate(this.affineNorm(input, name, { epsilon: this.epsilon, groups: 32 }), activation)
  }

  layerNorm(input: string, name: string, epsilon: number): string {
    return this.affineNorm(input, name, { epsilon })
  }

  private affineNorm(input: string, name: string, attributes: Record<string, number>): string {
    const channels = this.channelsOf(input)
    if (attributes.groups !== undefined && channels % attributes.groups !== 0)
      throw new PalmError(
        'model-unsupported',
        `${this.fileName}: the norm layer “${name}” has no running statistics, and its ${channels} channels cannot be cut into 32 groups.`,
      )
    this.tensors.push(
      { name: `${name}.weight`, kind: 'norm-weight', shape: [channels], block: this.block },
      { name: `${name}.bias`, kind: 'norm-bias', shape: [channels], block: this.block },
    )
    return this.know(
      this.push('layer-norm', name, [input], { weight: `${name}.weight`, bias: `${name}.bias` }, attributes),
      channels,
    )
  }

  activate(input: string, activation: Activation): string {
    if (activation === 'none') return input
    const channels = this.channelsOf(input)
    return this.know(
      activation === 'relu6' ? this.apply('clip', input, { min: 0, max: 6 }) : this.apply(activation, input),
      channels,
    )
  }

  convNorm(input: string, conv: string, norm: string, activation: Activation, settings: ConvSettings = {}): string {
    return this.norm(this.convolve(input, conv, settings), norm, activation)
  }

  /** An op that keeps the number of channels. */
  keep(op: OpName, input: string, attributes: Parameters<GraphBuilder['apply']>[2] = {}): string {
    return this.know(this.apply(op, input, attributes), this.channelsOf(input))
  }

  sum(a: string, b: string): string {
    return this.know(this.add(a, b), this.channelsOf(a))
  }

  /** Squeeze and excitation (Hu et al., CVPR 2018): x times a gate per channel. */
  squeezeExcite(input: string, reduce: string, expand: string, activation: Activation): string {
    const pooled = this.keep('global-mean', input, { keep: true })
    const hidden = this.activate(this.convolve(pooled, reduce), activation)
    const gate = this.keep('sigmoid', this.convolve(hidden, expand))
    return this.know(this.apply('multiply', [input, gate]), this.channelsOf(input))
  }

  /** A linear layer over the last axis; its bias may be missing. */
  dense(input: string, name: string, block = name): string {
    const [cout, cin] = [this.dimension(`${name}.weight`, 0), this.dimension(`${name}.weight`, 1)]
    if (cin !== this.channelsOf(input))
      throw new PalmError(
        'model-unreadable',
        `${this.fileName}: “${name}.weight” takes ${cin} features where ${this.channelsOf(input)} come in.`,
      )
    return this.pushLinear(input, name, `${name}.weight`, `${name}.bias`, [cout, cin], block)
  }

  /**
   * The classifier: one linear layer of the family's usual name, or what the file has in its place (classifier-head.ts).
   * @throws PalmError `model-unreadable`, `model-unsupported`
   */
  head(input: string, usual: string, block?: string): { readonly features: string; readonly output: string } {
    const taken = new Set(this.tensors.map(({ name }) => name))
    const { layers, remarks } = headOf(this.shapes, usual, taken, this.fileName)
    this.remarks.push(...remarks)
    let features = input
    let output = input
    for (const { name, relu } of layers) {
      features = output
      output = this.dense(features, name, block)
      if (relu) output = this.activate(output, 'relu')
    }
    return { features, output }
  }

  pushLinear(
    input: string,
    node: string,
    weight: string,
    bias: string,
    shape: readonly [number, number],
    block: string,
  ): string {
    this.tensors.push({ name: weight, kind: 'linear-weight', shape, block })
    const params: Record<string, string> = { weight }
    if (this.has(bias)) {
      this.tensors.push({ name: bias, kind: 'linear-bias', shape: [shape[0]], block })
      params.bias = bias
    }
    return this.know(this.push('linear', node, [input], params, {}), shape[0])
  }

  /** A parameter of no further kind, in the file's shape. */
  withParameter(op: OpName, node: string, input: string, role: string, name: string): string {
    const shape = this.shapes.get(name)
    if (!shape) throw new PalmError('model-unreadable', `${this.fileName} has no usable tensor “${name}”.`)
    this.tensors.push({ name, kind: 'other', shape, block: this.block })
    return this.know(this.push(op, node, [input], { [role]: name }, {}), this.channelsOf(input))
  }

  end(node: string, stride: number): string {
    return this.endBlock(node, this.channelsOf(node), stride)
  }

  assumed(): Pick<Architecture, 'remarks'> {
    return this.remarks.length > 0 ? { remarks: this.remarks } : {}
  }

  finish(
    name: string,
    features: string,
    output: string,
    rest: Pick<Architecture, 'inputSize' | 'normalization' | 'resize'>,
  ): Architecture {
    return {
      name,
      graph: this.build('input', features, output),
      tensors: this.tensors,
      classes: this.channelsOf(output),
      ...this.assumed(),
      ...rest,
    }
  }
}

/** Puts the classifier behind pooled features: one linear layer, or what a `ShapedBuilder` finds in the file. */
export function finished(b: GraphBuilder, pooled: string, usual: string, channels: number, classes: number) {
  if (!(b instanceof ShapedBuilder))
    return { features: pooled, output: b.linear(pooled, usual, channels, classes), classes, remarks: {} }
  const { features, output } = b.head(b.know(pooled, channels), usual)
  return { features, output, classes: b.channelsOf(output), remarks: b.assumed() }
}
