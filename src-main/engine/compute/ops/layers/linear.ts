// Fully connected layer over the last axis: x [..., in] · weight [in, out] + bias [out], which may be absent.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { transposed } from '#engine/compute/ops/formats/layouts.ts'
import {
  asRow,
  type FileTensor,
  type Flow,
  type NamedTensor,
  type NetworkBuilder,
} from '#engine/compute/ops/formats/network.ts'
import type { OnnxNodeWriter } from '#engine/compute/ops/formats/onnx.ts'
import { channelsLast, isChannelsLast } from '#engine/compute/ops/formats/onnx-view.ts'
import { int32, ofAxes, text, type TfjsNodeReader, type TfjsNodeWriter } from '#engine/compute/ops/formats/tfjs.ts'
import { flattened } from '#engine/compute/ops/layout/flatten.ts'
import { notCounted, type OpModule, type ShapeContext } from '#engine/compute/ops/op-module.ts'
import { elementCount, showShape } from '#engine/compute/shape.ts'

/** x as rows; the same tensor when it already is. */
function asRows(device: Device, x: DeviceTensor): DeviceTensor {
  const last = x.shape.at(-1) ?? 1
  return x.shape.length === 2
    ? x
    : device.reshape(x, [x.shape.slice(0, -1).reduce((product, size) => product * size, 1), last])
}

function shaped(device: Device, rows: DeviceTensor, shape: readonly number[]): DeviceTensor {
  if (shape.length === 2) return rows
  const result = device.reshape(rows, shape)
  rows.dispose()
  return result
}

export const linear: OpModule = {
  saves: { inputs: [0], output: false },
  forward({ device, node, x, param }) {
    const rows = asRows(device, x)
    let y = device.matMul(rows, param('weight'))
    if (rows !== x) rows.dispose()
    if (node.params.bias !== undefined) {
      const product = y
      y = device.add(product, param('bias'))
      product.dispose()
    }
    return { output: shaped(device, y, [...x.shape.slice(0, -1), y.shape[1] ?? 0]) }
  },
  backward({ device, dy, input, xShape, param, wantsInput, wantsParam }) {
    const rows = asRows(device, dy)
    const dx = wantsInput(0) ? shaped(device, device.matMul(rows, param('weight'), false, true), xShape) : null
    const params: Record<string, DeviceTensor> = {}
    if (wantsParam('weight')) {
      const x = asRows(device, input(0))
      params.weight = device.matMul(x, rows, true, false)
      if (x !== input(0)) x.dispose()
    }
    if (wantsParam('bias')) params.bias = device.sum(rows, [0])
    if (rows !== dy) rows.dispose()
    return { inputs: [dx], params }
  },
  outputShape: ({ inputs: [first = []], param }) => [...first.slice(0, -1), param('weight')?.[0] ?? 0],
  flops: notCounted,
  checks: { inputs: problem },
  onnx: {
    reads: {
      MatMul(node) {
        const weight = matrixOf(node.needed(1), node.refused)
        const value = node.value(0)
        const last = isChannelsLast(value, node.batch)
        const input = last ? value.flow : node.flow()
        if (!last && input.rank === 4)
          throw node.refused('multiplies along an image’s rows, and only along its channels it is taken')
        const flow = addLinear(node.network, node.name, input, weight.name, node.transposed(weight), null)
        return last ? channelsLast(flow, node.batch) : flow
      },
      Gemm(node) {
        const weight = matrixOf(node.needed(1), node.refused)
        if (node.int('transA', 0) !== 0 || node.float('alpha', 1) !== 1 || node.float('beta', 1) !== 1)
          throw node.refused('scales or transposes its input')
        const input = node.flow()
        if (input.rank !== 2) throw node.refused(`works on ${showShape(node.dims())}, and it takes rows of features`)
        const bias = node.constant(2)
        const rowed = bias === null || bias.value.shape.slice(0, -1).every((n) => n === 1)
        const outputs = weight.value.shape[node.int('transB', 0) === 1 ? 0 : 1] ?? 0
        if (!rowed || (bias && ![1, outputs].includes(bias.value.data.length)))
          throw node.refused(
            `adds something of the shape ${showShape(bias?.value.shape ?? [])}, and one number for each of its ${outputs} outputs is taken`,
          )
        const matrix = node.int('transB', 0) === 1 ? weight.value : node.transposed(weight)
        return addLinear(node.network, node.name, input, weight.name, matrix, bias && stretched(bias, outputs))
      },
    },
    write: writeOnnx,
  },
  tfjs: {
    reads: {
      MatMul: (node) => readTfjs(node, null),
      _FusedMatMul: (node) => readTfjs(node, 2),
    },
    layers: {
      Dense({ network, name, input, config, weight, activated }) {
        const kernel = weight('kernel')
        const matrix = transposed(ofAxes(kernel, 2, network))
        const bias = config.use_bias === false ? null : weight('bias')
        return activated(addLinear(network, name, input, kernel.name, matrix, bias))
      },
    },
    write: writeTfjs,
  },
}

