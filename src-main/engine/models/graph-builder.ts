// Collects nodes and tensors while an architecture is spelled out, so that a builder file reads like the network.
import type { BlockOutput, Graph } from '#engine/compute/graph.ts'
import type { GraphNode, OpName } from '#engine/compute/op.ts'
import type { ModelNormalization, TensorInfo } from './model.ts'

export class GraphBuilder {
  private readonly nodes: GraphNode[] = []
  readonly tensors: TensorInfo[] = []
  private readonly blocks: BlockOutput[] = []
  private unnamedNodes = 0

  protected push(
    op: OpName,
    name: string,
    inputs: readonly string[],
    params: Record<string, string>,
    attributes: GraphNode['attributes'],
  ): string {
    this.nodes.push({ op, name, inputs, params, attributes })
    return name
  }

  private unnamed(op: string): string {
    this.unnamedNodes += 1
    return `${op}:${this.unnamedNodes}`
  }

  normalize(input: string, { mean, std }: ModelNormalization): string {
    return this.push('normalize', 'normalize', [input], {}, { mean, std })
  }

  /** An op without parameters, under a name of its own. */
  apply(op: OpName, inputs: string | readonly string[], attributes: GraphNode['attributes'] = {}): string {
    return this.push(op, this.unnamed(op), typeof inputs === 'string' ? [inputs] : inputs, {}, attributes)
  }

  /** `name` as in PyTorch: its tensor is `name.weight`. Padding in pixels. */
  conv(
    input: string,
    name: string,
    block: string,
    cin: number,
    cout: number,
    size: number,
    stride: number,
    padding: number,
  ): string {
    this.tensors.push({ name: `${name}.weight`, kind: 'conv', shape: [cout, cin, size, size], block })
    return this.push('conv2d', name, [input], { weight: `${name}.weight` }, { stride, padding })
  }

  batchNorm(input: string, name: string, block: string, channels: number, epsilon = 1e-5): string {
    return this.pushBatchNorm(input, name, block, channels, { epsilon })
  }

  protected pushBatchNorm(
    input: string,
    name: string,
    block: string,
    channels: number,
    attributes: GraphNode['attributes'],
  ): string {
    const params = {
      weight: `${name}.weight`,
      bias: `${name}.bias`,
      mean: `${name}.running_mean`,
      variance: `${name}.running_var`,
    }
    const kinds = { weight: 'bn-weight', bias: 'bn-bias', mean: 'bn-mean', variance: 'bn-variance' } as const
    for (const role of ['weight', 'bias', 'mean', 'variance'] as const) {
      this.tensors.push({ name: params[role], kind: kinds[role], shape: [channels], block })
    }
    return this.push('batch-norm', name, [input], params, attributes)
  }

  /** Batch norm with a rectifier right behind it, as one node. */
  batchNormRelu(input: string, name: string, block: string, channels: number, epsilon = 1e-5): string {
    return this.pushBatchNorm(input, name, block, channels, { epsilon, relu: true })
  }

  relu(input: string): string {
    return this.apply('relu', input)
  }

  add(a: string, b: string): string {
    return this.apply('add', [a, b])
  }

  shortcutA(input: string, stride: number, before: number, after: number): string {
    return this.apply('shortcut-a', input, { stride, before, after })
  }

  maxPool(input: string, size: number, stride: number, padding: number): string {
    return this.apply('max-pool', input, { size, stride, padding })
  }

  globalMean(input: string): string {
    return this.apply('global-mean', input)
  }

  linear(input: string, name: string, cin: number, cout: number): string {
    this.tensors.push({ name: `${name}.weight`, kind: 'linear-weight', shape: [cout, cin], block: name })
    this.tensors.push({ name: `${name}.bias`, kind: 'linear-bias', shape: [cout], block: name })
    return this.push('linear', name, [input], { weight: `${name}.weight`, bias: `${name}.bias` }, {})
  }

  /** Marks `node` as the end of the stem or of a block. */
  endBlock(node: string, channels: number, stride: number): string {
    this.blocks.push({ node, channels, stride })
    return node
  }

  build(input: string, features: string, output: string): Graph {
    return { nodes: this.nodes, input, output, features, blocks: this.blocks }
  }
}
