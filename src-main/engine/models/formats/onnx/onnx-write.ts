// A graph of ours as an ONNX file (opset 17), channels first, normalising included: input `pixels` [N, 3, H, W] in 0..1, output `logits` [N, classes].
// Tensors keep their names. Batch norm uses the running statistics that are given. Each op writes itself (ops/registry.ts).
import { explicitPadding } from '#engine/compute/explicit-padding.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import type { FileTensor } from '#engine/compute/ops/formats/network.ts'
import type { OnnxNodeWriter } from '#engine/compute/ops/formats/onnx.ts'
import { opOf } from '#engine/compute/ops/registry.ts'
import type { Shape } from '#engine/compute/shape.ts'
import { nodeShapes } from '#engine/models/node-shapes.ts'
import type { ExportedNetwork } from '#engine/models/formats/exported-network.ts'
import { writeOnnx, type OnnxWriteNode, type OnnxWriteTensor } from './onnx-proto-write.ts'

const input = 'pixels'

/** @throws Error naming what cannot be written */
export function networkToOnnx({ architecture, values, width, height, metadata, version }: ExportedNetwork): Uint8Array {
  const { graph } = architecture
  const nodes: OnnxWriteNode[] = []
  const initializers: OnnxWriteTensor[] = [...values].map(([name, { shape, data }]) => ({ name, shape, data }))
  const file: OnnxFile = {
    values,
    shapes: nodeShapes(graph, architecture.tensors, height, width),
    nameOf: (name) => (name === graph.input ? input : name),
    constant: (name, data, shape) => {
      initializers.push({ name, shape, data })
      return name
    },
    emit: (op, inputs, output, attributes = {}) => {
      nodes.push({ op, name: `${output} (${op})`, inputs, outputs: [output], attributes })
      return output
    },
  }
  for (const node of graph.nodes) opOf(node.op).onnx.write(nodeWriter(node, file))
  file.emit('Identity', [graph.output], 'logits')
  return writeOnnx({
    opset: 17,
    version,
    nodes,
    initializers,
    input: { name: input, dims: ['batch', 3, height, width] },
    output: { name: 'logits', dims: ['batch', architecture.classes] },
    metadata,
  })
}

/** The file that is being written. */
interface OnnxFile extends Pick<OnnxNodeWriter, 'constant' | 'emit'> {
  readonly values: ReadonlyMap<string, FileTensor>
  readonly shapes: ReadonlyMap<string, Shape>
  /** The name in the file of a value of the graph. */
  readonly nameOf: (node: string) => string
}

function nodeWriter(node: GraphNode, { values, shapes, nameOf, constant, emit }: OnnxFile): OnnxNodeWriter {
  const { attributes, inputs, params } = node
  const inShape = shapes.get(inputs[0] ?? '') ?? []
  const rank = inShape.length + 1
  const param = (role: string) => params[role] ?? ''
  const valueOf = (role: string): FileTensor => {
    const value = values.get(param(role))
    if (!value) throw new Error(`${node.name} (${node.op}) has no values for ${role}`)
    return value
  }
  return {
    node,
    out: node.name,
    x: nameOf(inputs[0] ?? ''),
    inShape,
    rank,
    input: (index) => nameOf(inputs[index] ?? ''),
    number: (name, usual = 0) => Number(attributes[name] ?? usual),
    pads: (size) => {
      const { top, left, bottom, right } = explicitPadding(node, [1, ...inShape], size)
      return [top, left, bottom, right]
    },
    param,
    hasParam: (role) => params[role] !== undefined,
    paramShape: (role) => valueOf(role).shape,
    perChannel: (role, of = rank) => {
      const name = param(role)
      const { shape, data } = valueOf(role)
      if (of !== 4 || data.length === 1 || shape.length === 3) return name
      return constant(`${node.name} ${name}`, data, [data.length, 1, 1])
    },
    constant,
    emit,
  }
}
