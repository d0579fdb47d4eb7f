// A graph of ours as an ONNX file (opset 17), channels first, normalising included: input `pixels` [N, 3, H, W] in 0..1, output `logits` [N, classes].
// Tensors keep their names. Batch norm uses the running statistics that are given.
import type { GraphNode } from '#engine/compute/op.ts'
import { cellWeights } from '#engine/compute/ops/pooling/adaptive-mean.ts'
import { explicitPadding } from '#engine/compute/explicit-padding.ts'
import type { Architecture } from '#engine/models/model.ts'
import { nodeShapes } from '#engine/models/node-shapes.ts'
import type { FileTensor } from './file-tensor.ts'
import { writeOnnx, type OnnxWriteNode, type OnnxWriteTensor } from './onnx-proto-write.ts'

export interface ExportedNetwork {
  readonly architecture: Omit<Architecture, 'inputSize'>
  /** File layout, by tensor. */
  readonly values: ReadonlyMap<string, FileTensor>
  readonly width: number
  readonly height: number
  readonly metadata: Readonly<Record<string, string>>
  readonly version: string
}

/** [rows, columns] -> [columns, rows] */
export function turned(data: Float32Array, rows: number): Float32Array<ArrayBuffer> {
  const columns = data.length / rows
  return Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] as number)
}

type Attributes = NonNullable<OnnxWriteNode['attributes']>

