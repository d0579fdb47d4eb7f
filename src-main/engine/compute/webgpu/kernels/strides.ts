// Where elements lie: shapes that broadcast, and loops over axes with a stride each, in as few axes as it takes.
import { showShape, type Shape } from '#engine/compute/shape.ts'

/** As in NumPy. */
export function broadcastShape(a: Shape, b: Shape): readonly number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[i + a.length - rank] ?? 1, b[i + b.length - rank] ?? 1]
    if (x !== y && x !== 1 && y !== 1) throw new RangeError(`Shapes ${showShape(a)} and ${showShape(b)} do not fit`)
    return x === 1 ? y : x
  })
}

/** Elements from one place to the next along each axis of `shape`, to which a row-major tensor of shape `own` is repeated. */
export function rowMajor(own: Shape, shape: Shape = own): number[] {
  const skipped = shape.length - own.length
  const strides = new Array<number>(shape.length).fill(0)
  let stride = 1
  for (let axis = own.length - 1; axis >= 0; axis--) {
    const size = own[axis] as number
    strides[axis + skipped] = size === 1 ? 0 : stride
    stride *= size
  }
  return strides
}

/** The same loops with axes of size 1 left out and those that follow on each other made one. At least one axis is left. */
export function collapsed(shape: Shape, strides: readonly (readonly number[])[]) {
  const sizes: number[] = []
  const steps = strides.map((): number[] => [])
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue
    const own = strides.map((of) => of[axis] as number)
    const last = sizes.length - 1
    if (last >= 0 && own.every((step, i) => steps[i]?.[last] === step * size)) {
      sizes[last] = (sizes[last] as number) * size
      for (const [i, step] of own.entries()) (steps[i] as number[])[last] = step
    } else {
      sizes.push(size)
      for (const [i, step] of own.entries()) steps[i]?.push(step)
    }
  }
  if (sizes.length === 0) return { sizes: [1], strides: strides.map(() => [0]) }
  return { sizes, strides: steps }
}

/** WGSL that takes the number `i` of an element apart into `c0`, `c1` … and puts it together with the strides of each of `tensors`. */
export function coordinates(rank: number, tensors: readonly string[]) {
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  const parameters: Record<string, 'u32' | 'i32'> = {}
  for (const axis of axes) parameters[`size${axis}`] = 'u32'
  for (const tensor of tensors) for (const axis of axes) parameters[`${tensor}${axis}`] = 'i32'
  const decode = axes
    .toReversed()
    .map((axis) =>
      axis === 0 ? 'let c0 = i32(rest);' : `let c${axis} = i32(rest % p.size${axis}); rest = rest / p.size${axis};`,
    )
  return {
    parameters,
    decode: `var rest = i;\n  ${decode.join('\n  ')}`,
    flat: (tensor: string) => axes.map((axis) => `c${axis} * p.${tensor}${axis}`).join(' + '),
    values: (
      sizes: readonly number[],
      strides: Readonly<Record<string, readonly number[]>>,
    ): Record<string, number> => {
      const all: Record<string, number> = {}
      for (const axis of axes) all[`size${axis}`] = sizes[axis] as number
      for (const [tensor, steps] of Object.entries(strides))
        for (const axis of axes) all[`${tensor}${axis}`] = steps[axis] as number
      return all
    },
  }
}
