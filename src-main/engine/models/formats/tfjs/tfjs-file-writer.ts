// Collects the nodes and weights of a TensorFlow.js graph model and lays them out as its files.
import { float32, int32, type TfjsNodeWriter } from '#engine/compute/ops/formats/tfjs.ts'
import type { Shape } from '#engine/compute/shape.ts'

const shardBytes = 4 * 2 ** 20

interface Node {
  readonly name: string
  readonly op: string
  readonly input?: readonly string[]
  readonly attr: Readonly<Record<string, unknown>>
}

interface Weights {
  readonly name: string
  readonly shape: Shape
  readonly dtype: 'float32' | 'int32'
  readonly bytes: Uint8Array
}

/** Node names may hold letters, digits and . _ / - only. */
const plain = (name: string) => name.replaceAll(/[^A-Za-z0-9._/-]/g, '_')
const shapeOf = (dims: Shape) => ({ dim: dims.map((n) => ({ size: String(n) })) })

const signatureOf = (values: Readonly<Record<string, Shape>>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, dims]) => [
      name,
      { name: `${name}:0`, dtype: float32.type, tensorShape: shapeOf(dims) },
    ]),
  )

export class TfjsFileWriter {
  private readonly nodes: Node[] = []
  private readonly weights: Weights[] = []
  private readonly known = new Set<string>()

  /** Returns its name. */
  placeholder(name: string, dims: Shape): string {
    this.nodes.push({ name, op: 'Placeholder', attr: { dtype: float32, shape: { shape: shapeOf(dims) } } })
    return name
  }

  /** The same name again is the same constant. */
  readonly constant: TfjsNodeWriter['constant'] = (name, data, shape) => {
    const node = plain(name)
    if (this.known.has(node)) return node
    this.known.add(node)
    const whole = data instanceof Int32Array
    const { type } = whole ? int32 : float32
    this.nodes.push({
      name: node,
      op: 'Const',
      attr: { dtype: { type }, value: { tensor: { dtype: type, tensorShape: shapeOf(shape) } } },
    })
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    this.weights.push({ name: node, shape, dtype: whole ? 'int32' : 'float32', bytes })
    return node
  }

  readonly emit: TfjsNodeWriter['emit'] = (op, name, input, attributes = {}) => {
    const node = plain(name)
    this.nodes.push({ name: node, op, input, attr: { T: float32, ...attributes } })
    return node
  }

  /** Files by name, `model.json` first. */
  finish(
    inputs: Readonly<Record<string, Shape>>,
    outputs: Readonly<Record<string, Shape>>,
    metadata: Readonly<Record<string, string>>,
  ): Map<string, Uint8Array> {
    const all = Buffer.concat(this.weights.map(({ bytes }) => bytes))
    const shards = Math.max(1, Math.ceil(all.length / shardBytes))
    const paths = Array.from({ length: shards }, (_, i) => `group1-shard${i + 1}of${shards}.bin`)
    const json = {
      format: 'graph-model',
      generatedBy: 'PALM Studio',
      convertedBy: null,
      signature: { inputs: signatureOf(inputs), outputs: signatureOf(outputs) },
      userDefinedMetadata: metadata,
      modelTopology: { node: this.nodes, library: {}, versions: { producer: 1395 } },
      weightsManifest: [{ paths, weights: this.weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })) }],
    }
    return new Map([
      ['model.json', new TextEncoder().encode(JSON.stringify(json))],
      ...paths.map((path, i) => [path, new Uint8Array(all.subarray(i * shardBytes, (i + 1) * shardBytes))] as const),
    ])
  }
}
