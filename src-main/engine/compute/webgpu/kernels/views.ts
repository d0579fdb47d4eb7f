// What moves elements without changing them, as 32 bits each. A reshape shares its tensor's memory.
import { PalmError } from '#contract/errors.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { elementCount, showShape } from '#engine/compute/shape.ts'
import type { WebGpuCaller } from '#engine/compute/webgpu/runtime/caller.ts'
import { eachElement, groupsFor, kept, kernel, threads } from '#engine/compute/webgpu/runtime/kernel.ts'
import type { WebGpuTensor } from '#engine/compute/webgpu/runtime/tensor.ts'
import { collapsed, coordinates, rowMajor } from './strides.ts'

const fillKernel = kernel({
  name: 'fill',
  parameters: { count: 'u32', value: 'f32' },
  reads: [],
  writes: ['y: f32'],
  body: `${eachElement('p.count')}
  y[i] = p.value;
}`,
})

/** y[i] = x[start + c0 x0 + c1 x1 + …] */
const stridedCopy = kept((rank: number) => {
  const { parameters, decode, flat } = coordinates(rank, ['x'])
  return kernel({
    name: `copy by strides, ${rank} axes`,
    parameters: { count: 'u32', start: 'i32', ...parameters },
    reads: ['x: u32'],
    writes: ['y: u32'],
    body: `${eachElement('p.count')}
  ${decode}
  y[i] = x[p.start + ${flat('x')}];
}`,
  })
})

/** An axis of `placed`: where the input's elements lie along it. */
interface Place {
  readonly size: number
  readonly begin: number
  readonly step: number
  readonly inner: number
}

/** Zeros, with the elements of x at begin + step * place along each axis. */
const placedKernel = kept((rank: number) => {
  const { parameters, decode } = coordinates(rank, [])
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  const more = Object.fromEntries(
    axes.flatMap((axis) => [`begin${axis}`, `step${axis}`, `inner${axis}`].map((name) => [name, 'i32' as const])),
  )
  const test = axes.map(
    (axis) => `
  let d${axis} = c${axis} - p.begin${axis};
  let q${axis} = d${axis} / p.step${axis};
  inside = inside && d${axis} >= 0 && q${axis} * p.step${axis} == d${axis} && q${axis} < p.inner${axis};
  flat = flat * p.inner${axis} + q${axis};`,
  )
  return kernel({
    name: `placed among zeros, ${rank} axes`,
    parameters: { count: 'u32', ...parameters, ...more },
    reads: ['x: u32'],
    writes: ['y: u32'],
    body: `${eachElement('p.count')}
  ${decode}
  var inside = true;
  var flat = 0;${test.join('')}
  y[i] = select(0u, x[select(0, flat, inside)], inside);
}`,
  })
})

const mirrorKernel = kept((rank: number) => {
  const { parameters, decode, flat } = coordinates(rank, ['x'])
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  const more = Object.fromEntries(
    axes.flatMap((axis) => [`before${axis}`, `inner${axis}`].map((name) => [name, 'i32' as const])),
  )
  return kernel({
    name: `mirrored, ${rank} axes`,
    parameters: { count: 'u32', edge: 'i32', ...parameters, ...more },
    reads: ['x: u32'],
    writes: ['y: u32'],
    body: `
fn mirror(place: i32, side: i32) -> i32 {
  if (place < 0) { return -place - 1 + p.edge; }
  if (place >= side) { return 2 * side - place - 1 - p.edge; }
  return place;
}
${eachElement('p.count')}
  ${decode.replaceAll(/let (c\d)/g, 'var $1')}
  ${axes.map((axis) => `c${axis} = mirror(c${axis} - p.before${axis}, p.inner${axis});`).join(' ')}
  y[i] = x[${flat('x')}];
}`,
  })
})

