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

/** Elements of x that begin at each `from`, at each `to` of the result: what lies between is nobody's. */
const alignKernel = kept((pieces: number) => {
  const each = Array.from({ length: pieces }, (_, k) => k)
  return kernel({
    name: `align ${pieces}`,
    parameters: {
      count: 'u32',
      first: 'u32',
      ...Object.fromEntries(each.flatMap((k) => [`from${k}`, `to${k}`].map((name) => [name, 'u32' as const]))),
    },
    reads: ['x: u32'],
    writes: ['y: u32'],
    body: `${eachElement('p.count')}
  var source = p.from0 + i;
  ${each
    .slice(1)
    .map((k) => `if (i >= p.to${k}) { source = p.from${k} + (i - p.to${k}); }`)
    .join('\n  ')}
  y[p.first + i] = x[source];
}`,
  })
})
/** Of one launch. */
const mostAligned = 30

interface Piece {
  readonly tensor: DeviceTensor
  /** In the result. */
  readonly at: number
  readonly size: number
}

/** Constants that are kept. */
const mostConstants = 512

export function flatKernels(call: WebGpuCaller) {
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
    const words = call.alignment / 4
    const wanted: { readonly index: number; readonly from: number; readonly size: number }[] = []
    let at = 0
    for (const [index, size] of sizes.entries()) {
      if (shapes[index]) wanted.push({ index, from: at, size })
      at += size
    }
    const straight = wanted.every(({ from }) => from % words === 0)
    const [source, places] = straight
      ? [(flat as WebGpuTensor).view(flat.shape), wanted.map(({ from }) => from)]
      : aligned(flat, wanted, words)
    const pieces: (DeviceTensor | null)[] = sizes.map(() => null)
    for (const [k, { index }] of wanted.entries())
      pieces[index] = source.view(shapes[index] as readonly number[], 4 * (places[k] as number))
    source.dispose()
    return pieces
  }

  /** The pieces where a view of each may begin, in one buffer. */
  function aligned(
    flat: DeviceTensor,
    wanted: readonly { readonly from: number; readonly size: number }[],
    words: number,
  ): [WebGpuTensor, number[]] {
    const places: number[] = []
    let total = 0
    for (const { size } of wanted) {
      places.push(total)
      total += Math.ceil(size / words) * words
    }
    const whole = call.empty([total])
    for (let k = 0; k < wanted.length; k += mostAligned) {
      const some = wanted.slice(k, k + mostAligned)
      const first = places[k] as number
      const count = (places[k + mostAligned] ?? total) - first
      const values = Object.fromEntries(
        some.flatMap(({ from }, i) => [
          [`from${i}`, from],
          [`to${i}`, (places[k + i] as number) - first],
        ]),
      )
      call.into(alignKernel(some.length), [flat], [whole], { count, first, ...values }, groupsFor(count))
    }
    return [whole, places]
  }

  return { constant, pack, unpack } satisfies Partial<Device>
}
