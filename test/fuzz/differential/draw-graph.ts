// Small ONNX graphs by chance: an image, some layers, one op with drawn attributes (right ones and odd ones), and scores.
import type { OnnxWriteModel, OnnxWriteNode, OnnxWriteTensor } from '#engine/models/formats/onnx/onnx-proto-write.ts'
import type { FuzzRandom } from '#test/fuzz/fuzz-random.ts'
import { drawOp } from './draw-op.ts'

export interface DrawnGraph {
  readonly model: OnnxWriteModel
  readonly width: number
  readonly height: number
  /** For messages: the op and its attributes. */
  readonly what: string
  /** What the graph gives: scores, or their softmax, or its logarithm (which ours leave out). */
  readonly ends: 'scores' | 'softmax' | 'log'
}

/** Where a graph is being put together. */
export class Drawing {
  readonly random: FuzzRandom
  readonly opset: number
  readonly nodes: OnnxWriteNode[] = []
  readonly initializers: OnnxWriteTensor[] = []
  readonly width: number
  readonly height: number
  what = ''
  private count = 0

  constructor(random: FuzzRandom, opset: number) {
    this.random = random
    this.opset = opset
    this.height = random.pick([4, 6, 7, 8, 9])
    this.width = random.chance(0.7) ? this.height : random.pick([4, 6, 7, 8, 9])
  }

  name(): string {
    return `v${(this.count += 1)}`
  }

  floats(shape: readonly number[], low = -1, high = 1): string {
    const name = this.name()
    const length = shape.reduce((product, n) => product * n, 1)
    const data = Float32Array.from({ length }, () => low + (high - low) * this.random.next())
    this.initializers.push({ name, shape, data })
    return name
  }

  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    const name = this.name()
    this.initializers.push({ name, shape, data: values })
    return name
  }

  node(op: string, inputs: readonly string[], attributes: OnnxWriteNode['attributes'] = {}, outputs = 1): string[] {
    const names = Array.from({ length: outputs }, () => this.name())
    this.nodes.push({ op, name: `${op} ${this.nodes.length}`, inputs, outputs: names, attributes })
    return names
  }

  one(op: string, inputs: readonly string[], attributes: OnnxWriteNode['attributes'] = {}): string {
    return this.node(op, inputs, attributes)[0] as string
  }
}

export function drawGraph(random: FuzzRandom): DrawnGraph {
  const draw = new Drawing(random, 9 + random.below(16))
  const channels = random.pick([4, 6, 8])
  // A layer before, so that what follows has neither three channels nor the image's own values.
  const stem = draw.one('Conv', ['x', draw.floats([channels, 3, 1, 1]), draw.floats([channels])])
  const features = random.chance(0.35)
  const pooled = features ? draw.one('Flatten', [draw.one('GlobalAveragePool', [stem])]) : stem
  const shape = features ? [channels] : [channels, draw.height, draw.width]
  const drawn = drawOp(draw, pooled, shape)
  const flat = drawn.rank === 2 ? drawn.name : draw.one('Flatten', [drawn.name], random.chance(0.3) ? { axis: 1 } : {})
  const ends = random.chance(0.8) ? 'scores' : random.pick(['softmax', 'log'] as const)
  const axis = random.pick([1, -1])
  const out = ends === 'scores' ? flat : draw.one(ends === 'log' ? 'LogSoftmax' : 'Softmax', [flat], { axis })
  draw.nodes.push({ op: 'Identity', name: 'last', inputs: [out], outputs: ['y'] })
  return {
    width: draw.width,
    height: draw.height,
    ends,
    what: `opset ${draw.opset}, ${draw.what}, of ${channels} x ${draw.height} x ${draw.width}`,
    model: {
      opset: draw.opset,
      version: '1',
      nodes: draw.nodes,
      initializers: draw.initializers,
      input: { name: 'x', dims: [random.chance(0.3) ? 2 : 'n', 3, draw.height, draw.width] },
      output: { name: 'y', dims: ['rows', 'scores'] },
      metadata: {},
    },
  }
}
