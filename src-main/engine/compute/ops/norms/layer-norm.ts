// Layer normalisation over the last axis (Ba et al., 2016), or group normalisation (Wu & He, ECCV 2018) over H, W and the channels of each group.
// Nothing of the batch is in it, so it knows no statistics. Attributes: epsilon, groups (absent = layer normalisation).
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import { asRow, type Flow } from '#engine/compute/ops/formats/network.ts'
import type { OnnxNodeReader, OnnxNodeWriter, OnnxView } from '#engine/compute/ops/formats/onnx.ts'
import { channelsLast, isChannelsLast } from '#engine/compute/ops/formats/onnx-view.ts'
import { int32, type TfjsNodeWriter } from '#engine/compute/ops/formats/tfjs.ts'
import { groupNormReads } from './onnx-group-norm.ts'
import { notCounted, sameShape, type OpModule } from '#engine/compute/ops/op-module.ts'

interface View {
  readonly shape: readonly number[]
  readonly axes: readonly number[]
}

/** How x is looked at so that `axes` are what is normalised over. */
function viewOf(node: GraphNode, shape: readonly number[]): View {
  const groups = node.attributes.groups
  if (groups === undefined) return { shape, axes: [shape.length - 1] }
  const [n = 0, h = 0, w = 0, c = 0] = shape
  return { shape: [n, h * w, Number(groups), c / Number(groups)], axes: [1, 3] }
}

interface Normalized {
  readonly z: DeviceTensor
  /** 1 / sqrt(variance + epsilon), in the view's shape with ones. */
  readonly inverse: DeviceTensor
}

/** z = (x - mean) / sqrt(variance + epsilon), in the shape of x. */
function normalized(device: Device, x: DeviceTensor, node: GraphNode): Normalized {
  const { shape, axes } = viewOf(node, x.shape)
  const seen = device.reshape(x, shape)
  const mean = device.mean(seen, axes, true)
  const centred = device.sub(seen, mean)
  const square = device.square(centred)
  const variance = device.mean(square, axes, true)
  const shifted = device.addScalar(variance, Number(node.attributes.epsilon))
  const deviation = device.sqrt(shifted)
  const one = device.fromArray(Float32Array.of(1), [])
  const inverse = device.div(one, deviation)
  const zSeen = device.mul(centred, inverse)
  const z = device.reshape(zSeen, x.shape)
  for (const tensor of [seen, mean, centred, square, variance, shifted, deviation, one, zSeen]) tensor.dispose()
  return { z, inverse }
}

export const layerNorm: OpModule = {
  saves: { inputs: [0], output: false },
  forward({ device, node, x, param }) {
    const { z, inverse } = normalized(device, x, node)
    const scaled = device.mul(z, param('weight'))
    const output = device.add(scaled, param('bias'))
    for (const tensor of [z, inverse, scaled]) tensor.dispose()
    return { output }
  },
  /** dx = inverse (g - mean(g) - z mean(g z)) with g = dy weight. */
  backward({ device, node, dy, input, xShape: shape, param, wantsInput, wantsParam }) {
    const { z, inverse } = normalized(device, input(0), node)
    const outer = shape.map((_, axis) => axis).slice(0, -1)
    const dyZ = device.mul(dy, z)
    const params: Record<string, DeviceTensor> = {}
    if (wantsParam('weight')) params.weight = device.sum(dyZ, outer)
    if (wantsParam('bias')) params.bias = device.sum(dy, outer)
    let dx: DeviceTensor | null = null
    if (wantsInput(0)) {
      const view = viewOf(node, shape)
      const scratch: DeviceTensor[] = []
      const keep = (tensor: DeviceTensor) => {
        scratch.push(tensor)
        return tensor
      }
      const g = keep(device.reshape(keep(device.mul(dy, param('weight'))), view.shape))
      const zSeen = keep(device.reshape(z, view.shape))
      const meanG = keep(device.mean(g, view.axes, true))
      const meanGz = keep(device.mean(keep(device.mul(g, zSeen)), view.axes, true))
      const inner = keep(device.sub(keep(device.sub(g, meanG)), keep(device.mul(zSeen, meanGz))))
      dx = device.reshape(keep(device.mul(inner, inverse)), shape)
      for (const tensor of scratch) tensor.dispose()
    }
    for (const tensor of [z, inverse, dyZ]) tensor.dispose()
    return { inputs: [dx], params }
  },
  outputShape: sameShape,
  flops: notCounted,
  checks: {},
  onnx: {
    reads: { LayerNormalization: readOnnx, ...groupNormReads },
    write(w) {
      if (w.node.attributes.groups !== undefined) writeOnnxGroups(w)
      else if (w.rank === 4) {
        w.emit('Transpose', [w.x], `${w.out} last`, { perm: [0, 2, 3, 1] })
        writeOnnxLayers(w, `${w.out} last`, `${w.out} normed`)
        w.emit('Transpose', [`${w.out} normed`], w.out, { perm: [0, 3, 1, 2] })
      } else writeOnnxLayers(w, w.x, w.out)
    },
  },
  tfjs: { reads: {}, layers: {}, write: writeTfjs },
}

