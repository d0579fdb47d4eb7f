// A graph of ours as a TensorFlow.js graph model: `model.json` and its shards; input `pixels` [N, H, W, 3] in 0..1, output `logits`. Each op writes itself
// (ops/registry.ts), or says that TensorFlow.js cannot hold it.
import { explicitPadding } from '#engine/compute/explicit-padding.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import { int32, type TfjsNodeWriter } from '#engine/compute/ops/formats/tfjs.ts'
import { opOf } from '#engine/compute/ops/registry.ts'
import type { Shape } from '#engine/compute/shape.ts'
import { fromFileLayout } from '#engine/models/model.ts'
import { nodeShapes } from '#engine/models/node-shapes.ts'
import type { ExportedNetwork } from '#engine/models/formats/exported-network.ts'
import { TfjsFileWriter } from './tfjs-file-writer.ts'

/** Files by name, `model.json` first. @throws Error naming what cannot be written */
export function networkToTfjs({
  architecture,
  values,
  width,
  height,
  metadata,
}: ExportedNetwork): Map<string, Uint8Array> {
  const { graph, tensors, classes } = architecture
  const file = new TfjsFileWriter()
  const infos = new Map(tensors.map((info) => [info.name, info]))
  const parameters: Parameters = {
    fileShape: (name) => values.get(name)?.shape ?? [],
    deviceValue: (name) => {
      const [info, value] = [infos.get(name), values.get(name)]
      if (!info || !value) throw new Error(`there are no values for “${name}”`)
      return fromFileLayout(info, value.data)
    },
  }
  const shapes = nodeShapes(graph, tensors, height, width)
  const outputs = new Map([[graph.input, file.placeholder('pixels', [-1, height, width, 3])]])
  for (const node of graph.nodes)
    outputs.set(node.name, opOf(node.op).tfjs.write(nodeWriter(node, file, shapes, outputs, parameters)))
  file.emit('Identity', 'logits', [outputs.get(graph.output) ?? ''])
  return file.finish({ pixels: [-1, height, width, 3] }, { logits: [-1, classes] }, metadata)
}

interface Parameters {
  /** PyTorch's layout. */
  readonly fileShape: (name: string) => Shape
  readonly deviceValue: (name: string) => { readonly shape: Shape; readonly data: Float32Array }
}

function nodeWriter(
  node: GraphNode,
  file: TfjsFileWriter,
  shapes: ReadonlyMap<string, Shape>,
  outputs: ReadonlyMap<string, string>,
  { fileShape, deviceValue }: Parameters,
): TfjsNodeWriter {
  const { name, attributes, inputs, params } = node
  const inShape = shapes.get(inputs[0] ?? '') ?? []
  const input = (index: number) => outputs.get(inputs[index] ?? '') ?? ''
  const x = input(0)
  const tensorOf = (role: string) => params[role] ?? ''
  const paramName = (role: string) => `tensor/${tensorOf(role)}`
  const scalar = (constant: string, value: number) => file.constant(constant, Float32Array.of(value), [])
  return {
    node,
    name,
    x,
    inShape,
    outShape: shapes.get(name) ?? [],
    input,
    number: (attribute, usual = 0) => Number(attributes[attribute] ?? usual),
    hasParam: (role) => params[role] !== undefined,
    param: (role) => {
      const { shape, data } = deviceValue(tensorOf(role))
      return file.constant(paramName(role), data, shape)
    },
    paramName,
    paramShape: (role) => fileShape(tensorOf(role)),
    paramData: (role) => deviceValue(tensorOf(role)).data,
    padded: (size, fill) => {
      const { top, bottom, left, right } = explicitPadding(node, [1, ...inShape], size)
      if (top + bottom + left + right === 0) return x
      const pads = file.constant(`${name} pads`, Int32Array.of(0, 0, top, bottom, left, right, 0, 0), [4, 2])
      return file.emit('PadV2', `${name} padded`, [x, pads, scalar(`${name} fill`, fill)], { Tpaddings: int32 })
    },
    constant: file.constant,
    ints: (constant, data) => file.constant(constant, Int32Array.from(data), [data.length]),
    scalar,
    emit: file.emit,
  }
}
