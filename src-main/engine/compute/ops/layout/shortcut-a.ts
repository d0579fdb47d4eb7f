// Option-A shortcut of the CIFAR ResNets (He et al., CVPR 2016, section 4.2): every `stride`-th row and column, new channels are
// zeros, half of them before and half after. Attributes: stride, before, after (channels).
import type { PoolOptions } from '#engine/compute/device.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import type { Flow, NetworkBuilder } from '#engine/compute/ops/formats/network.ts'
import { fileDims } from '#engine/compute/ops/formats/onnx-view.ts'
import type { OnnxNodeReader, OnnxNodeWriter, OnnxRead } from '#engine/compute/ops/formats/onnx.ts'
import { int32, type TfjsNodeWriter, type TfjsRead } from '#engine/compute/ops/formats/tfjs.ts'
import { notCounted, type OpModule } from '#engine/compute/ops/op-module.ts'
import { onnxCuts, type OnnxCut } from './onnx-cuts.ts'
import { onnxPads, tfjsPads, type PadRequest } from './pad.ts'

function plan(node: GraphNode) {
  return {
    stride: Number(node.attributes.stride),
    before: Number(node.attributes.before),
    after: Number(node.attributes.after),
  }
}

/** Every `stride`-th row and column: a mean over windows of one pixel, which has kernels that are quicker than a strided slice. */
const corners = (stride: number): PoolOptions => ({
  size: 1,
  stride,
  padding: { top: 0, bottom: 0, left: 0, right: 0 },
})

const readTfjsPad: TfjsRead = (node) => widened(node.network, node.name, node.flow, tfjsPads(node))

export const shortcutA: OpModule = {
  saves: { inputs: [], output: false },
  forward({ device, node, x }) {
    const { stride, before, after } = plan(node)
    const small = stride === 1 ? x : device.avgPool(x, corners(stride))
    const output = device.pad(small, [
      [0, 0],
      [0, 0],
      [0, 0],
      [before, after],
    ])
    if (small !== x) small.dispose()
    return { output }
  },
  backward({ device, node, dy, xShape: shape }) {
    const { stride, before } = plan(node)
    const [n = 0, h = 0, w = 0] = dy.shape
    const small = device.slice(dy, [0, 0, 0, before], [n, h, w, shape[3] ?? 0])
    if (stride === 1) return { inputs: [small], params: {} }
    const dx = device.avgPoolGradient(shape, small, corners(stride))
    small.dispose()
    return { inputs: [dx], params: {} }
  },
  outputShape({ node, inputs: [[h = 0, w = 0, c = 0] = []] }) {
    const { stride, before, after } = plan(node)
    return [Math.ceil(h / stride), Math.ceil(w / stride), c + before + after]
  },
  flops: notCounted,
  checks: {},
  onnx: {
    reads: { Slice: readSlice, Pad: (node) => widened(node.network, node.name, node.flow, onnxPads(node)) },
    write: writeOnnx,
  },
  tfjs: {
    reads: {
      StridedSlice(node) {
        const [begin, [n = 0, step = 0, across = 0, c = 0, ...more]] = [node.few(1), node.few(3)]
        const everySo = n === 1 && c === 1 && more.length === 0 && step === across && step >= 1 && step <= 64
        if (begin.some((at) => at !== 0) || !everySo || node.flow().rank !== 4)
          throw node.refused('does something other than take every nth row and column')
        return thinned(node.network, node.name, node.flow(), step)
      },
      Pad: readTfjsPad,
      PadV2: readTfjsPad,
    },
    layers: {},
    write: writeTfjs,
  },
}

/** Every so many rows and columns, no new channels. */
const thinned = (network: NetworkBuilder, name: string, input: Flow, stride: number): Flow =>
  network.add('shortcut-a', name, [input], { stride, before: 0, after: 0 })

