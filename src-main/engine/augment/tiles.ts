// Images cut into side x side tiles, and the tiles put together in another order.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

/**
 * x: [N, H, W, C], stays the caller's; new tile k of image n is its old tile orders[n][k], tiles row by row. Sizes that the side does not divide are
 * scaled to the next multiple before and back after.
 */
export function shuffleTiles(
  device: Device,
  x: DeviceTensor,
  side: number,
  orders: readonly (readonly number[])[],
): DeviceTensor {
  const [n = 0, height = 0, width = 0, channels = 0] = x.shape
  const h = Math.ceil(height / side)
  const w = Math.ceil(width / side)
  const fits = h * side === height && w * side === width
  const whole = fits ? x : scaled(device, x, h * side, w * side)
  const cut = device.reshape(whole, [n, side, h, side, w, channels])
  const tiles = device.transpose(cut, [0, 1, 3, 2, 4, 5])
  const flat = device.reshape(tiles, [n * side * side, h * w * channels])
  const indices = device.fromArray(
    Int32Array.from(orders.flatMap((order, i) => order.map((tile) => i * side * side + tile))),
    [n * side * side],
  )
  const moved = device.gather(flat, indices, 0)
  const grid = device.reshape(moved, [n, side, side, h, w, channels])
  const rows = device.transpose(grid, [0, 1, 3, 2, 4, 5])
  const result = device.reshape(rows, [n, h * side, w * side, channels])
  for (const tensor of [cut, tiles, flat, indices, moved, grid, rows]) tensor.dispose()
  if (fits) return result
  const back = scaled(device, result, height, width)
  whole.dispose()
  result.dispose()
  return back
}

function scaled(device: Device, x: DeviceTensor, height: number, width: number): DeviceTensor {
  const [, h = 0, w = 0] = x.shape
  const sx = w / width
  const sy = h / height
  return device.affine(x, [sx, 0, (sx - 1) / 2, 0, sy, (sy - 1) / 2], height, width)
}
