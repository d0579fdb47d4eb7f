// Zeros around an image. Attribute: padding, as four numbers (top, bottom, left, right).
import { explicitPadding } from '#engine/compute/explicit-padding.ts'
import type { OnnxNodeReader } from '#engine/compute/ops/formats/onnx.ts'
import { numberOf, type TfjsNodeReader, type TfjsRead } from '#engine/compute/ops/formats/tfjs.ts'
import { notCounted, takesImages, type OpModule } from '#engine/compute/ops/op-module.ts'
import { paddingProblem } from '#engine/compute/ops/window.ts'

const most = 64

/** What a Pad node adds; `zeros`: with zeros, in a way that is known, on four axes. */
export interface PadRequest {
  readonly zeros: boolean
  /** Before and after, by axis: batch, channels, top and bottom, left and right. */
  readonly batch: readonly [number, number]
  readonly channels: readonly [number, number]
  readonly rows: readonly [number, number]
  readonly columns: readonly [number, number]
}

export function onnxPads(node: OnnxNodeReader): PadRequest {
  const mode = node.text('mode') ?? 'constant'
  const given = node.intsOf('pads', 1) ?? []
  const value = node.constant(2)?.value.data[0] ?? node.float('value', 0)
  const pads = ofAllAxes(given, node.intsOf('axes', 3), node.dims().length)
  const [n0 = 0, c0 = 0, top = 0, left = 0, n1 = 0, c1 = 0, bottom = 0, right = 0] = pads
  return {
    zeros: mode === 'constant' && value === 0 && pads.length === 8,
    batch: [n0, n1],
    channels: [c0, c1],
    rows: [top, bottom],
    columns: [left, right],
  }
}

/** Pads that are given for some axes only (since opset 18), for all of them. */
function ofAllAxes(pads: readonly number[], axes: readonly number[] | null, rank: number): readonly number[] {
  if (!axes) return pads
  const all = new Array<number>(2 * rank).fill(0)
  for (const [i, axis] of axes.entries()) {
    const at = axis < 0 ? axis + rank : axis
    all[at] = pads[i] ?? Number.NaN
    all[at + rank] = pads[i + axes.length] ?? Number.NaN
  }
  return all
}

export function tfjsPads(node: TfjsNodeReader): PadRequest {
  const pads = node.few(1)
  const [n0 = 0, n1 = 0, top = 0, bottom = 0, left = 0, right = 0, c0 = 0, c1 = 0] = pads
  const zeros = node.op !== 'PadV2' || node.constant(2).value.data[0] === 0
  return {
    zeros: zeros && pads.length === 8,
    batch: [n0, n1],
    channels: [c0, c1],
    rows: [top, bottom],
    columns: [left, right],
  }
}

/** Null when it does something else than to put zeros around the image. */
function sidesOf({ zeros, batch, channels, rows, columns }: PadRequest): number[] | null {
  const sides = [...rows, ...columns]
  return !zeros || [...batch, ...channels].some((n) => n !== 0) || !sides.every((n) => n >= 0 && n <= most)
    ? null
    : sides
}

const readTfjs: TfjsRead = (node) => {
  const padding = sidesOf(tfjsPads(node))
  if (!padding) throw node.refused('pads with something other than zeros around the image')
  return node.network.add('pad', node.name, [node.flow()], { padding })
}

export const pad: OpModule = {
  saves: { inputs: [], output: false },
  forward({ device, node, x }) {
    const { top, bottom, left, right } = explicitPadding(node, x.shape, 1)
    return {
      output: device.pad(x, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]),
    }
  },
  backward({ device, node, dy, xShape }) {
    const { top, left } = explicitPadding(node, xShape, 1)
    return { inputs: [device.slice(dy, [0, top, left, 0], xShape)], params: {} }
  },
  outputShape({ node, inputs: [[h = 0, w = 0, c = 0] = []] }) {
    const { top, bottom, left, right } = explicitPadding(node, [1, h, w, c], 1)
    return [h + top + bottom, w + left + right, c]
  },
  flops: notCounted,
  checks: { attributes: paddingProblem, inputs: takesImages },
  onnx: {
    reads: {
      Pad(node) {
        const padding = sidesOf(onnxPads(node))
        if (!padding) throw node.refused('pads with something other than zeros around the image')
        const input = node.flow()
        return padding.some(Boolean) ? node.network.add('pad', node.name, [input], { padding }) : input
      },
    },
    write({ emit, constant, pads, x, out }) {
      const [top = 0, left = 0, bottom = 0, right = 0] = pads(1)
      emit('Pad', [x, constant(`${out} pads`, [0, 0, top, left, 0, 0, bottom, right], [8])], out)
    },
  },
  tfjs: {
    reads: { Pad: readTfjs, PadV2: readTfjs },
    layers: {
      ZeroPadding2D(layer) {
        const pads = Array.isArray(layer.config.padding) ? layer.config.padding.flat() : []
        const padding = pads.map((side) => numberOf(side))
        if (padding.length !== 4 || !padding.every((n) => Number.isInteger(n) && n >= 0 && n <= most))
          throw layer.refused('pads by no usable number of pixels')
        return layer.network.add('pad', layer.name, [layer.input], { padding })
      },
    },
    write: ({ padded }) => padded(1, 0),
  },
}
