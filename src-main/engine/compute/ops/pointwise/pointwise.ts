// Functions of one number, applied to each: the activations besides ReLU. Gradients from the input, which stays alive; clip's is read off the output.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { GraphNode, Op } from '#engine/compute/op.ts'

/** Lends the tensors to `work` and frees them. */
function using<T>(tensors: readonly DeviceTensor[], work: (...tensors: DeviceTensor[]) => T): T {
  const result = work(...tensors)
  for (const tensor of tensors) tensor.dispose()
  return result
}

const number = (node: GraphNode, name: string, usual: number) => Number(node.attributes[name] ?? usual)

/** y = f(x), and dx from dy and x. */
function fromInput(
  f: (device: Device, x: DeviceTensor, node: GraphNode) => DeviceTensor,
  derivative: (device: Device, x: DeviceTensor, node: GraphNode) => DeviceTensor,
): Op {
  return {
    saves: { inputs: [0], output: false },
    forward: ({ device, node, inputs }) => ({ output: f(device, inputs[0]!, node) }),
    backward: ({ device, node, dy, input }) => ({
      inputs: [using([derivative(device, input(0), node)], (slope) => device.mul(dy, slope))],
      params: {},
    }),
  }
}

/** 1 where low < y < high, else 0; of a y within [low, high]. */
function inside(device: Device, y: DeviceTensor, low: number, high: number): DeviceTensor {
  const part = (value: DeviceTensor) => using([value], (tensor) => device.sign(tensor))
  const above = part(device.addScalar(y, -low))
  const below = part(using([device.neg(y)], (negated) => device.addScalar(negated, high)))
  return using([above, below], (a, b) => device.mul(a, b))
}

/** Attributes: min (0), max (6). */
export const clip: Op = {
  saves: { inputs: [], output: true },
  forward: ({ device, node, inputs }) => ({
    output: device.clip(inputs[0]!, number(node, 'min', 0), number(node, 'max', 6)),
  }),
  backward: ({ device, node, dy, output }) => ({
    inputs: [
      using([inside(device, output(), number(node, 'min', 0), number(node, 'max', 6))], (mask) => device.mul(dy, mask)),
    ],
    params: {},
  }),
}

/** Attribute: slope (0.01) below zero. */
export const leakyRelu = fromInput(
  (device, x, node) => using([slopeOf(device, x, number(node, 'slope', 0.01))], (slope) => device.mul(x, slope)),
  (device, x, node) => slopeOf(device, x, number(node, 'slope', 0.01)),
)

/** 1 above zero, `slope` elsewhere. */
function slopeOf(device: Device, x: DeviceTensor, slope: number): DeviceTensor {
  const positive = using([device.relu(x)], (rectified) => device.sign(rectified))
  return using([using([positive], (sign) => device.scale(sign, 1 - slope))], (scaled) =>
    device.addScalar(scaled, slope),
  )
}

/** s (1 - s) of s = sigmoid(x) */
const sigmoidSlope = (device: Device, s: DeviceTensor) =>
  using([using([device.neg(s)], (negated) => device.addScalar(negated, 1))], (rest) => device.mul(s, rest))

export const sigmoid = fromInput(
  (device, x) => device.sigmoid(x),
  (device, x) => using([device.sigmoid(x)], (s) => sigmoidSlope(device, s)),
)

/** x sigmoid(x) */
export const silu = fromInput(
  (device, x) => using([device.sigmoid(x)], (s) => device.mul(x, s)),
  (device, x) =>
    using([device.sigmoid(x)], (s) =>
      using([using([sigmoidSlope(device, s)], (slope) => device.mul(x, slope))], (rest) => device.add(s, rest)),
    ),
)

/** clip(alpha x + beta, 0, 1); alpha 1/6, beta 1/2 as PyTorch has them. */
const hardGate = (device: Device, x: DeviceTensor, node: GraphNode) =>
  using(
    [
      using([device.scale(x, number(node, 'alpha', 1 / 6))], (scaled) =>
        device.addScalar(scaled, number(node, 'beta', 0.5)),
      ),
    ],
    (line) => device.clip(line, 0, 1),
  )
const hardSlope = (device: Device, x: DeviceTensor, node: GraphNode) =>
  using([using([hardGate(device, x, node)], (gate) => inside(device, gate, 0, 1))], (mask) =>
    device.scale(mask, number(node, 'alpha', 1 / 6)),
  )

export const hardSigmoid = fromInput(hardGate, hardSlope)

/** x hardSigmoid(x) */
export const hardSwish = fromInput(
  (device, x, node) => using([hardGate(device, x, node)], (gate) => device.mul(x, gate)),
  (device, x, node) =>
    using(
      [hardGate(device, x, node), using([hardSlope(device, x, node)], (slope) => device.mul(x, slope))],
      (gate, rest) => device.add(gate, rest),
    ),
)

/** The normal distribution's share below x. */
const below = (device: Device, x: DeviceTensor) =>
  using([using([using([device.scale(x, Math.SQRT1_2)], (z) => device.erf(z))], (e) => device.scale(e, 0.5))], (half) =>
    device.addScalar(half, 0.5),
  )

/** x Phi(x), the exact form (Hendrycks & Gimpel, 2016). */
export const gelu = fromInput(
  (device, x) => using([below(device, x)], (share) => device.mul(x, share)),
  (device, x) => {
    const density = using(
      [using([using([device.square(x)], (square) => device.scale(square, -0.5))], (exponent) => device.exp(exponent))],
      (bell) => device.scale(bell, 1 / Math.sqrt(2 * Math.PI)),
    )
    return using([below(device, x), using([density], (d) => device.mul(x, d))], (share, rest) =>
      device.add(share, rest),
    )
  },
)

/** Over the last axis: y (dy - sum(dy y)). */
export const softmax: Op = {
  saves: { inputs: [], output: true },
  forward: ({ device, inputs }) => ({ output: device.softmax(inputs[0]!) }),
  backward: ({ device, dy, output }) => ({ inputs: [softmaxGradient(device, output(), dy)], params: {} }),
}

export function softmaxGradient(device: Device, y: DeviceTensor, dy: DeviceTensor): DeviceTensor {
  const total = using([device.mul(dy, y)], (product) => device.sum(product, [y.shape.length - 1], true))
  return using([using([total], (t) => device.sub(dy, t))], (centred) => device.mul(y, centred))
}
