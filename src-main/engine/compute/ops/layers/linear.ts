// Fully connected layer over the last axis: x [..., in] · weight [in, out] + bias [out], which may be absent.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { Op } from '#engine/compute/op.ts'

/** x as rows; the same tensor when it already is. */
function asRows(device: Device, x: DeviceTensor): DeviceTensor {
  const last = x.shape.at(-1) ?? 1
  return x.shape.length === 2
    ? x
    : device.reshape(x, [x.shape.slice(0, -1).reduce((product, size) => product * size, 1), last])
}

function shaped(device: Device, rows: DeviceTensor, shape: readonly number[]): DeviceTensor {
  if (shape.length === 2) return rows
  const result = device.reshape(rows, shape)
  rows.dispose()
  return result
}

export const linear: Op = {
  saves: { inputs: [0], output: false },
  forward({ device, node, inputs, param }) {
    const x = inputs[0]!
    const rows = asRows(device, x)
    let y = device.matMul(rows, param('weight'))
    if (rows !== x) rows.dispose()
    if (node.params.bias !== undefined) {
      const product = y
      y = device.add(product, param('bias'))
      product.dispose()
    }
    return { output: shaped(device, y, [...x.shape.slice(0, -1), y.shape[1] ?? 0]) }
  },
  backward({ device, dy, input, inputShapes, param, wantsInput, wantsParam }) {
    const rows = asRows(device, dy)
    const dx = wantsInput(0) ? shaped(device, device.matMul(rows, param('weight'), false, true), inputShapes[0]!) : null
    const params: Record<string, DeviceTensor> = {}
    if (wantsParam('weight')) {
      const x = asRows(device, input(0))
      params.weight = device.matMul(x, rows, true, false)
      if (x !== input(0)) x.dispose()
    }
    if (wantsParam('bias')) params.bias = device.sum(rows, [0])
    if (rows !== dy) rows.dispose()
    return { inputs: [dx], params }
  },
}
