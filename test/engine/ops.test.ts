// The registry of ops: a missing op or a missing part of one does not compile; sizes that an exporter computes are followed while a file is read.
import { expect, test } from 'vitest'
import type { OpName } from '#engine/compute/op.ts'
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { opOf, ops } from '#engine/compute/ops/registry.ts'
import { writeOnnx, type OnnxWriteNode, type OnnxWriteTensor } from '#engine/models/formats/onnx/onnx-proto-write.ts'
import { describeModel } from '#engine/models/load.ts'
import { readWeightsFile } from '#engine/models/weights-file.ts'

test('a registry that misses an op, and an op that misses a part, do not compile', () => {
  const { relu, ...others } = ops
  // @ts-expect-error relu is missing
  const withoutRelu: Record<OpName, OpModule> = others
  const { flops: _, ...withoutCost } = relu
  // @ts-expect-error flops is missing
  const incomplete: OpModule = withoutCost
  const { write: __, ...reads } = relu.onnx
  // @ts-expect-error how ONNX writes it is missing
  const unwritten: OpModule = { ...relu, onnx: reads }
  // @ts-expect-error there is no such op
  const unknown = () => opOf('rectify')
  expect([withoutRelu, incomplete, unwritten, unknown]).toHaveLength(4)
})

/** A file that flattens its image by `shape`, computed by `nodes` from the image's own. */
const flattening = (nodes: readonly OnnxWriteNode[], initializers: readonly OnnxWriteTensor[]) =>
  writeOnnx({
    opset: 17,
    version: '1',
    metadata: {},
    initializers,
    input: { name: 'x', dims: [1, 3, 4, 4] },
    output: { name: 'y', dims: [1, 48] },
    nodes: [
      { op: 'Shape', name: 'shape', inputs: ['x'], outputs: ['sizes'] },
      ...nodes,
      { op: 'Reshape', name: 'flat', inputs: ['x', 'shape'], outputs: ['y'] },
    ],
  })

const graphOf = async (bytes: Uint8Array) =>
  describeModel(await readWeightsFile(bytes, 'x.onnx', () => Promise.reject(new Error('no parts'))), {
    fileName: 'x.onnx',
  }).graph.nodes.map(({ op }) => op)

const numbers = (name: string, data: readonly number[]): OnnxWriteTensor => ({ name, shape: [data.length], data })
const node = (op: string, inputs: readonly string[], output: string): OnnxWriteNode => ({
  op,
  name: output,
  inputs,
  outputs: [output],
})

test('sizes are sliced, multiplied, joined and divided until they are a shape', async () => {
  const bytes = flattening(
    [
      node('Slice', ['sizes', 'zero', 'one'], 'batch'),
      node('Gather', ['sizes', 'one'], 'channels'),
      node('Mul', ['channels', 'sixteen'], 'features'),
      node('Add', ['features', 'one'], 'more'),
      node('Sub', ['more', 'one'], 'whole'),
      node('Div', ['whole', 'one'], 'rest'),
      node('Concat', ['batch', 'rest'], 'shape'),
    ],
    [numbers('zero', [0]), numbers('one', [1]), numbers('sixteen', [16])],
  )
  expect(await graphOf(bytes)).toEqual(['normalize', 'flatten'])
})

test('an op that no op of ours reads is refused by its name, also one that every object has', async () => {
  for (const op of ['Resize', 'constructor', 'toString']) {
    const bytes = flattening([node(op, ['sizes'], 'shape')], [])
    await expect(graphOf(bytes)).rejects.toMatchObject({
      code: 'model-unsupported',
      message: `x.onnx was refused: it holds the op ${op}, which is not supported.`,
    })
  }
})
