// The straight line that hard sigmoid and hard swish put in the place of the sigmoid (Howard et al., ICCV 2019).
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import type { OnnxNodeWriter } from '#engine/compute/ops/formats/onnx.ts'
import type { TfjsNodeWriter } from '#engine/compute/ops/formats/tfjs.ts'
import { inside, number, using } from './pointwise.ts'

/** clip(alpha x + beta, 0, 1); alpha 1/6, beta 1/2 as PyTorch has them. */
export const hardGate = (device: Device, x: DeviceTensor, node: GraphNode): DeviceTensor =>
  using(
    [
      using([device.scale(x, number(node, 'alpha', 1 / 6))], (scaled) =>
        device.addScalar(scaled, number(node, 'beta', 0.5)),
      ),
    ],
    (line) => device.clip(line, 0, 1),
  )

export const hardSlope = (device: Device, x: DeviceTensor, node: GraphNode): DeviceTensor =>
  using([using([hardGate(device, x, node)], (gate) => inside(device, gate, 0, 1))], (mask) =>
    device.scale(mask, number(node, 'alpha', 1 / 6)),
  )

export const writeOnnxGate = (w: OnnxNodeWriter, output: string): string =>
  w.emit('HardSigmoid', [w.x], output, {
    alpha: { float: w.number('alpha', 1 / 6) },
    beta: { float: w.number('beta', 0.5) },
  })

export function writeTfjsGate(w: TfjsNodeWriter): string {
  const { name } = w
  const line = w.emit('AddV2', `${name} line`, [
    w.emit('Mul', `${name} slope`, [w.x, w.scalar(`${name} alpha`, w.number('alpha', 1 / 6))]),
    w.scalar(`${name} beta`, w.number('beta', 0.5)),
  ])
  return w.emit('ClipByValue', `${name} gate`, [line, w.scalar(`${name} zero`, 0), w.scalar(`${name} one`, 1)])
}
