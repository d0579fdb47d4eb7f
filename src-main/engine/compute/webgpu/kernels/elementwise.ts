// Element by element: four at a time where tensors lie alike, else by strides.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { elementCount, showShape } from '#engine/compute/shape.ts'
import type { WebGpuCaller } from '#engine/compute/webgpu/runtime/caller.ts'
import { eachElement, groupsFor, kept, kernel } from '#engine/compute/webgpu/runtime/kernel.ts'
import { errorFunction, exponential, logarithm, power } from './maths.ts'
import { broadcastShape, collapsed, rowMajor, coordinates } from './strides.ts'

/** y = f(v), with two numbers `p.a` and `p.b`. */
const unaryKernel = kept((name: string, expression: string, functions: string) =>
  kernel({
    name,
    parameters: { count: 'u32', a: 'f32', b: 'f32' },
    reads: ['x: vec4<f32>'],
    writes: ['y: vec4<f32>'],
    body: `${functions}
fn f(v: f32) -> f32 { return ${expression}; }
${eachElement('p.count')}
  let v = x[i];
  y[i] = vec4<f32>(f(v.x), f(v.y), f(v.z), f(v.w));
}`,
  }),
)

/** Both tensors of one shape; or the second (or first) a single number. */
const alignedKernel = kept((name: string, expression: string, functions: string, single: 'a' | 'b' | 'none') =>
  kernel({
    name,
    parameters: { count: 'u32' },
    reads: ['left: vec4<f32>', 'right: vec4<f32>'],
    writes: ['y: vec4<f32>'],
    body: `${functions}
fn f(a: f32, b: f32) -> f32 { return ${expression}; }
${eachElement('p.count')}
  let a = ${single === 'a' ? 'vec4<f32>(left[0].x)' : 'left[i]'};
  let b = ${single === 'b' ? 'vec4<f32>(right[0].x)' : 'right[i]'};
  y[i] = vec4<f32>(f(a.x, b.x), f(a.y, b.y), f(a.z, b.z), f(a.w, b.w));
}`,
  }),
)

const stridedKernel = kept((name: string, expression: string, functions: string, rank: number) => {
  const { parameters, decode, flat } = coordinates(rank, ['a', 'b'])
  return kernel({
    name: `${name}, strided`,
    parameters: { count: 'u32', ...parameters },
    reads: ['left: f32', 'right: f32'],
    writes: ['y: f32'],
    body: `${functions}
fn f(a: f32, b: f32) -> f32 { return ${expression}; }
${eachElement('p.count')}
  ${decode}
  y[i] = f(left[${flat('a')}], right[${flat('b')}]);
}`,
  })
})

const sumKernel = kept((tensors: number) =>
  kernel({
    name: `sum of ${tensors}`,
    parameters: { count: 'u32' },
    reads: Array.from({ length: tensors }, (_, k) => `x${k}: vec4<f32>`),
    writes: ['y: vec4<f32>'],
    body: `${eachElement('p.count')}
  y[i] = ${Array.from({ length: tensors }, (_, k) => `x${k}[i]`).join(' + ')};
}`,
  }),
)

/** Names that say NaN too: a comparison with it is false. */
const unaries = {
  relu: ['select(v, 0.0, v < 0.0)', ''],
  neg: ['-v', ''],
  abs: ['abs(v)', ''],
  sign: ['sign(v)', ''],
  square: ['v * v', ''],
  sqrt: ['sqrt(v)', ''],
  exp: ['natural_exponential(v)', exponential],
  log: ['natural_logarithm(v)', logarithm],
  sigmoid: ['1.0 / (1.0 + natural_exponential(-v))', exponential],
  erf: ['error_function(v)', errorFunction],
  addScalar: ['v + p.a', ''],
  scale: ['v * p.a', ''],
  clip: ['select(select(v, p.a, v < p.a), p.b, v > p.b)', ''],
} as const

