// Small ONNX graphs by chance: an image, one or two ops with drawn attributes, and scores.
import type { OnnxWriteModel, OnnxWriteNode, OnnxWriteTensor } from '#engine/models/formats/onnx/onnx-proto-write.ts'
import type { FuzzRandom } from '#test/fuzz/fuzz-random.ts'

export interface DrawnGraph {
  readonly model: OnnxWriteModel
  readonly width: number
  readonly height: number
  /** For messages: the op and its attributes. */
  readonly what: string
  /** What the graph gives: scores, or their softmax, or its logarithm (which ours leave out). */
  readonly ends: 'scores' | 'softmax' | 'log'
}

export function drawGraph(random: FuzzRandom): DrawnGraph {
  const [width, height] = [random.pick([6, 7, 8, 9]), random.pick([6, 7, 8, 9])]
  const opset = 9 + random.below(13)
  const initializers: OnnxWriteTensor[] = []
  const nodes: OnnxWriteNode[] = []
  const size = random.pick([1, 2, 3])
  const attributes = {
    kernel_shape: [size, size],
    strides: [1 + random.below(2), 1 + random.below(2)],
    ...(random.chance(0.5) ? { pads: [0, 0, 0, 0].map(() => random.below(size)) } : {}),
    ...(random.chance(0.3) && opset >= 10 ? { ceil_mode: 1 } : {}),
  }
  const op = random.pick(['MaxPool', 'AveragePool'])
  nodes.push({ op, name: 'op', inputs: ['x'], outputs: ['a'], attributes })
  nodes.push({ op: 'Flatten', name: 'flat', inputs: ['a'], outputs: ['y'] })
  return {
    width,
    height,
    ends: 'scores',
    what: `opset ${opset} ${op} ${JSON.stringify(attributes)} of ${width} x ${height}`,
    model: {
      opset,
      version: '1',
      nodes,
      initializers,
      input: { name: 'x', dims: ['n', 3, height, width] },
      output: { name: 'y', dims: [] },
      metadata: {},
    },
  }
}
