// What the device's operations are by definition, in double precision and with plain loops: slow, short, and without a kernel of anybody's. Row-major.
import { elementCount } from '#engine/compute/shape.ts'
import type { ConvOptions, PoolOptions } from '#engine/compute/device.ts'

export interface Numbers {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

export const zeros = (shape: readonly number[]): Numbers => ({ shape, data: new Float64Array(elementCount(shape)) })

export const mapped = ({ shape, data }: Numbers, of: (value: number) => number): Numbers => ({
  shape,
  data: data.map((value) => of(value)),
})

const at = ({ data }: Numbers, index: number): number => data[index] as number
const size = ({ shape }: Numbers, axis: number): number => shape[axis] as number

function plus({ data }: Numbers, index: number, value: number): void {
  data[index] = (data[index] as number) + value
}

/** Every index of `shape` in row order. */
export function* indices(shape: readonly number[]): Generator<readonly number[]> {
  const count = elementCount(shape)
  for (let flat = 0; flat < count; flat++) {
    let rest = flat
    yield shape
      .toReversed()
      .map((n) => {
        const place = rest % n
        rest = (rest - place) / n
        return place
      })
      .reverse()
  }
}

/** Where an index lies in a tensor of `shape`; axes of size 1 and missing ones in front repeat, as in NumPy. */
export function flatOf(shape: readonly number[], index: readonly number[]): number {
  const skipped = index.length - shape.length
  return shape.reduce((flat, n, axis) => flat * n + (n === 1 ? 0 : (index[axis + skipped] as number)), 0)
}

/** A tensor of `shape` whose elements are `of` their index. */
export function filled(shape: readonly number[], of: (index: readonly number[]) => number): Numbers {
  return { shape, data: Float64Array.from(indices(shape), of) }
}

export const joined = (a: Numbers, b: Numbers, shape: readonly number[], of: (a: number, b: number) => number) =>
  filled(shape, (index) => of(at(a, flatOf(a.shape, index)), at(b, flatOf(b.shape, index))))

/** Products of the last two axes; axes before them are those of both. */
export function product(a: Numbers, b: Numbers, transposeA: boolean, transposeB: boolean): Numbers {
  const before = a.shape.slice(0, -2)
  const sides = (shape: readonly number[], turned: boolean) => (turned ? shape.slice(-2).reverse() : shape.slice(-2))
  const [rows = 0, inner = 0] = sides(a.shape, transposeA)
  const [, columns = 0] = sides(b.shape, transposeB)
  return filled([...before, rows, columns], (index) => {
    const [i = 0, j = 0] = index.slice(-2)
    const where = index.slice(0, -2)
    let sum = 0
    for (let k = 0; k < inner; k++)
      sum +=
        at(a, flatOf(a.shape, [...where, ...(transposeA ? [k, i] : [i, k])])) *
        at(b, flatOf(b.shape, [...where, ...(transposeB ? [j, k] : [k, j])]))
    return sum
  })
}

/** Output side along one axis. */
const outputSide = (input: number, before: number, after: number, taps: number, stride: number, dilation: number) =>
  Math.floor((input + before + after - dilation * (taps - 1) - 1) / stride) + 1

export type Convolution = 'grouped' | 'depthwise'

function convolvedShape(kind: Convolution, x: readonly number[], weight: readonly number[], options: ConvOptions) {
  const [n = 0, h = 0, w = 0, c = 0] = x
  const [kh = 0, kw = 0, , last = 0] = weight
  const { stride, padding, dilation = 1 } = options
  const side = (input: number, before: number, after: number, taps: number) =>
    outputSide(input, before, after, taps, stride, dilation)
  const out = kind === 'depthwise' ? c * last : last
  return [n, side(h, padding.top, padding.bottom, kh), side(w, padding.left, padding.right, kw), out]
}

/** Every product of a convolution: where its factors and its sum lie. */
function eachTap(
  kind: Convolution,
  x: readonly number[],
  weight: readonly number[],
  options: ConvOptions,
  work: (x: number, weight: number, y: number) => void,
): void {
  const shape = convolvedShape(kind, x, weight, options)
  const [, h = 0, w = 0, c = 0] = x
  const [kh = 0, kw = 0, third = 0, last = 0] = weight
  const { stride, padding, dilation = 1 } = options
  const outputsInGroup = last / (c / third)
  for (const index of indices(shape)) {
    const [n = 0, row = 0, column = 0, o = 0] = index
    const y = flatOf(shape, index)
    for (const [ky = 0, kx = 0] of indices([kh, kw])) {
      const top = row * stride + ky * dilation - padding.top
      const left = column * stride + kx * dilation - padding.left
      if (top < 0 || top >= h || left < 0 || left >= w) continue
      if (kind === 'depthwise') {
        const channel = Math.floor(o / last)
        work(flatOf(x, [n, top, left, channel]), flatOf(weight, [ky, kx, channel, o % last]), y)
      } else {
        const first = Math.floor(o / outputsInGroup) * third
        for (let i = 0; i < third; i++) work(flatOf(x, [n, top, left, first + i]), flatOf(weight, [ky, kx, i, o]), y)
      }
    }
  }
}

export function convolved(kind: Convolution, x: Numbers, weight: Numbers, options: ConvOptions): Numbers {
  const y = zeros(convolvedShape(kind, x.shape, weight.shape, options))
  eachTap(kind, x.shape, weight.shape, options, (a, b, c) => plus(y, c, at(x, a) * at(weight, b)))
  return y
}

export function convolvedGradients(kind: Convolution, x: Numbers, weight: Numbers, dy: Numbers, options: ConvOptions) {
  const [dx, dWeight] = [zeros(x.shape), zeros(weight.shape)]
  eachTap(kind, x.shape, weight.shape, options, (a, b, c) => {
    plus(dx, a, at(weight, b) * at(dy, c))
    plus(dWeight, b, at(x, a) * at(dy, c))
  })
  return { dx, dWeight }
}

/** Largest or mean of each window, and what the gradient gives back. Padding wins no maximum. */
export function pooled(kind: 'max' | 'mean', x: Numbers, { size: side, stride, padding }: PoolOptions, dy?: Numbers) {
  const [n = 0, h = 0, w = 0, c = 0] = x.shape
  const y = zeros([
    n,
    outputSide(h, padding.top, padding.bottom, side, stride, 1),
    outputSide(w, padding.left, padding.right, side, stride, 1),
    c,
  ])
  const dx = zeros(x.shape)
  for (const index of indices(y.shape)) {
    const [image = 0, row = 0, column = 0, channel = 0] = index
    const places: number[] = []
    for (const [ky = 0, kx = 0] of indices([side, side])) {
      const [top, left] = [row * stride + ky - padding.top, column * stride + kx - padding.left]
      if (top >= 0 && top < h && left >= 0 && left < w) places.push(flatOf(x.shape, [image, top, left, channel]))
    }
    const to = flatOf(y.shape, index)
    const behind = dy ? at(dy, to) : 0
    if (kind === 'mean') {
      plus(y, to, places.reduce((sum, place) => sum + at(x, place), 0) / side ** 2)
      for (const place of places) plus(dx, place, behind / side ** 2)
    } else {
      const best = places.reduce((most, place) => (at(x, place) > at(x, most) ? place : most))
      plus(y, to, at(x, best))
      plus(dx, best, behind)
    }
  }
  return { y, dx }
}

/** Mean and biased variance of every channel (the last axis), with batch norm and its gradient through both (Ioffe and Szegedy, 2015). */
export function normalized(x: Numbers, scale: Numbers, offset: Numbers, epsilon: number, dy: Numbers) {
  const channels = x.shape.at(-1) ?? 0
  const count = x.data.length / channels
  const perChannel = (of: (index: number, channel: number) => number): Numbers => {
    const sums = zeros([channels])
    for (let i = 0; i < x.data.length; i++) plus(sums, i % channels, of(i, i % channels))
    return sums
  }
  const mean = mapped(
    perChannel((i) => at(x, i)),
    (sum) => sum / count,
  )
  const variance = mapped(
    perChannel((i, c) => (at(x, i) - at(mean, c)) ** 2),
    (sum) => sum / count,
  )
  const inverse = mapped(variance, (value) => 1 / Math.sqrt(value + epsilon))
  const hat = (i: number, c: number) => (at(x, i) - at(mean, c)) * at(inverse, c)
  const dOffset = perChannel((i) => at(dy, i))
  const dScale = perChannel((i, c) => at(dy, i) * hat(i, c))
  const each = (of: (i: number, c: number) => number): Numbers => ({
    shape: x.shape,
    data: x.data.map((_, i) => of(i, i % channels)),
  })
  return {
    mean,
    variance,
    y: each((i, c) => at(scale, c) * hat(i, c) + at(offset, c)),
    dScale,
    dOffset,
    dx: each(
      (i, c) =>
        at(scale, c) * at(inverse, c) * (at(dy, i) - at(dOffset, c) / count - (hat(i, c) * at(dScale, c)) / count),
    ),
  }
}

/** Along the last axis. */
export function softened(x: Numbers, log: boolean): Numbers {
  const classes = x.shape.at(-1) ?? 1
  return {
    shape: x.shape,
    data: x.data.map((value, i) => {
      const row = x.data.subarray(i - (i % classes), i - (i % classes) + classes)
      const total = row.reduce((sum, one) => sum + Math.exp(one), 0)
      return log ? value - Math.log(total) : Math.exp(value) / total
    }),
  }
}

/** By its series, which is exact enough within 3. */
export function erf(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

/** NHWC images read at (a0 x + a1 y + a2, b0 x + b1 y + b2), between four pixels; beyond the edge, the edge. */
export function resampled(images: Numbers, transform: readonly number[], height: number, width: number): Numbers {
  const [a0 = 0, a1 = 0, a2 = 0, b0 = 0, b1 = 0, b2 = 0] = transform
  const [rows, columns] = [size(images, 1), size(images, 2)]
  const within = (place: number, side: number) => Math.min(Math.max(place, 0), side - 1)
  return filled([size(images, 0), height, width, size(images, 3)], ([n = 0, row = 0, column = 0, c = 0]) => {
    const x = within(a0 * column + a1 * row + a2, columns)
    const y = within(b0 * column + b1 * row + b2, rows)
    const [left, top] = [Math.floor(x), Math.floor(y)]
    const pixel = (i: number, j: number) =>
      at(images, flatOf(images.shape, [n, within(i, rows), within(j, columns), c]))
    const line = (i: number) => (1 - (x - left)) * pixel(i, left) + (x - left) * pixel(i, left + 1)
    return (1 - (y - top)) * line(top) + (y - top) * line(top + 1)
  })
}

const triples = (images: Numbers, of: (a: number, b: number, c: number) => readonly [number, number, number]) => ({
  shape: images.shape,
  data: Float64Array.from({ length: images.data.length / 3 }, (_, i) => i).reduce((out, i) => {
    out.set(of(at(images, 3 * i), at(images, 3 * i + 1), at(images, 3 * i + 2)), 3 * i)
    return out
  }, new Float64Array(images.data.length)),
})

/** Hue, saturation and value in [0, 1]. */
export const hsvOf = (images: Numbers): Numbers =>
  triples(images, (r, g, b) => {
    const value = Math.max(r, g, b)
    const range = value - Math.min(r, g, b)
    const turn = value === r ? (g - b) / range : value === g ? (b - r) / range + 2 : (r - g) / range + 4
    const hue = range > 0 ? turn / 6 : 0
    return [hue < 0 ? hue + 1 : hue, value > 0 ? range / value : 0, value]
  })

export const rgbOf = (images: Numbers): Numbers =>
  triples(images, (h, s, v) => {
    const part = (value: number) => ((Math.min(Math.max(value, 0), 1) - 1) * s + 1) * v
    return [part(Math.abs(6 * h - 3) - 1), part(2 - Math.abs(6 * h - 2)), part(2 - Math.abs(6 * h - 4))]
  })