const binaries = {
  add: ['a + b', ''],
  sub: ['a - b', ''],
  mul: ['a * b', ''],
  div: ['a / b', ''],
  maximum: ['select(b, a, a > b || a != a)', ''],
  minimum: ['select(b, a, a < b || a != a)', ''],
  pow: ['power(a, b)', power],
  // The remainder has the sign of a.
  modulo: ['select(a % b, a % b + b, a % b < 0.0)', ''],
  reluGradient: ['select(0.0, a, b > 0.0)', ''],
} as const

export function elementwiseKernels(call: WebGpuCaller) {
  function unary(name: keyof typeof unaries, x: DeviceTensor, a = 0, b = 0): DeviceTensor {
    mustBeFloat(name, x)
    const count = Math.ceil(elementCount(x.shape) / 4)
    const [expression, functions] = unaries[name]
    return call.make(unaryKernel(name, expression, functions), [x], x.shape, { count, a, b }, groupsFor(count))
  }

  function binary(name: keyof typeof binaries, a: DeviceTensor, b: DeviceTensor): DeviceTensor {
    mustBeFloat(name, a, b)
    const [expression, functions] = binaries[name]
    const shape = broadcastShape(a.shape, b.shape)
    const elements = elementCount(shape)
    const [first, second] = [elementCount(a.shape), elementCount(b.shape)]
    const single = second === 1 ? 'b' : first === 1 ? 'a' : 'none'
    if (single !== 'none' || first === second) {
      const count = Math.ceil(elements / 4)
      const same = first === second ? 'none' : single
      return call.make(alignedKernel(name, expression, functions, same), [a, b], shape, { count }, groupsFor(count))
    }
    const { sizes, strides } = collapsed(shape, [rowMajor(a.shape, shape), rowMajor(b.shape, shape)])
    const { values } = coordinates(sizes.length, ['a', 'b'])
    return call.make(
      stridedKernel(name, expression, functions, sizes.length),
      [a, b],
      shape,
      { count: elements, ...values(sizes, { a: strides[0] ?? [], b: strides[1] ?? [] }) },
      groupsFor(elements),
    )
  }

  function addMany(tensors: readonly DeviceTensor[]): DeviceTensor {
    const most = call.mostBindings - 1
    const [first] = tensors
    if (!first) throw new RangeError('Nothing to add')
    mustBeFloat('addMany', ...tensors)
    const count = Math.ceil(elementCount(first.shape) / 4)
    const part = tensors.slice(0, most)
    const sum = call.make(sumKernel(part.length), part, first.shape, { count }, groupsFor(count))
    if (tensors.length <= most) return sum
    const total = addMany([sum, ...tensors.slice(most)])
    sum.dispose()
    return total
  }

  return {
    relu: (x) => unary('relu', x),
    neg: (x) => unary('neg', x),
    abs: (x) => unary('abs', x),
    sign: (x) => unary('sign', x),
    square: (x) => unary('square', x),
    sqrt: (x) => unary('sqrt', x),
    exp: (x) => unary('exp', x),
    log: (x) => unary('log', x),
    sigmoid: (x) => unary('sigmoid', x),
    erf: (x) => unary('erf', x),
    addScalar: (x, value) => unary('addScalar', x, value),
    scale: (x, factor) => unary('scale', x, factor),
    clip: (x, low, high) => unary('clip', x, low, high),
    reluGradient: (dy, y) => binary('reluGradient', dy, y),
    add: (a, b) => binary('add', a, b),
    sub: (a, b) => binary('sub', a, b),
    mul: (a, b) => binary('mul', a, b),
    div: (a, b) => binary('div', a, b),
    maximum: (a, b) => binary('maximum', a, b),
    minimum: (a, b) => binary('minimum', a, b),
    pow: (a, b) => binary('pow', a, b),
    modulo: (x, modulus) => binary('modulo', x, modulus),
    addMany,
  } satisfies Partial<Device>
}

/** Arithmetic of whole numbers is not there: their bits would be taken for floats. */
export function mustBeFloat(name: string, ...tensors: readonly DeviceTensor[]): void {
  for (const { dtype, shape } of tensors)
    if (dtype !== 'float32') throw new TypeError(`${name} takes no whole numbers (of shape ${showShape(shape)})`)
}
