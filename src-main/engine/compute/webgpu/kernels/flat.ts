// Many tensors in one: packed into a flat one, and cut out of it again without a copy where the places allow it. Small constants are made once.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { elementCount } from '#engine/compute/shape.ts'
import type { WebGpuCaller } from '#engine/compute/webgpu/runtime/caller.ts'
import { eachElement, groupsFor, kept, kernel } from '#engine/compute/webgpu/runtime/kernel.ts'
import type { WebGpuTensor } from '#engine/compute/webgpu/runtime/tensor.ts'
import { mustBeFloat } from './elementwise.ts'

/** A stretch of the result from several tensors, each at its place, and zeros between. */
const packKernel = kept((tensors: number) => {
  const each = Array.from({ length: tensors }, (_, k) => k)
  return kernel({
    name: `pack ${tensors}`,
    parameters: {
      count: 'u32',
      first: 'u32',
      ...Object.fromEntries(each.flatMap((k) => [`at${k}`, `size${k}`].map((name) => [name, 'u32' as const]))),
    },
    reads: each.map((k) => `x${k}: u32`),
    writes: ['y: u32'],
    body: `${eachElement('p.count')}
  var value = 0u;
  ${each.map((k) => `if (i >= p.at${k} && i - p.at${k} < p.size${k}) { value = x${k}[i - p.at${k}]; }`).join('\n  ')}
  y[p.first + i] = value;
}`,
  })
})

interface Piece {
  readonly tensor: DeviceTensor
  /** In the result. */
  readonly at: number
  readonly size: number
}

/** Constants that are kept. */
const mostConstants = 512

export function flatKernels(call: WebGpuCaller, views: Pick<Device, 'slice' | 'reshape'>) {
  const constants = new Map<string, WebGpuTensor>()

  /** The same for the same values; the least recently used goes. */
  function constant(values: readonly number[], shape: readonly number[]): DeviceTensor {
    const key = `${shape.join()}:${values.join()}`
    const found = constants.get(key)
    if (found) constants.delete(key)
    const tensor = found ?? call.lent(Float32Array.from(values), shape)
    constants.set(key, tensor)
    const [oldest] = constants
    if (constants.size > mostConstants && oldest) {
      constants.delete(oldest[0])
      oldest[1].dispose()
    }
    return tensor
  }

  function pack(parts: readonly (DeviceTensor | number)[], width: number): DeviceTensor {
    const pieces: Piece[] = []
    let total = 0
    for (const part of parts) {
      const size = typeof part === 'number' ? part : elementCount(part.shape)
      if (typeof part !== 'number') {
        mustBeFloat('pack', part)
        if (size > 0) pieces.push({ tensor: part, at: total, size })
      }
      total += size
    }
    if (total % width !== 0) throw new RangeError(`${total} elements are no rows of ${width}`)
    const y = call.empty([total / width, width])
    const most = Math.min(call.mostBindings - 1, 11)
    // Zeros belong to the stretch of the piece before them.
    for (let k = 0; k === 0 || k < pieces.length; k += most) {
      const some = pieces.slice(k, k + most)
      const first = k === 0 ? 0 : (some[0]?.at ?? 0)
      const count = (pieces[k + most]?.at ?? total) - first
      const values = Object.fromEntries(
        some.flatMap(({ at, size }, i) => [
          [`at${i}`, at - first],
          [`size${i}`, size],
        ]),
      )
      call.into(
        packKernel(some.length),
        some.map(({ tensor }) => tensor),
        [y],
        { count, first, ...values },
        groupsFor(count),
      )
    }
    return y
  }

  function unpack(
    flat: DeviceTensor,
    sizes: readonly number[],
    shapes: readonly (readonly number[] | null)[],
  ): (DeviceTensor | null)[] {
    const line = views.reshape(flat, [elementCount(flat.shape)])
    let at = 0
    const pieces = sizes.map((size, i) => {
      const shape = shapes[i]
      const begin = at
      at += size
      if (!shape) return null
      const piece = views.slice(line, [begin], [size])
      const shaped = views.reshape(piece, shape)
      piece.dispose()
      return shaped
    })
    line.dispose()
    return pieces
  }

  return { constant, pack, unpack } satisfies Partial<Device>
}
