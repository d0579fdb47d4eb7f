// Padding as a node says it, in pixels on each side: one number for all, four of their own (top, bottom, left, right), or `same`: TensorFlow's,
// which depends on the size of the input and puts the odd pixel at the end (`same-lower`: at the beginning). `ceil`: as much more at the end as a last, partial window needs.
import type { Padding } from './device.ts'
import type { GraphNode } from './op.ts'

/** `inputShape` [N, H, W, C]; `size` the kernel's side. */
export function explicitPadding({ attributes }: GraphNode, inputShape: readonly number[], size: number): Padding {
  const { padding = 0 } = attributes
  if (padding === 'same' || padding === 'same-lower') {
    const stride = Number(attributes.stride ?? 1)
    const reach = (size - 1) * Number(attributes.dilation ?? 1) + 1
    const [top, bottom] = sameOf(inputShape[1] ?? 0, reach, stride)
    const [left, right] = sameOf(inputShape[2] ?? 0, reach, stride)
    return padding === 'same' ? { top, bottom, left, right } : { top: bottom, bottom: top, left: right, right: left }
  }
  const [top = 0, bottom = 0, left = 0, right = 0] = Array.isArray(padding)
    ? (padding as readonly number[])
    : [0, 1, 2, 3].map(() => Number(padding))
  if (attributes.ceil !== true) return { top, bottom, left, right }
  const stride = Number(attributes.stride ?? 1)
  const height = (inputShape[1] ?? 0) + top + bottom
  const width = (inputShape[2] ?? 0) + left + right
  return {
    top,
    bottom: bottom + missing(height, bottom, size, stride),
    left,
    right: right + missing(width, right, size, stride),
  }
}

/** Pixels beyond `length` that a last window reaches; one that would begin in the padding at the end (`after`) is none, as in PyTorch. */
function missing(length: number, after: number, size: number, stride: number): number {
  const last = Math.ceil((length - size) / stride) * stride
  return last >= length - after ? 0 : Math.max(0, last + size - length)
}

function sameOf(length: number, reach: number, stride: number): [number, number] {
  const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach - length)
  return [Math.floor(total / 2), Math.ceil(total / 2)]
}