/** Columns of several tensors of `rows` rows beside each other; y has others besides. */
const joinKernel = kept((tensors: number) => {
  const each = Array.from({ length: tensors }, (_, k) => k)
  return kernel({
    name: `join ${tensors}`,
    parameters: {
      count: 'u32',
      columns: 'u32',
      first: 'u32',
      width: 'u32',
      ...Object.fromEntries(each.map((k) => [`width${k}`, 'u32' as const])),
    },
    reads: each.map((k) => `x${k}: u32`),
    writes: ['y: u32'],
    body: `${eachElement('p.count')}
  let row = i / p.width;
  let column = i - row * p.width;
  var rest = column;
  let place = row * p.columns + p.first + column;
  ${each.map((k) => `if (rest < p.width${k}) { y[place] = x${k}[row * p.width${k} + rest]; return; } rest = rest - p.width${k};`).join('\n  ')}
}`,
  })
})

const gatherKernel = kernel({
  name: 'gather',
  parameters: { count: 'u32', picked: 'u32', inner: 'u32', size: 'u32' },
  reads: ['x: u32', 'indices: i32'],
  writes: ['y: u32'],
  body: `${eachElement('p.count')}
  let column = i % p.inner;
  let rest = i / p.inner;
  let place = indices[rest % p.picked];
  let inside = place >= 0 && u32(place) < p.size;
  // What is beyond is no number, so that nobody takes it for one.
  y[i] = select(0x7fc00000u, x[((rest / p.picked) * p.size + u32(max(place, 0))) * p.inner + column], inside);
}`,
})

