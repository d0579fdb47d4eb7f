// What maximum and average pooling have in common. Attributes: size, stride, padding (see explicit-padding.ts).
import { explicitPadding } from '#engine/compute/explicit-padding.ts'
import type { Flow } from '#engine/compute/ops/formats/network.ts'
import type { OnnxNodeReader } from '#engine/compute/ops/formats/onnx.ts'
import { list, text, type KerasLayerReader, type TfjsNodeReader } from '#engine/compute/ops/formats/tfjs.ts'
import { isWhole, notCounted, takesImages, type OpModule } from '#engine/compute/ops/op-module.ts'
import { mostPixels, paddingProblem, strideProblem, windowShape } from '#engine/compute/ops/window.ts'

type Pool = 'max-pool' | 'avg-pool'

/** All but how it computes and how it is written. */
export const pool = {
  outputShape: ({ node, inputs: [first = []] }) =>
    windowShape(node, first, Number(node.attributes.size), first[2] ?? 0),
  flops: notCounted,
  checks: {
    attributes(node) {
      const { size = 1 } = node.attributes
      return (
        strideProblem(node) ??
        (isWhole(size, 1, mostPixels) ? null : `pools over ${String(size)} pixels`) ??
        paddingProblem(node)
      )
    },
    inputs(context) {
      const { node, inputs } = context
      const size = Number(node.attributes.size)
      const { top, bottom, left, right } = explicitPadding(node, [1, ...(inputs[0] ?? [])], size)
      const all = [top, bottom, left, right].some((side) => side >= size)
      return takesImages(context) ?? (all ? 'pads by as much as it pools over' : null)
    },
  },
} as const satisfies Partial<OpModule>

/** The window's attributes; `ceil`: the last window may be partial. */
export function onnxWindow(node: OnnxNodeReader) {
  if (node.square('dilations', 1) !== 1) throw node.refused('is dilated')
  if (!node.ints('kernel_shape')) throw node.refused('does not say over how many pixels it pools')
  if (node.outputs.filter(Boolean).length > 1) throw node.refused('gives the places of its values as well')
  const size = node.square('kernel_shape', 1)
  const ceil = node.int('ceil_mode', 0) !== 0
  const [stride, padding] = [node.square('strides', 1), node.padding()]
  if (typeof padding === 'string' && stride > size)
    throw node.refused('pads by itself (auto_pad) with a stride longer than its window')
  return { size, stride, padding, ...(ceil ? { ceil } : {}) }
}

export function readTfjsPool(op: Pool, node: TfjsNodeReader): Flow {
  const [, size = 1, width = 1] = node.numbers('ksize')
  const [, stride = 1, across = 1] = node.numbers('strides')
  if (size !== width || stride !== across) throw node.refused('is not square')
  return node.network.add(op, node.name, [node.flow()], { size, stride, padding: node.padding() })
}

export function readKerasPool(op: Pool, { network, name, input, config, square, padding }: KerasLayerReader): Flow {
  const size = square('pool_size', 2)
  const stride = config.strides === null || config.strides === undefined ? size : square('strides', size)
  return network.add(op, name, [input], { size, stride, padding: padding() })
}

/** Of a window that moves within what was padded before. */
export const tfjsWindow = (height: number, width: number, down: number, across: number) => ({
  ksize: list([1, height, width, 1]),
  strides: list([1, down, across, 1]),
  padding: text('VALID'),
  data_format: text('NHWC'),
})