/** New channels of zeros, when that is all that a Pad node does. */
function widened(
  network: NetworkBuilder,
  name: string,
  flow: () => Flow,
  { zeros, batch, channels, rows, columns }: PadRequest,
): Flow | undefined {
  const [before, after] = channels
  const added = before + after
  if (!zeros || before < 0 || after < 0 || !(added > 0 && added <= 65_536)) return undefined
  if ([...batch, ...rows, ...columns].some(Boolean)) return undefined
  const input = flow()
  if (input.rank !== 4 || input.channels === null) return undefined
  const attributes = { stride: 1, before, after }
  return network.add('shortcut-a', name, [input], attributes, {}, { channels: input.channels + added })
}

/** Every so many rows and columns, by one slice of both axes or by one of each. Undefined when it is another slice. */
function readSlice(node: OnnxNodeReader): ReturnType<OnnxRead> {
  const value = node.value(0)
  if (value?.kind === 'pending' && value.op === 'shortcut-a') {
    const { axis = 0, step = 0 } = value.state
    const dims = fileDims(value.flow, node.batch).map((n, at) => (at === axis ? Math.ceil(n / step) : n))
    const [cut, ...more] = onnxCuts({ ...node, dims: () => dims })
    const other = more.length === 0 && cut?.axis === 5 - axis && cut.from === 0 && cut.step === step && whole(cut, dims)
    return other ? thinned(node.network, node.name, value.flow, step) : undefined
  }
  if (value?.kind !== 'flow' || value.rank !== 4) return undefined
  const dims = node.dims()
  const cuts = onnxCuts(node)
  const [{ step } = { step: 1 }] = cuts
  if (
    step < 2 ||
    step > 64 ||
    !cuts.every((cut) => cut.axis >= 2 && cut.from === 0 && cut.step === step && whole(cut, dims))
  )
    return undefined
  if (cuts.length === 2) return thinned(node.network, node.name, value, step)
  return { kind: 'pending', op: 'shortcut-a', flow: value, state: { axis: cuts[0]?.axis ?? 0, step } }
}

/** To the end of its axis. */
const whole = ({ axis, step, count }: OnnxCut, dims: readonly number[]) => count === Math.ceil((dims[axis] ?? 0) / step)

function writeOnnx({ emit, constant, number, x, out }: OnnxNodeWriter): void {
  const toTheEnd = 2 ** 31 - 1
  const stride = number('stride')
  const small = emit(
    'Slice',
    [
      x,
      constant(`${out} from`, [0, 0], [2]),
      constant(`${out} to`, [toTheEnd, toTheEnd], [2]),
      constant(`${out} axes`, [2, 3], [2]),
      constant(`${out} steps`, [stride, stride], [2]),
    ],
    `${out} thinned`,
  )
  emit('Pad', [small, constant(`${out} pads`, [0, number('before'), 0, 0, 0, number('after'), 0, 0], [8])], out)
}

function writeTfjs({ emit, constant, ints, scalar, number, inShape, name, x }: TfjsNodeWriter): string {
  const stride = number('stride')
  const [h = 0, w = 0, c = 0] = inShape
  const begin = ints(`${name} begin`, [0, 0, 0, 0])
  const end = ints(`${name} end`, [0, h, w, c])
  const small = emit(
    'StridedSlice',
    `${name} thinned`,
    [x, begin, end, ints(`${name} strides`, [1, stride, stride, 1])],
    {
      Index: int32,
      begin_mask: { i: '1' },
      end_mask: { i: '1' },
      ellipsis_mask: { i: '0' },
      new_axis_mask: { i: '0' },
      shrink_axis_mask: { i: '0' },
    },
  )
  const pads = constant(`${name} pads`, Int32Array.of(0, 0, 0, 0, 0, 0, number('before'), number('after')), [4, 2])
  return emit('PadV2', name, [small, pads, scalar(`${name} fill`, 0)], { Tpaddings: int32 })
}
