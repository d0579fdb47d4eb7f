// 2-D convolution, with or without bias, whole, in groups or depthwise. Attributes: stride, padding (see explicit-padding.ts), dilation, groups.
import type { GraphNode } from '#engine/compute/op.ts'
import { isWhole, type OpModule, type ShapeContext } from '#engine/compute/ops/op-module.ts'
import { mostPixels, mostStride, paddingProblem, strideProblem, windowShape } from '#engine/compute/ops/window.ts'
import { elementCount, showShape } from '#engine/compute/shape.ts'
import { addConv } from './add-conv.ts'
import { conv2dKernel } from './kernel.ts'
import { conv2dTfjs } from './tfjs.ts'

function attributeProblem(node: GraphNode): string | null {
  const { dilation = 1, groups = 1 } = node.attributes
  const stride = strideProblem(node)
  if (stride !== null) return stride
  if (!isWhole(dilation, 1, mostStride)) return `has a dilation of ${String(dilation)}`
  if (!isWhole(groups, 1, 2 ** 24)) return `has ${String(groups)} groups`
  return paddingProblem(node)
}

function inputProblem({ node, inputs: [first = []], param }: ShapeContext): string | null {
  const weight = param('weight')
  const channels = first.at(-1) ?? 0
  const groups = Number(node.attributes.groups ?? 1)
  if (first.length !== 3 || weight?.length !== 4) return `takes images, and ${showShape(first)} comes in`
  const [out = 0, perGroup = 0, kernel = 0, across = 0] = weight
  if (perGroup * groups !== channels) return `takes ${perGroup * groups} channels where ${channels} come in`
  if (kernel !== across || kernel > mostPixels || out % groups !== 0)
    return `has a kernel of the shape ${showShape(weight)}`
  const bias = param('bias')
  return bias === null || elementCount(bias) === out ? null : `has a bias of other than ${out} values`
}

export const conv2d: OpModule = {
  ...conv2dKernel,
  outputShape({ node, inputs: [first = []], param }) {
    const [out = 0, , size = 1] = param('weight') ?? []
    return windowShape(node, first, size, out)
  },
  /** Two for each weight at each place that it is put to. */
  flops: ({ param }, [h = 0, w = 0]) => 2 * elementCount(param('weight') ?? [0]) * h * w,
  checks: { attributes: attributeProblem, inputs: inputProblem },
  onnx: {
    reads: {
      Conv(node) {
        const weight = node.needed(1)
        const input = node.flow()
        const bias = node.constant(2)
        const kernel = node.ints('kernel_shape')
        if (kernel && kernel.join() !== weight.value.shape.slice(2).join())
          throw node.refused(`says that its kernel is ${kernel.join(' x ')}, and its weights are of another`)
        const [padding, dilation] = [node.padding(), node.square('dilations', 1)]
        if (typeof padding === 'string' && dilation > 1)
          throw node.refused('is dilated and pads by itself (auto_pad), which other readers do not take either')
        return addConv(node.network, node.name, input, weight.name, weight.value, bias, {
          stride: node.square('strides', 1),
          padding,
          dilation,
          groups: node.int('group', 1),
        })
      },
    },
    write({ emit, param, hasParam, paramShape, number, pads, inShape, x, out }) {
      const [, perGroup = 1, size = 1] = paramShape('weight')
      const [stride, dilation] = [number('stride', 1), number('dilation', 1)]
      emit('Conv', [x, param('weight'), ...(hasParam('bias') ? [param('bias')] : [])], out, {
        kernel_shape: [size, size],
        strides: [stride, stride],
        dilations: [dilation, dilation],
        pads: pads(size),
        group: (inShape[2] ?? perGroup) / perGroup,
      })
    },
  },
  tfjs: conv2dTfjs,
}
