// A graph of ours as a TensorFlow.js graph model: `model.json` and its shards; input `pixels` [N, H, W, 3] in 0..1, output `logits`. Grouped
// convolutions, which TensorFlow.js does not know, become one convolution per group. Attention and group norm are not written.
import { cellWeights } from '#engine/compute/ops/pooling/adaptive-mean.ts'
import { explicitPadding } from '#engine/compute/explicit-padding.ts'
import { fromFileLayout } from '#engine/models/model.ts'
import { nodeShapes } from '#engine/models/node-shapes.ts'
import { turned, type ExportedNetwork } from './onnx-write.ts'

const shardBytes = 4 * 2 ** 20
const float = { type: 'DT_FLOAT' }
const text = (value: string) => ({ s: Buffer.from(value).toString('base64') })
const list = (values: readonly number[]) => ({ list: { i: values.map(String) } })

interface Node {
  readonly name: string
  readonly op: string
  readonly input?: readonly string[]
  readonly attr: Readonly<Record<string, unknown>>
}

/** Files by name, `model.json` first. @throws Error naming what cannot be written */
export function networkToTfjs({
  architecture,
  values,
  width,
  height,
  metadata,
}: ExportedNetwork): Map<string, Uint8Array> {
  const { graph } = architecture
  const shapes = nodeShapes(graph, architecture.tensors, height, width)
  const infos = new Map(architecture.tensors.map((info) => [info.name, info]))
  const nodes: Node[] = []
  const weights: { name: string; shape: readonly number[]; dtype: 'float32' | 'int32'; bytes: Uint8Array }[] = []
  const known = new Set<string>()

  // Node names may hold letters, digits and . _ / - only.
  const plain = (name: string) => name.replaceAll(/[^A-Za-z0-9._/-]/g, '_')
  const constant = (name: string, data: Float32Array | Int32Array, shape: readonly number[]) => {
    const node = plain(name)
    if (known.has(node)) return node
    known.add(node)
    const dtype = data instanceof Int32Array ? 'int32' : 'float32'
    nodes.push({
      name: node,
      op: 'Const',
      attr: {
        dtype: { type: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT' },
        value: {
          tensor: {
            dtype: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT',
            tensorShape: { dim: shape.map((n) => ({ size: String(n) })) },
          },
        },
      },
    })
    weights.push({ name: node, shape, dtype, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) })
    return node
  }
  const ints = (name: string, data: readonly number[]) => constant(name, Int32Array.from(data), [data.length])
  const scalar = (name: string, value: number) => constant(name, Float32Array.of(value), [])
  const parameter = (name: string) => {
    const { shape, data } = fromFileLayout(infos.get(name) as never, (values.get(name) as { data: Float32Array }).data)
    return constant(`tensor/${name}`, data, shape)
  }
  const emit = (op: string, name: string, input: readonly string[], attr: Readonly<Record<string, unknown>> = {}) => {
    const node = plain(name)
    nodes.push({ name: node, op, input, attr: { T: float, ...attr } })
    return node
  }

  nodes.push({
    name: 'pixels',
    op: 'Placeholder',
    attr: { dtype: float, shape: { shape: { dim: [-1, height, width, 3].map((n) => ({ size: String(n) })) } } },
  })
  const outputs = new Map<string, string>([[graph.input, 'pixels']])
  for (const node of graph.nodes) {
    const x = outputs.get(node.inputs[0] ?? '') as string
    const other = () => outputs.get(node.inputs[1] ?? '') as string
    const inShape = shapes.get(node.inputs[0] ?? '') ?? []
    const { attributes } = node
    const number = (name: string, usual = 0) => Number(attributes[name] ?? usual)
    const padded = (size: number, fill: number | null) => {
      const { top, bottom, left, right } = explicitPadding(node, [1, ...inShape], size)
      if (top + bottom + left + right === 0) return x
      const pads = constant(`${node.name} pads`, Int32Array.of(0, 0, top, bottom, left, right, 0, 0), [4, 2])
      return emit('PadV2', `${node.name} padded`, [x, pads, scalar(`${node.name} fill`, fill ?? 0)], {
        Tpaddings: { type: 'DT_INT32' },
      })
    }
    const convAttributes = (stride: number, dilation: number) => ({
      strides: list([1, stride, stride, 1]),
      dilations: list([1, dilation, dilation, 1]),
      padding: text('VALID'),
      data_format: text('NHWC'),
      explicit_paddings: { list: {} },
    })
    const result = ((): string => {
      switch (node.op) {
        case 'normalize': {
          const centred = emit('Sub', `${node.name} centred`, [
            x,
            constant('normalize mean', Float32Array.from(attributes.mean as readonly number[]), [3]),
          ])
          return emit('RealDiv', node.name, [
            centred,
            constant('normalize std', Float32Array.from(attributes.std as readonly number[]), [3]),
          ])
        }
        case 'conv2d': {
          const shape = values.get(node.params.weight as string)?.shape ?? []
          const [cout = 0, perGroup = 1, size = 1] = shape
          const groups = (inShape[2] ?? perGroup) / perGroup
          const from = padded(size, 0)
          const settings = convAttributes(number('stride', 1), number('dilation', 1))
          let y: string
          if (groups === 1)
            y = emit('Conv2D', `${node.name} conv`, [from, parameter(node.params.weight as string)], settings)
          else if (perGroup === 1) {
            const info = fromFileLayout(
              infos.get(node.params.weight as string) as never,
              (values.get(node.params.weight as string) as { data: Float32Array }).data,
            )
            y = emit(
              'DepthwiseConv2dNative',
              `${node.name} conv`,
              [from, constant(`tensor/${node.params.weight}`, info.data, [size, size, groups, cout / groups])],
              settings,
            )
          } else {
            const info = fromFileLayout(
              infos.get(node.params.weight as string) as never,
              (values.get(node.params.weight as string) as { data: Float32Array }).data,
            )
            const out = cout / groups
            const parts = Array.from({ length: groups }, (_, group) => {
              const slice = emit(
                'Slice',
                `${node.name} in ${group}`,
                [
                  from,
                  ints(`${node.name} begin ${group}`, [0, 0, 0, group * perGroup]),
                  ints(`${node.name} size`, [-1, -1, -1, perGroup]),
                ],
                { Index: { type: 'DT_INT32' } },
              )
              const kernel = new Float32Array(size * size * perGroup * out)
              for (let k = 0; k < size * size * perGroup; k++)
                kernel.set(info.data.subarray(k * cout + group * out, k * cout + (group + 1) * out), k * out)
              return emit(
                'Conv2D',
                `${node.name} out ${group}`,
                [slice, constant(`tensor/${node.params.weight} ${group}`, kernel, [size, size, perGroup, out])],
                settings,
              )
            })
            y = emit('ConcatV2', `${node.name} conv`, [...parts, constant(`${node.name} axis`, Int32Array.of(3), [])], {
              N: { i: String(groups) },
              Tidx: { type: 'DT_INT32' },
            })
          }
          return node.params.bias
            ? emit('BiasAdd', node.name, [y, parameter(node.params.bias)], { data_format: text('NHWC') })
            : y
        }
        case 'batch-norm': {
          const { weight, bias, mean, variance } = node.params as Record<
            'weight' | 'bias' | 'mean' | 'variance',
            string
          >
          const y = emit(
            'FusedBatchNormV3',
            `${node.name} norm`,
            [x, parameter(weight), parameter(bias), parameter(mean), parameter(variance)],
            { U: float, epsilon: { f: number('epsilon') }, is_training: { b: false }, data_format: text('NHWC') },
          )
          return attributes.relu === true ? emit('Relu', `${node.name} relu`, [y]) : y
        }
        case 'layer-norm': {
          if (attributes.groups !== undefined) throw new Error('group normalisation')
          const axis = ints(`${node.name} axis`, [-1])
          const mean = emit('Mean', `${node.name} mean`, [x, axis], {
            keep_dims: { b: true },
            Tidx: { type: 'DT_INT32' },
          })
          const centred = emit('Sub', `${node.name} centred`, [x, mean])
          const squares = emit('Square', `${node.name} squares`, [centred])
          const variance = emit('Mean', `${node.name} variance`, [squares, axis], {
            keep_dims: { b: true },
            Tidx: { type: 'DT_INT32' },
          })
          const inverse = emit('Rsqrt', `${node.name} inverse`, [
            emit('AddV2', `${node.name} shifted`, [variance, scalar(`${node.name} epsilon`, number('epsilon'))]),
          ])
          const scaled = emit('Mul', `${node.name} scaled`, [
            emit('Mul', `${node.name} z`, [centred, inverse]),
            parameter(node.params.weight as string),
          ])
          return emit('AddV2', node.name, [scaled, parameter(node.params.bias as string)])
        }
        case 'relu':
          return emit('Relu', node.name, [x])
        case 'clip':
          return emit('ClipByValue', node.name, [
            x,
            scalar(`${node.name} min`, number('min')),
            scalar(`${node.name} max`, number('max', 6)),
          ])
        case 'leaky-relu':
          return emit('LeakyRelu', node.name, [x], { alpha: { f: number('slope', 0.01) } })
        case 'sigmoid':
          return emit('Sigmoid', node.name, [x])
        case 'silu':
          return emit('Mul', node.name, [x, emit('Sigmoid', `${node.name} gate`, [x])])
        case 'hard-sigmoid':
        case 'hard-swish': {
          const line = emit('AddV2', `${node.name} line`, [
            emit('Mul', `${node.name} slope`, [x, scalar(`${node.name} alpha`, number('alpha', 1 / 6))]),
            scalar(`${node.name} beta`, number('beta', 0.5)),
          ])
          const gate = emit('ClipByValue', `${node.name} gate`, [
            line,
            scalar(`${node.name} zero`, 0),
            scalar(`${node.name} one`, 1),
          ])
          return node.op === 'hard-sigmoid' ? gate : emit('Mul', node.name, [x, gate])
        }
        case 'gelu': {
          const share = emit('AddV2', `${node.name} share`, [
            emit('Erf', `${node.name} erf`, [
              emit('Mul', `${node.name} z`, [x, scalar(`${node.name} root`, Math.SQRT1_2)]),
            ]),
            scalar(`${node.name} one`, 1),
          ])
          return emit('Mul', node.name, [
            emit('Mul', `${node.name} twice`, [x, share]),
            scalar(`${node.name} half`, 0.5),
          ])
        }
        case 'softmax':
          return emit('Softmax', node.name, [x])
        case 'add':
          return emit('AddV2', node.name, [x, node.params.bias === undefined ? other() : parameter(node.params.bias)])
        case 'multiply':
          return emit('Mul', node.name, [x, node.params.weight === undefined ? other() : parameter(node.params.weight)])
        case 'concat':
          return emit(
            'ConcatV2',
            node.name,
            [
              ...node.inputs.map((name) => outputs.get(name) as string),
              constant(`${node.name} axis`, Int32Array.of(inShape.length), []),
            ],
            { N: { i: String(node.inputs.length) }, Tidx: { type: 'DT_INT32' } },
          )
        case 'slice-channels':
          return emit(
            'Slice',
            node.name,
            [
              x,
              ints(`${node.name} begin`, [...inShape.map(() => 0), number('begin')]),
              ints(`${node.name} size`, [...inShape.map(() => -1), number('size')]),
            ],
            { Index: { type: 'DT_INT32' } },
          )
        case 'channel-shuffle': {
          const [h = 0, w = 0, c = 0] = inShape
          const groups = number('groups')
          const split = emit(
            'Reshape',
            `${node.name} split`,
            [x, ints(`${node.name} parts`, [-1, h, w, groups, c / groups])],
            { Tshape: { type: 'DT_INT32' } },
          )
          const turned = emit(
            'Transpose',
            `${node.name} turned`,
            [split, ints(`${node.name} order`, [0, 1, 2, 4, 3])],
            { Tperm: { type: 'DT_INT32' } },
          )
          return emit('Reshape', node.name, [turned, ints(`${node.name} whole`, [-1, h, w, c])], {
            Tshape: { type: 'DT_INT32' },
          })
        }
        case 'shortcut-a': {
          const stride = number('stride')
          const [h = 0, w = 0, c = 0] = inShape
          const masks = {
            Index: { type: 'DT_INT32' },
            begin_mask: { i: '1' },
            end_mask: { i: '1' },
            ellipsis_mask: { i: '0' },
            new_axis_mask: { i: '0' },
            shrink_axis_mask: { i: '0' },
          }
          const thinned = emit(
            'StridedSlice',
            `${node.name} thinned`,
            [
              x,
              ints(`${node.name} begin`, [0, 0, 0, 0]),
              ints(`${node.name} end`, [0, h, w, c]),
              ints(`${node.name} strides`, [1, stride, stride, 1]),
            ],
            masks,
          )
          return emit(
            'PadV2',
            node.name,
            [
              thinned,
              constant(`${node.name} pads`, Int32Array.of(0, 0, 0, 0, 0, 0, number('before'), number('after')), [4, 2]),
              scalar(`${node.name} fill`, 0),
            ],
            { Tpaddings: { type: 'DT_INT32' } },
          )
        }
        case 'pad':
          return padded(1, 0)
        case 'max-pool':
          return emit('MaxPool', node.name, [padded(number('size'), -3.4e38)], {
            ksize: list([1, number('size'), number('size'), 1]),
            strides: list([1, number('stride'), number('stride'), 1]),
            padding: text('VALID'),
            data_format: text('NHWC'),
            explicit_paddings: { list: {} },
          })
        case 'avg-pool': {
          const { top, bottom, left, right } = explicitPadding(node, [1, ...inShape], number('size'))
          if (top + bottom + left + right > 0 && attributes.countPadding !== true)
            throw new Error('average pooling that leaves out its padding')
          return emit('AvgPool', node.name, [padded(number('size'), 0)], {
            ksize: list([1, number('size'), number('size'), 1]),
            strides: list([1, number('stride'), number('stride'), 1]),
            padding: text('VALID'),
            data_format: text('NHWC'),
          })
        }
        case 'adaptive-mean': {
          const [h = 0, w = 0] = inShape
          const size = number('size')
          if (h === size && w === size) return x
          if (h % size !== 0 || w % size !== 0) {
            const [, , c = 0] = inShape
            const order = (name: string, axes: readonly number[], from: string) =>
              emit('Transpose', `${node.name} ${name}`, [from, ints(`${node.name} ${name} order`, axes)], {
                Tperm: { type: 'DT_INT32' },
              })
            const shaped = (name: string, shape: readonly number[], from: string) =>
              emit('Reshape', `${node.name} ${name}`, [from, ints(`${node.name} ${name} shape`, shape)], {
                Tshape: { type: 'DT_INT32' },
              })
            const rows = shaped('rows', [-1, h * w], order('first', [0, 3, 1, 2], x))
            const cells = emit(
              'MatMul',
              `${node.name} cells`,
              [
                rows,
                constant(`${node.name} weights`, turned(cellWeights(h, w, size), size * size), [h * w, size * size]),
              ],
              { transpose_a: { b: false }, transpose_b: { b: false } },
            )
            return order('last', [0, 2, 3, 1], shaped('whole', [-1, c, size, size], cells))
          }
          return emit('AvgPool', node.name, [x], {
            ksize: list([1, h / size, w / size, 1]),
            strides: list([1, h / size, w / size, 1]),
            padding: text('VALID'),
            data_format: text('NHWC'),
          })
        }
        case 'global-mean':
          return emit('Mean', node.name, [x, ints(`${node.name} axes`, [1, 2])], {
            keep_dims: { b: attributes.keep === true },
            Tidx: { type: 'DT_INT32' },
          })
        case 'flatten': {
          const [size = 0] = shapes.get(node.name) ?? []
          const ordered =
            attributes.order === 'nhwc' || inShape.length < 3
              ? x
              : emit('Transpose', `${node.name} turned`, [x, ints(`${node.name} order`, [0, 3, 1, 2])], {
                  Tperm: { type: 'DT_INT32' },
                })
          return emit('Reshape', node.name, [ordered, ints(`${node.name} shape`, [-1, size])], {
            Tshape: { type: 'DT_INT32' },
          })
        }
        case 'linear': {
          const flat =
            inShape.length > 1
              ? emit('Reshape', `${node.name} rows`, [x, ints(`${node.name} row shape`, [-1, inShape.at(-1) ?? 0])], {
                  Tshape: { type: 'DT_INT32' },
                })
              : x
          let y = emit('MatMul', `${node.name} product`, [flat, parameter(node.params.weight as string)], {
            transpose_a: { b: false },
            transpose_b: { b: false },
          })
          if (node.params.bias)
            y = emit('BiasAdd', `${node.name} sum`, [y, parameter(node.params.bias)], { data_format: text('NHWC') })
          return inShape.length > 1
            ? emit('Reshape', node.name, [y, ints(`${node.name} back`, [-1, ...(shapes.get(node.name) ?? [])])], {
                Tshape: { type: 'DT_INT32' },
              })
            : y
        }
        default:
          throw new Error(
            node.op === 'attention' || node.op.endsWith('token') || node.op.endsWith('tokens')
              ? 'attention'
              : `the op ${node.op}`,
          )
      }
    })()
    outputs.set(node.name, result)
  }
  emit('Identity', 'logits', [outputs.get(graph.output) as string])
  const all = Buffer.concat(weights.map(({ bytes }) => bytes))
  const shards = Math.max(1, Math.ceil(all.length / shardBytes))
  const paths = Array.from({ length: shards }, (_, i) => `group1-shard${i + 1}of${shards}.bin`)
  const tensorInfo = (name: string, dims: readonly number[]) => ({
    name,
    dtype: 'DT_FLOAT',
    tensorShape: { dim: dims.map((n) => ({ size: String(n) })) },
  })
  const json = {
    format: 'graph-model',
    generatedBy: 'PALM Studio',
    convertedBy: null,
    signature: {
      inputs: { pixels: tensorInfo('pixels:0', [-1, height, width, 3]) },
      outputs: { logits: tensorInfo('logits:0', [-1, architecture.classes]) },
    },
    userDefinedMetadata: metadata,
    modelTopology: { node: nodes, library: {}, versions: { producer: 1395 } },
    weightsManifest: [{ paths, weights: weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })) }],
  }
  return new Map([
    ['model.json', new TextEncoder().encode(JSON.stringify(json))],
    ...paths.map((path, i) => [path, new Uint8Array(all.subarray(i * shardBytes, (i + 1) * shardBytes))] as const),
  ])
}