export function viewKernels(call: WebGpuCaller) {
  /** x at `start`, and from there by `strides` along the axes of `shape`. */
  function strided(x: DeviceTensor, shape: readonly number[], start: number, strides: readonly number[]): DeviceTensor {
    const { sizes, strides: steps } = collapsed(shape, [strides])
    const [own = []] = steps
    const count = elementCount(shape)
    const straight = sizes.length === 1 && (own[0] === 1 || count === 1)
    if (straight && (4 * start) % call.alignment === 0) return (x as WebGpuTensor).view(shape, 4 * start)
    const values = { count, start, ...coordinates(sizes.length, ['x']).values(sizes, { x: own }) }
    return call.make(stridedCopy(sizes.length), [x], shape, values, groupsFor(count), x.dtype)
  }

  function stridedSlice(
    x: DeviceTensor,
    begin: readonly number[],
    end: readonly number[],
    strides: readonly number[],
  ): DeviceTensor {
    const own = rowMajor(x.shape)
    const shape = begin.map((from, axis) => Math.ceil(((end[axis] as number) - from) / (strides[axis] as number)))
    const start = begin.reduce((sum, from, axis) => sum + from * (own[axis] as number), 0)
    return strided(
      x,
      shape,
      start,
      own.map((stride, axis) => stride * (strides[axis] as number)),
    )
  }

  function placed(x: DeviceTensor, shape: readonly number[], begin: readonly number[], steps: readonly number[]) {
    const places: Place[] = []
    for (const [axis, size] of shape.entries()) {
      const one = { size, begin: begin[axis] as number, step: steps[axis] as number, inner: x.shape[axis] as number }
      const last = places.at(-1)
      // An axis that is whole belongs to the one before it.
      if (last?.step === 1 && one.begin === 0 && one.step === 1 && one.inner === size)
        places[places.length - 1] = {
          size: last.size * size,
          begin: last.begin * size,
          step: 1,
          inner: last.inner * size,
        }
      else places.push(one)
    }
    const values: Record<string, number> = { count: elementCount(shape) }
    for (const [axis, { size, begin: from, step, inner }] of places.entries())
      Object.assign(values, {
        [`size${axis}`]: size,
        [`begin${axis}`]: from,
        [`step${axis}`]: step,
        [`inner${axis}`]: inner,
      })
    return call.make(
      placedKernel(places.length),
      [x],
      shape,
      values as Record<string, number> & { count: number },
      groupsFor(elementCount(shape)),
      x.dtype,
    )
  }

  function mirrored(x: DeviceTensor, pads: readonly (readonly [number, number])[], edge: number): DeviceTensor {
    const shape = x.shape.map((size, axis) => size + (pads[axis]?.[0] ?? 0) + (pads[axis]?.[1] ?? 0))
    const rank = shape.length
    const values: Record<string, number> = coordinates(rank, ['x']).values(shape, { x: rowMajor(x.shape) })
    for (const [axis, size] of x.shape.entries())
      Object.assign(values, { [`before${axis}`]: pads[axis]?.[0] ?? 0, [`inner${axis}`]: size })
    const count = elementCount(shape)
    return call.make(mirrorKernel(rank), [x], shape, { ...values, count, edge }, groupsFor(count), x.dtype)
  }

  function concat(tensors: readonly DeviceTensor[], axis: number): DeviceTensor {
    const [first] = tensors
    if (!first) throw new RangeError('Nothing to join')
    const rows = elementCount(first.shape.slice(0, axis))
    const widths = tensors.map(({ shape }) => elementCount(shape.slice(axis)))
    const columns = widths.reduce((sum, width) => sum + width, 0)
    const side = tensors.reduce((sum, { shape }) => sum + (shape[axis] as number), 0)
    const y = call.empty(first.shape.with(axis, side), first.dtype)
    const most = Math.min(call.mostBindings - 1, 11)
    let column = 0
    for (let from = 0; from < tensors.length; from += most) {
      const some = widths.slice(from, from + most)
      const width = some.reduce((sum, one) => sum + one, 0)
      const values = Object.fromEntries(some.map((one, k) => [`width${k}`, one]))
      call.into(
        joinKernel(some.length),
        tensors.slice(from, from + most),
        [y],
        { count: rows * width, columns, first: column, width, ...values },
        groupsFor(rows * width),
      )
      column += width
    }
    return y
  }

  return {
    fill: (shape, value) => {
      const count = elementCount(shape)
      return call.make(fillKernel, [], shape, { count, value }, groupsFor(count, threads))
    },
    reshape(x, shape) {
      if (elementCount(shape) !== elementCount(x.shape))
        throw new PalmError('internal', `${showShape(x.shape)} cannot be seen as ${showShape(shape)}.`)
      return (x as WebGpuTensor).view(shape)
    },
    transpose(x, order) {
      const own = rowMajor(x.shape)
      return strided(
        x,
        order.map((axis) => x.shape[axis] as number),
        0,
        order.map((axis) => own[axis] as number),
      )
    },
    slice: (x, begin, size) =>
      stridedSlice(
        x,
        begin,
        begin.map((from, axis) => from + (size[axis] as number)),
        begin.map(() => 1),
      ),
    stridedSlice,
    stridedSliceGradient: (inputShape, dy, begin, _end, strides) => placed(dy, inputShape, begin, strides),
    pad(x, pads, mode = 'constant') {
      if (mode !== 'constant') return mirrored(x, pads, mode === 'reflect' ? 1 : 0)
      const shape = x.shape.map((size, axis) => size + (pads[axis]?.[0] ?? 0) + (pads[axis]?.[1] ?? 0))
      return placed(
        x,
        shape,
        x.shape.map((_, axis) => pads[axis]?.[0] ?? 0),
        x.shape.map(() => 1),
      )
    },
    concat,
    gather(x, indices, axis) {
      const [outer, size, inner] = [x.shape.slice(0, axis), x.shape[axis] as number, x.shape.slice(axis + 1)]
      const shape = [...outer, ...indices.shape, ...inner]
      const count = elementCount(shape)
      const values = { count, picked: elementCount(indices.shape), inner: elementCount(inner), size }
      return call.make(gatherKernel, [x, indices], shape, values, groupsFor(count), x.dtype)
    },
    reverse(x, axes) {
      const own = rowMajor(x.shape)
      const start = axes.reduce((sum, axis) => sum + (own[axis] as number) * ((x.shape[axis] as number) - 1), 0)
      return strided(
        x,
        x.shape,
        start,
        own.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
      )
    },
  } satisfies Partial<Device>
}
