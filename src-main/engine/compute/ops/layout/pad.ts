// Zeros around an image. Attribute: padding, as four numbers (top, bottom, left, right).
import type { Op } from '#engine/compute/op.ts'
import { explicitPadding } from '#engine/compute/explicit-padding.ts'

export const pad: Op = {
  saves: { inputs: [], output: false },
  forward({ device, node, inputs }) {
    const { top, bottom, left, right } = explicitPadding(node, inputs[0]!.shape, 1)
    return {
      output: device.pad(inputs[0]!, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]),
    }
  },
  backward({ device, node, dy, inputShapes }) {
    const { top, left } = explicitPadding(node, inputShapes[0]!, 1)
    return { inputs: [device.slice(dy, [0, top, left, 0], inputShapes[0]!)], params: {} }
  },
}
