// Writes the part of ONNX's protocol buffers that a classifier's file uses, with field numbers as the standard gives them.
import { PbfWriter } from 'pbf'

export interface OnnxWriteNode {
  readonly op: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, number | readonly number[] | string | { readonly float: number }>>
}

export interface OnnxWriteTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array | readonly number[]
}

const bytesOf = (data: Float32Array) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** Whole numbers are written as int64, arrays of floats as float32. */
function writeTensor(tensor: OnnxWriteTensor, pbf: PbfWriter): void {
  for (const n of tensor.shape) pbf.writeVarintField(1, n)
  pbf.writeStringField(8, tensor.name)
  if (tensor.data instanceof Float32Array) {
    pbf.writeVarintField(2, 1)
    pbf.writeBytesField(9, bytesOf(tensor.data))
  } else {
    pbf.writeVarintField(2, 7)
    pbf.writeBytesField(9, new Uint8Array(BigInt64Array.from(tensor.data, BigInt).buffer))
  }
}

function writeNode(node: OnnxWriteNode, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input)
  for (const output of node.outputs) pbf.writeStringField(2, output)
  pbf.writeStringField(3, node.name)
  pbf.writeStringField(4, node.op)
  for (const [name, value] of Object.entries(node.attributes ?? {})) {
    pbf.writeMessage(
      5,
      (_: unknown, a: PbfWriter) => {
        a.writeStringField(1, name)
        if (typeof value === 'number') {
          a.writeVarintField(3, value)
          a.writeVarintField(20, 2)
        } else if (typeof value === 'string') {
          a.writeBytesField(4, new TextEncoder().encode(value))
          a.writeVarintField(20, 3)
        } else if ('float' in value) {
          a.writeFloatField(2, value.float)
          a.writeVarintField(20, 1)
        } else {
          for (const n of value) a.writeVarintField(8, n)
          a.writeVarintField(20, 7)
        }
      },
      null,
    )
  }
}

function writeValueInfo(info: { name: string; dims: readonly (number | string)[] }, pbf: PbfWriter): void {
  pbf.writeStringField(1, info.name)
  pbf.writeMessage(
    2,
    (_: unknown, type: PbfWriter) => {
      type.writeMessage(
        1,
        (__: unknown, tensor: PbfWriter) => {
          tensor.writeVarintField(1, 1)
          tensor.writeMessage(
            2,
            (___: unknown, shape: PbfWriter) => {
              for (const dim of info.dims)
                shape.writeMessage(
                  1,
                  (____: unknown, d: PbfWriter) =>
                    typeof dim === 'number' ? d.writeVarintField(1, dim) : d.writeStringField(2, dim),
                  null,
                )
            },
            null,
          )
        },
        null,
      )
    },
    null,
  )
}

export interface OnnxWriteModel {
  readonly opset: number
  readonly version: string
  readonly nodes: readonly OnnxWriteNode[]
  readonly initializers: readonly OnnxWriteTensor[]
  readonly input: { name: string; dims: readonly (number | string)[] }
  readonly output: { name: string; dims: readonly (number | string)[] }
  readonly metadata: Readonly<Record<string, string>>
}

/** IR version 8, which goes with opset 17. */
export function writeOnnx(model: OnnxWriteModel): Uint8Array {
  const pbf = new PbfWriter()
  pbf.writeVarintField(1, 8)
  pbf.writeStringField(2, 'PALM Studio')
  pbf.writeStringField(3, model.version)
  pbf.writeMessage(
    7,
    (_: unknown, graph: PbfWriter) => {
      for (const node of model.nodes) graph.writeMessage(1, writeNode, node)
      graph.writeStringField(2, 'classifier')
      for (const tensor of model.initializers) graph.writeMessage(5, writeTensor, tensor)
      graph.writeMessage(11, writeValueInfo, model.input)
      graph.writeMessage(12, writeValueInfo, model.output)
    },
    null,
  )
  pbf.writeMessage(
    8,
    (_: unknown, set: PbfWriter) => {
      set.writeStringField(1, '')
      set.writeVarintField(2, model.opset)
    },
    null,
  )
  for (const [key, value] of Object.entries(model.metadata)) {
    pbf.writeMessage(
      14,
      (_: unknown, pair: PbfWriter) => {
        pair.writeStringField(1, key)
        pair.writeStringField(2, value)
      },
      null,
    )
  }
  return pbf.finish()
}