/** Puts it into a network that is read; weight [out, in]. */
function addLinear(
  network: NetworkBuilder,
  name: string,
  input: Flow,
  weightName: string,
  weight: FileTensor,
  bias: NamedTensor | null,
): Flow {
  const flat = input.rank === 4 && input.shape === null ? flattened(network, name, input) : input
  const [out = 0, inside = 0] = weight.shape
  if (flat.channels !== null && inside !== flat.channels)
    throw network.refused(`the linear layer ${name} takes ${inside} features where ${flat.channels} come in`)
  const params: Record<string, string> = { weight: network.tensor(weightName, 'linear-weight', weight) }
  if (bias) params.bias = network.tensor(bias.name, 'linear-bias', asRow(bias.value))
  return network.add('linear', name, [flat], {}, params, { rank: 2, channels: out })
}

/** One number for all outputs as one for each. */
const stretched = ({ name, value }: NamedTensor, outputs: number): NamedTensor =>
  value.data.length === outputs
    ? { name, value }
    : {
        name: `${name} for each`,
        value: { shape: [outputs], data: new Float32Array(outputs).fill(value.data[0] ?? 0) },
      }

function matrixOf(weight: NamedTensor, refused: (what: string) => Error): NamedTensor {
  if (weight.value.shape.length !== 2) throw refused('multiplies by something that is no matrix')
  return weight
}

function problem({ inputs: [first = []], param }: ShapeContext): string | null {
  const channels = first.at(-1) ?? 0
  const [out = 0, inside = 0] = param('weight') ?? []
  if (inside !== channels) return `takes ${inside} features where ${channels} come in`
  const bias = param('bias')
  return bias === null || elementCount(bias) === out ? null : `has a bias of other than ${out} values`
}

/** Over features a Gemm; over tokens or pixels a product, channels last. */
function writeOnnx({ emit, param, hasParam, rank, x, out }: OnnxNodeWriter): void {
  const biased = hasParam('bias')
  if (rank === 2) {
    emit('Gemm', [x, param('weight'), ...(biased ? [param('bias')] : [])], out, { transB: 1 })
    return
  }
  const images = rank === 4
  const weight = emit('Transpose', [param('weight')], `${out} weight`, { perm: [1, 0] })
  const from = images ? emit('Transpose', [x], `${out} last`, { perm: [0, 2, 3, 1] }) : x
  let y = emit('MatMul', [from, weight], biased || images ? `${out} product` : out)
  if (biased) y = emit('Add', [y, param('bias')], images ? `${out} sum` : out)
  if (images) emit('Transpose', [y], out, { perm: [0, 3, 1, 2] })
}

function readTfjs(node: TfjsNodeReader, biasAt: number | null): Flow {
  const weight = node.constant(1)
  if (node.flag('transpose_a')) throw node.refused('transposes its input')
  const matrix = node.flag('transpose_b') ? weight.value : transposed(ofAxes(weight, 2, node.network))
  const input = node.flow()
  const bias = biasAt === null ? null : node.constant(biasAt)
  return node.fused(addLinear(node.network, node.name, input, weight.name, matrix, bias))
}

function writeTfjs({ emit, ints, param, hasParam, inShape, outShape, name, x }: TfjsNodeWriter): string {
  const rows = inShape.length > 1
  const flat = rows
    ? emit('Reshape', `${name} rows`, [x, ints(`${name} row shape`, [-1, inShape.at(-1) ?? 0])], { Tshape: int32 })
    : x
  let y = emit('MatMul', `${name} product`, [flat, param('weight')], {
    transpose_a: { b: false },
    transpose_b: { b: false },
  })
  if (hasParam('bias')) y = emit('BiasAdd', `${name} sum`, [y, param('bias')], { data_format: text('NHWC') })
  return rows ? emit('Reshape', name, [y, ints(`${name} back`, [-1, ...outShape])], { Tshape: int32 }) : y
}