/** Over the channels of an image whose channels are last, or over features. */
function readOnnx(node: OnnxNodeReader): Flow | OnnxView {
  const value = node.value(0)
  const dims = node.dims()
  const last = isChannelsLast(value, node.batch)
  const flow = last ? value.flow : node.flow()
  const channels = dims.at(-1) ?? 0
  const weight = node.needed(1)
  const bias = node.constant(2)
  if (node.axis(-1, dims.length) !== dims.length - 1 || (!last && flow.rank === 4))
    throw node.refused('normalises over axes other than the channels')
  if (weight.value.data.length !== channels || (bias && bias.value.data.length !== channels))
    throw node.refused(`has other than ${channels} weights`)
  const zeros = { name: `${node.name} zeros`, value: { shape: [channels], data: new Float32Array(channels) } }
  const { name, value: shift } = bias ?? zeros
  const params = {
    weight: node.network.tensor(weight.name, 'norm-weight', asRow(weight.value)),
    bias: node.network.tensor(name, 'norm-bias', asRow(shift)),
  }
  const normed = node.network.add('layer-norm', node.name, [flow], { epsilon: node.float('epsilon', 1e-5) }, params)
  return last ? channelsLast(normed, node.batch) : normed
}

function writeOnnxLayers({ emit, param, number }: OnnxNodeWriter, x: string, output: string): void {
  emit('LayerNormalization', [x, param('weight'), param('bias')], output, {
    axis: -1,
    epsilon: { float: number('epsilon') },
  })
}

/** Group normalisation as an instance norm over groups, which opset 17 has. */
function writeOnnxGroups({ emit, constant, number, perChannel, inShape, x, out }: OnnxNodeWriter): void {
  const groups = number('groups')
  const grouped = emit('Reshape', [x, constant(`${out} groups`, [0, groups, -1], [3])], `${out} grouped`)
  const ones = constant(`${out} ones`, new Float32Array(groups).fill(1), [groups])
  const zeros = constant(`${out} zeros`, new Float32Array(groups), [groups])
  const normed = emit('InstanceNormalization', [grouped, ones, zeros], `${out} normed`, {
    epsilon: { float: number('epsilon') },
  })
  const [h = 0, w = 0, c = 0] = inShape
  const back = emit('Reshape', [normed, constant(`${out} shape`, [0, c, h, w], [4])], `${out} back`)
  const scaled = emit('Mul', [back, perChannel('weight', 4)], `${out} scaled`)
  emit('Add', [scaled, perChannel('bias', 4)], out)
}

function writeTfjs({ node, emit, ints, scalar, param, number, name, x }: TfjsNodeWriter): string {
  if (node.attributes.groups !== undefined) throw new Error('group normalisation')
  const axis = ints(`${name} axis`, [-1])
  const meanOf = (what: string, value: string) =>
    emit('Mean', `${name} ${what}`, [value, axis], { keep_dims: { b: true }, Tidx: int32 })
  const centred = emit('Sub', `${name} centred`, [x, meanOf('mean', x)])
  const variance = meanOf('variance', emit('Square', `${name} squares`, [centred]))
  const shifted = emit('AddV2', `${name} shifted`, [variance, scalar(`${name} epsilon`, number('epsilon'))])
  const inverse = emit('Rsqrt', `${name} inverse`, [shifted])
  const z = emit('Mul', `${name} z`, [centred, inverse])
  const scaled = emit('Mul', `${name} scaled`, [z, param('weight')])
  return emit('AddV2', name, [scaled, param('bias')])
}
