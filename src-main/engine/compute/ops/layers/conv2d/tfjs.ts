// Convolutions in TensorFlow.js, where whole and depthwise ones are two ops. Grouped ones, which it does not know, become one convolution per group.
import { depthwiseToOihw, hwioToOihw } from '#engine/compute/ops/formats/layouts.ts'
import type { Flow } from '#engine/compute/ops/formats/network.ts'
import {
  int32,
  list,
  ofAxes,
  text,
  type KerasLayerReader,
  type TfjsFormat,
  type TfjsNodeReader,
  type TfjsNodeWriter,
} from '#engine/compute/ops/formats/tfjs.ts'
import { addConv } from './add-conv.ts'

type Kind = 'whole' | 'depthwise'

function read(kind: Kind, node: TfjsNodeReader): Flow {
  if ((node.text('data_format') || 'NHWC') !== 'NHWC') throw node.refused('has its channels first')
  const weight = node.constant(1)
  const [, stride = 1, across = 1] = node.numbers('strides')
  const [, dilation = 1] = node.numbers('dilations')
  if (stride !== across) throw node.refused('has unequal strides')
  const input = node.flow()
  const bias = /fused/i.test(node.op) && node.fusedOps().includes('BiasAdd') ? node.constant(2) : null
  const kernel = ofAxes(weight, 4, node.network)
  const perGroup = kernel.shape[2] ?? 1
  const settings = { stride, padding: node.padding(), dilation }
  const y =
    kind === 'depthwise'
      ? addConv(node.network, node.name, input, weight.name, depthwiseToOihw(kernel), bias, {
          ...settings,
          groups: perGroup,
        })
      : addConv(node.network, node.name, input, weight.name, hwioToOihw(kernel), bias, {
          ...settings,
          groups: (input.channels ?? 0) / perGroup || 1,
        })
  return node.fused(y)
}

function readLayer(kind: Kind, layer: KerasLayerReader): Flow {
  const { network, name, input, config, weight, square, padding, number } = layer
  const depthwise = kind === 'depthwise'
  const kernel = weight(depthwise && layer.hasWeight('depthwise_kernel') ? 'depthwise_kernel' : 'kernel')
  const values = (depthwise ? depthwiseToOihw : hwioToOihw)(ofAxes(kernel, 4, network))
  const bias = config.use_bias === false ? null : weight('bias')
  const y = addConv(network, name, input, kernel.name, values, bias, {
    stride: square('strides', 1),
    padding: padding(),
    dilation: square('dilation_rate', 1),
    groups: depthwise ? (kernel.value.shape[2] ?? 1) : number('groups', 1),
  })
  return layer.activated(y)
}

function write(w: TfjsNodeWriter): string {
  const { emit, name } = w
  const [cout = 0, perGroup = 1, size = 1] = w.paramShape('weight')
  const groups = (w.inShape[2] ?? perGroup) / perGroup
  const from = w.padded(size, 0)
  const stride = w.number('stride', 1)
  const dilation = w.number('dilation', 1)
  const settings = {
    strides: list([1, stride, stride, 1]),
    dilations: list([1, dilation, dilation, 1]),
    padding: text('VALID'),
    data_format: text('NHWC'),
    explicit_paddings: { list: {} },
  }
  let y: string
  if (groups === 1) y = emit('Conv2D', `${name} conv`, [from, w.param('weight')], settings)
  else if (perGroup === 1) {
    const kernel = w.constant(w.paramName('weight'), w.paramData('weight'), [size, size, groups, cout / groups])
    y = emit('DepthwiseConv2dNative', `${name} conv`, [from, kernel], settings)
  } else y = writeGroups(w, from, groups, settings)
  return w.hasParam('bias') ? emit('BiasAdd', name, [y, w.param('bias')], { data_format: text('NHWC') }) : y
}

/** Each group's channels by themselves, and the results side by side. */
function writeGroups(
  { emit, ints, constant, paramShape, paramName, paramData, name }: TfjsNodeWriter,
  from: string,
  groups: number,
  settings: Readonly<Record<string, unknown>>,
): string {
  const [cout = 0, perGroup = 1, size = 1] = paramShape('weight')
  const data = paramData('weight')
  const out = cout / groups
  const places = size * size * perGroup
  const parts = Array.from({ length: groups }, (_, group) => {
    const begin = ints(`${name} begin ${group}`, [0, 0, 0, group * perGroup])
    const slice = emit('Slice', `${name} in ${group}`, [from, begin, ints(`${name} size`, [-1, -1, -1, perGroup])], {
      Index: int32,
    })
    const kernel = new Float32Array(places * out)
    for (let k = 0; k < places; k++)
      kernel.set(data.subarray(k * cout + group * out, k * cout + (group + 1) * out), k * out)
    const weight = constant(`${paramName('weight')} ${group}`, kernel, [size, size, perGroup, out])
    return emit('Conv2D', `${name} out ${group}`, [slice, weight], settings)
  })
  return emit('ConcatV2', `${name} conv`, [...parts, constant(`${name} axis`, Int32Array.of(3), [])], {
    N: { i: String(groups) },
    Tidx: int32,
  })
}

export const conv2dTfjs: TfjsFormat = {
  reads: {
    Conv2D: (node) => read('whole', node),
    _FusedConv2D: (node) => read('whole', node),
    DepthwiseConv2dNative: (node) => read('depthwise', node),
    FusedDepthwiseConv2dNative: (node) => read('depthwise', node),
  },
  layers: {
    Conv2D: (layer) => readLayer('whole', layer),
    DepthwiseConv2D: (layer) => readLayer('depthwise', layer),
  },
  write,
}
