// What functions of one number, applied to each, have in common: the activations. Gradients from the input, which stays alive, where an op says nothing else.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { GraphNode, OpKernel } from '#engine/compute/op.ts'
import { notCounted, sameShape } from '#engine/compute/ops/op-module.ts'

/** Lends the tensors to `work` and frees them. */
export function using<T>(tensors: readonly DeviceTensor[], work: (...tensors: DeviceTensor[]) => T): T {
  const result = work(...tensors)
  for (const tensor of tensors) tensor.dispose()
  return result
}

export const number = (node: GraphNode, name: string, usual: number): number => Number(node.attributes[name] ?? usual)

/** What is the same for all of them. */
export const pointwise = { outputShape: sameShape, flops: notCounted, checks: {} } as const

/** y = f(x), and dx from dy and the derivative at x. */
export function fromInput(
  f: (device: Device, x: DeviceTensor, node: GraphNode) => DeviceTensor,
  derivative: (device: Device, x: DeviceTensor, node: GraphNode) => DeviceTensor,
): OpKernel {
  return {
    saves: { inputs: [0], output: false },
    forward: ({ device, node, x }) => ({ output: f(device, x, node) }),
    backward: ({ device, node, dy, input }) => ({
      inputs: [using([derivative(device, input(0), node)], (slope) => device.mul(dy, slope))],
      params: {},
    }),
  }
}

/** 1 where low < y < high, else 0; of a y within [low, high]. */
export function inside(device: Device, y: DeviceTensor, low: number, high: number): DeviceTensor {
  const part = (value: DeviceTensor) => using([value], (tensor) => device.sign(tensor))
  const above = part(device.addScalar(y, -low))
  const below = part(using([device.neg(y)], (negated) => device.addScalar(negated, high)))
  return using([above, below], (a, b) => device.mul(a, b))
}

/** s (1 - s) of s = sigmoid(x) */
export const sigmoidSlope = (device: Device, s: DeviceTensor): DeviceTensor =>
  using([using([device.neg(s)], (negated) => device.addScalar(negated, 1))], (rest) => device.mul(s, rest))