export function networkToOnnx({ architecture, values, width, height, metadata, version }: ExportedNetwork): Uint8Array {
  const { graph } = architecture
  const shapes = nodeShapes(graph, architecture.tensors, height, width)
  const nodes: OnnxWriteNode[] = []
  const initializers: OnnxWriteTensor[] = []
  const rankOf = (name: string) => (shapes.get(name)?.length ?? 0) + 1
  for (const [name, { shape, data }] of values) initializers.push({ name, shape, data })
  const constant = (name: string, data: Float32Array | readonly number[], shape: readonly number[]) => {
    initializers.push({ name, shape, data })
    return name
  }
  const emit = (op: string, inputs: readonly string[], output: string, attributes: Attributes = {}) => {
    nodes.push({ op, name: `${output} (${op})`, inputs, outputs: [output], attributes })
    return output
  }
  /** A parameter that broadcasts over channels, as [C, 1, 1] where there are heights and widths. */
  const perChannel = (name: string, rank: number, output: string) => {
    const value = values.get(name) as FileTensor
    if (rank !== 4 || value.data.length === 1 || value.shape.length === 3) return name
    return constant(`${output} ${name}`, value.data, [value.data.length, 1, 1])
  }
  const input = (node: GraphNode, index = 0) =>
    node.inputs[index] === graph.input ? 'pixels' : (node.inputs[index] as string)
  const stretch = (name: string, last: string) => (last ? `${name} ${last}` : name)

  for (const node of graph.nodes) {
    const out = node.name
    const x = input(node)
    const inShape = shapes.get(node.inputs[0] ?? '') ?? []
    const rank = rankOf(node.inputs[0] ?? '')
    const { attributes } = node
    const number = (name: string, usual = 0) => Number(attributes[name] ?? usual)
    const pads = (size: number) => {
      const { top, left, bottom, right } = explicitPadding(node, [1, ...inShape], size)
      return [top, left, bottom, right]
    }
    switch (node.op) {
      case 'normalize': {
        const mean = attributes.mean as readonly number[]
        const std = attributes.std as readonly number[]
        emit('Sub', [x, constant('normalize/mean', Float32Array.from(mean), [3, 1, 1])], `${out} centred`)
        emit('Div', [`${out} centred`, constant('normalize/std', Float32Array.from(std), [3, 1, 1])], out)
        break
      }
      case 'conv2d': {
        const [, perGroup = 1, size = 1] = values.get(node.params.weight as string)?.shape ?? []
        const stride = number('stride', 1)
        const dilation = number('dilation', 1)
        emit('Conv', [x, node.params.weight as string, ...(node.params.bias ? [node.params.bias] : [])], out, {
          kernel_shape: [size, size],
          strides: [stride, stride],
          dilations: [dilation, dilation],
          pads: pads(size),
          group: (inShape[2] ?? perGroup) / perGroup,
        })
        break
      }
      case 'batch-norm': {
        const { weight, bias, mean, variance } = node.params as Record<'weight' | 'bias' | 'mean' | 'variance', string>
        const normed = stretch(out, attributes.relu === true ? 'normed' : '')
        emit('BatchNormalization', [x, weight, bias, mean, variance], normed, { epsilon: { float: number('epsilon') } })
        if (attributes.relu === true) emit('Relu', [normed], out)
        break
      }
      case 'layer-norm':
        if (attributes.groups !== undefined) {
          const groups = number('groups')
          const grouped = emit('Reshape', [x, constant(`${out} groups`, [0, groups, -1], [3])], `${out} grouped`)
          const normed = emit(
            'InstanceNormalization',
            [
              grouped,
              constant(`${out} ones`, new Float32Array(groups).fill(1), [groups]),
              constant(`${out} zeros`, new Float32Array(groups), [groups]),
            ],
            `${out} normed`,
            { epsilon: { float: number('epsilon') } },
          )
          const [h = 0, w = 0, c = 0] = inShape
          const back = emit('Reshape', [normed, constant(`${out} shape`, [0, c, h, w], [4])], `${out} back`)
          const scaled = emit('Mul', [back, perChannel(node.params.weight as string, 4, out)], `${out} scaled`)
          emit('Add', [scaled, perChannel(node.params.bias as string, 4, out)], out)
        } else if (rank === 4) {
          emit('Transpose', [x], `${out} last`, { perm: [0, 2, 3, 1] })
          emit(
            'LayerNormalization',
            [`${out} last`, node.params.weight as string, node.params.bias as string],
            `${out} normed`,
            { axis: -1, epsilon: { float: number('epsilon') } },
          )
          emit('Transpose', [`${out} normed`], out, { perm: [0, 3, 1, 2] })
        } else
          emit('LayerNormalization', [x, node.params.weight as string, node.params.bias as string], out, {
            axis: -1,
            epsilon: { float: number('epsilon') },
          })
        break
      case 'relu':
        emit('Relu', [x], out)
        break
      case 'clip':
        emit(
          'Clip',
          [
            x,
            constant(`${out} min`, Float32Array.of(number('min', 0)), []),
            constant(`${out} max`, Float32Array.of(number('max', 6)), []),
          ],
          out,
        )
        break
      case 'leaky-relu':
        emit('LeakyRelu', [x], out, { alpha: { float: number('slope', 0.01) } })
        break
      case 'sigmoid':
        emit('Sigmoid', [x], out)
        break
      case 'hard-sigmoid':
        emit('HardSigmoid', [x], out, {
          alpha: { float: number('alpha', 1 / 6) },
          beta: { float: number('beta', 0.5) },
        })
        break
      case 'hard-swish':
        emit('HardSigmoid', [x], `${out} gate`, {
          alpha: { float: number('alpha', 1 / 6) },
          beta: { float: number('beta', 0.5) },
        })
        emit('Mul', [x, `${out} gate`], out)
        break
      case 'silu':
        emit('Sigmoid', [x], `${out} gate`)
        emit('Mul', [x, `${out} gate`], out)
        break
      case 'gelu':
        emit('Mul', [x, constant(`${out} root`, Float32Array.of(Math.SQRT1_2), [])], `${out} z`)
        emit('Erf', [`${out} z`], `${out} erf`)
        emit('Add', [`${out} erf`, constant(`${out} one`, Float32Array.of(1), [])], `${out} share`)
        emit('Mul', [x, `${out} share`], `${out} twice`)
        emit('Mul', [`${out} twice`, constant(`${out} half`, Float32Array.of(0.5), [])], out)
        break
      case 'softmax':
        emit('Softmax', [x], out, { axis: -1 })
        break
      case 'add':
        emit('Add', [x, node.params.bias === undefined ? input(node, 1) : perChannel(node.params.bias, rank, out)], out)
        break
      case 'multiply':
        emit(
          'Mul',
          [x, node.params.weight === undefined ? input(node, 1) : perChannel(node.params.weight, rank, out)],
          out,
        )
        break
      case 'concat':
        emit(
          'Concat',
          node.inputs.map((_, index) => input(node, index)),
          out,
          { axis: 1 },
        )
        break
      case 'slice-channels':
        emit(
          'Slice',
          [
            x,
            constant(`${out} from`, [number('begin')], [1]),
            constant(`${out} to`, [number('begin') + number('size')], [1]),
            constant(`${out} axis`, [1], [1]),
          ],
          out,
        )
        break
      case 'channel-shuffle': {
        const [h = 0, w = 0, c = 0] = inShape
        const groups = number('groups')
        emit('Reshape', [x, constant(`${out} split`, [0, groups, c / groups, h, w], [5])], `${out} grouped`)
        emit('Transpose', [`${out} grouped`], `${out} turned`, { perm: [0, 2, 1, 3, 4] })
        emit('Reshape', [`${out} turned`, constant(`${out} joined`, [0, c, h, w], [4])], out)
        break
      }
      case 'shortcut-a': {
        const big = 2 ** 31 - 1
        const stride = number('stride')
        const thinned = emit(
          'Slice',
          [
            x,
            constant(`${out} from`, [0, 0], [2]),
            constant(`${out} to`, [big, big], [2]),
            constant(`${out} axes`, [2, 3], [2]),
            constant(`${out} steps`, [stride, stride], [2]),
          ],
          `${out} thinned`,
        )
        emit('Pad', [thinned, constant(`${out} pads`, [0, number('before'), 0, 0, 0, number('after'), 0, 0], [8])], out)
        break
      }
      case 'pad': {
        const [top = 0, left = 0, bottom = 0, right = 0] = pads(1)
        emit('Pad', [x, constant(`${out} pads`, [0, 0, top, left, 0, 0, bottom, right], [8])], out)
        break
      }
      case 'max-pool':
      case 'avg-pool': {
        const size = number('size')
        const window = { kernel_shape: [size, size], strides: [number('stride'), number('stride')], pads: pads(size) }
        if (node.op === 'max-pool') emit('MaxPool', [x], out, window)
        else emit('AveragePool', [x], out, { ...window, count_include_pad: attributes.countPadding === true ? 1 : 0 })
        break
      }
      case 'adaptive-mean': {
        const [h = 0, w = 0] = inShape
        const size = number('size')
        if (h === size && w === size) emit('Identity', [x], out)
        else if (h % size === 0 && w % size === 0)
          emit('AveragePool', [x], out, { kernel_shape: [h / size, w / size], strides: [h / size, w / size] })
        else {
          const [, , c = 0] = inShape
          const flat = emit('Reshape', [x, constant(`${out} flat`, [0, c, h * w], [3])], `${out} pixels`)
          const cells = emit(
            'MatMul',
            [flat, constant(`${out} weights`, turned(cellWeights(h, w, size), size * size), [h * w, size * size])],
            `${out} cells`,
          )
          emit('Reshape', [cells, constant(`${out} shape`, [0, c, size, size], [4])], out)
        }
        break
      }
      case 'global-mean':
        emit('ReduceMean', [x], out, { axes: [2, 3], keepdims: attributes.keep === true ? 1 : 0 })
        break
      case 'flatten':
        if (attributes.order === 'nhwc' && rank === 4) {
          emit('Transpose', [x], `${out} last`, { perm: [0, 2, 3, 1] })
          emit('Flatten', [`${out} last`], out, { axis: 1 })
        } else emit('Flatten', [x], out, { axis: 1 })
        break
      case 'linear':
        if (rank === 2)
          emit('Gemm', [x, node.params.weight as string, ...(node.params.bias ? [node.params.bias] : [])], out, {
            transB: 1,
          })
        else {
          const turned = emit('Transpose', [node.params.weight as string], `${out} weight`, { perm: [1, 0] })
          const from = rank === 4 ? emit('Transpose', [x], `${out} last`, { perm: [0, 2, 3, 1] }) : x
          let y = emit('MatMul', [from, turned], node.params.bias || rank === 4 ? `${out} product` : out)
          if (node.params.bias) y = emit('Add', [y, node.params.bias], rank === 4 ? `${out} sum` : out)
          if (rank === 4) emit('Transpose', [y], out, { perm: [0, 3, 1, 2] })
        }
        break
      case 'to-tokens': {
        const [h = 0, w = 0, d = 0] = inShape
        const rows = emit('Reshape', [x, constant(`${out} rows`, [0, d, h * w], [3])], `${out} columns`)
        const patches = emit('Transpose', [rows], `${out} patches`, { perm: [0, 2, 1] })
        const first = emit(
          'Slice',
          [
            patches,
            constant(`${out} from`, [0], [1]),
            constant(`${out} to`, [1], [1]),
            constant(`${out} axis`, [1], [1]),
          ],
          `${out} first`,
        )
        const nothing = emit('Mul', [first, constant(`${out} zero`, Float32Array.of(0), [])], `${out} nothing`)
        const token = emit('Add', [nothing, node.params.token as string], `${out} token`)
        emit('Concat', [token, patches], out, { axis: 1 })
        break
      }
      case 'take-token':
        emit('Gather', [x, constant(`${out} index`, [number('index')], [])], out, { axis: 1 })
        break
      case 'attention': {
        const heads = number('heads')
        const [t = 0, wide = 0] = inShape
        const d = wide / 3 / heads
        const split = emit('Reshape', [x, constant(`${out} split`, [0, t, 3, heads, d], [5])], `${out} parts`)
        const turned = emit('Transpose', [split], `${out} turned`, { perm: [2, 0, 3, 1, 4] })
        const [q, k, v] = ['q', 'k', 'v'].map((name, index) =>
          emit('Gather', [turned, constant(`${out} ${name} index`, [index], [])], `${out} ${name}`, { axis: 0 }),
        ) as [string, string, string]
        const kTurned = emit('Transpose', [k], `${out} k turned`, { perm: [0, 1, 3, 2] })
        const products = emit('MatMul', [q, kTurned], `${out} products`)
        const scaled = emit(
          'Mul',
          [products, constant(`${out} scale`, Float32Array.of(1 / Math.sqrt(d)), [])],
          `${out} scaled`,
        )
        const share = emit('Softmax', [scaled], `${out} share`, { axis: -1 })
        const mixed = emit('MatMul', [share, v], `${out} mixed`)
        const rows = emit('Transpose', [mixed], `${out} rows`, { perm: [0, 2, 1, 3] })
        emit('Reshape', [rows, constant(`${out} joined`, [0, t, heads * d], [3])], out)
        break
      }
      default:
        throw new Error(`the op ${node.op}`)
    }
  }
  emit('Identity', [graph.output], 'logits')
  return writeOnnx({
    opset: 17,
    version,
    nodes,
    initializers,
    input: { name: 'pixels', dims: ['batch', 3, height, width] },
    output: { name: 'logits', dims: ['batch', architecture.classes] },
    metadata,
  })
}
