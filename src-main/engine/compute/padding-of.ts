// Padding as a node says it, in pixels on each side: one number for all, four of their own (top, bottom, left, right), or `same`: TensorFlow's,
// which depends on the size of the input and puts the odd pixel at the end.
import type { Padding } from './device.ts'
import type { GraphNode } from './op.ts'

/** `inputShape` [N, H, W, C]; `size` the kernel's side. */
export function paddingOf({ attributes }: GraphNode, inputShape: readonly number[], size: number): Padding {
  const { padding = 0 } = attributes
  if (padding === 'same') {
    const stride = Number(attributes.stride ?? 1)
    const reach = (size - 1) * Number(attributes.dilation ?? 1) + 1
    const [top, bottom] = sameOf(inputShape[1] ?? 0, reach, stride)
    const [left, right] = sameOf(inputShape[2] ?? 0, reach, stride)
    return { top, bottom, left, right }
  }
  if (Array.isArray(padding)) {
    const [top = 0, bottom = 0, left = 0, right = 0] = padding as readonly number[]
    return { top, bottom, left, right }
  }
  const all = Number(padding)
  return { top: all, bottom: all, left: all, right: all }
}

function sameOf(length: number, reach: number, stride: number): [number, number] {
  const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach - length)
  return [Math.floor(total / 2), Math.ceil(total / 2)]
}
