// What convolutions and pools have in common: a window that moves over an image by a stride, within padding.
import { explicitPadding } from '#engine/compute/explicit-padding.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import type { Shape } from '#engine/compute/shape.ts'
import { isWhole } from './op-module.ts'

export const mostStride = 64
/** Of a window's side and of padding. */
export const mostPixels = 1024

export function strideProblem({ attributes: { stride = 1 } }: GraphNode): string | null {
  return isWhole(stride, 1, mostStride) ? null : `has a stride of ${String(stride)}`
}

export function paddingProblem({ attributes: { padding = 0 } }: GraphNode): string | null {
  const sides = Array.isArray(padding) ? padding : [padding]
  return padding === 'same' || padding === 'same-lower' || sides.every((side) => isWhole(side, 0, mostPixels))
    ? null
    : `pads by ${sides.join(', ')} pixels`
}

/** What a window of `size` x `size` leaves of an image [H, W, C], with `channels` channels. */
export function windowShape(node: GraphNode, [h = 0, w = 0, c = 0]: Shape, size: number, channels: number): Shape {
  const stride = Number(node.attributes.stride ?? 1)
  const reach = (size - 1) * Number(node.attributes.dilation ?? 1) + 1
  const { top, bottom, left, right } = explicitPadding(node, [1, h, w, c], size)
  return [
    Math.floor((h + top + bottom - reach) / stride) + 1,
    Math.floor((w + left + right - reach) / stride) + 1,
    channels,
  ]
}
