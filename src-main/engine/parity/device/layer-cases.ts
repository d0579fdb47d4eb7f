// Convolutions, norms, pools and products of matrices against plain loops.
import type { ConvOptions, PoolOptions } from '#engine/compute/device.ts'
import { drawn, image, numbers, type OperationCase } from './operation-case.ts'
import {
  convolved,
  convolvedGradients,
  joined,
  mapped,
  normalized,
  pooled,
  product,
  type Convolution,
} from './plain-loops.ts'

const even = { top: 1, bottom: 1, left: 1, right: 1 }
const none = { top: 0, bottom: 0, left: 0, right: 0 }
const convolutions: readonly [what: string, kind: Convolution, weight: readonly number[], options: ConvOptions][] = [
  ['3x3, stride 1', 'grouped', [3, 3, 4, 6], { stride: 1, padding: even }],
  [
    '3x3, stride 2, padding on two sides',
    'grouped',
    [3, 3, 4, 6],
    { stride: 2, padding: { ...none, bottom: 1, right: 1 } },
  ],
  ['1x1', 'grouped', [1, 1, 4, 3], { stride: 1, padding: none }],
  ['in two groups', 'grouped', [3, 3, 2, 6], { stride: 1, padding: even }],
  ['dilated', 'grouped', [3, 3, 4, 2], { stride: 1, padding: { top: 2, bottom: 2, left: 2, right: 2 }, dilation: 2 }],
  ['depthwise, stride 1', 'depthwise', [3, 3, 4, 2], { stride: 1, padding: even }],
  ['depthwise, stride 2', 'depthwise', [3, 3, 4, 1], { stride: 2, padding: even }],
]

const calls = {
  grouped: { forward: 'conv2d', input: 'conv2dInputGradient', weight: 'conv2dWeightGradient' },
  depthwise: {
    forward: 'depthwiseConv2d',
    input: 'depthwiseConv2dInputGradient',
    weight: 'depthwiseConv2dWeightGradient',
  },
} as const

function convolutionCases(wanted: Convolution, part: 'forward' | 'input' | 'weight'): OperationCase[] {
  return convolutions
    .filter(([, kind]) => kind === wanted)
    .map(([what, kind, shape, options]): OperationCase => {
      const weight = drawn(shape)
      const y = convolved(kind, image, weight, options)
      const dy = drawn(y.shape)
      const { dx, dWeight } = convolvedGradients(kind, image, weight, dy, options)
      return {
        what,
        products: true,
        expected: [part === 'forward' ? y : part === 'input' ? dx : dWeight],
        run(device, put) {
          const { forward, input, weight: ofWeight } = calls[kind]
          if (part === 'forward') return device[forward](put(image), put(weight), options)
          return part === 'input'
            ? device[input](image.shape, put(weight), put(dy), options)
            : device[ofWeight](put(image), shape, put(dy), options)
        },
      }
    })
}

const norm = (() => {
  // Channels of very different spread: the deviation of one must not pass for the variance of another.
  const spread = numbers([4], [0.05, 1, 6, 20])
  const x = joined(image, spread, image.shape, (value, by) => Math.fround(value * by + by))
  const [scale, offset, dy] = [drawn([4], 0.5, 1.5), drawn([4]), drawn(image.shape)]
  const epsilon = 1e-3
  return { x, scale, offset, dy, epsilon, ...normalized(x, scale, offset, epsilon, dy) }
})()

/** Of the norm with a rectifier behind it. */
const rectified = (() => {
  const { x, scale, offset, epsilon, y, dy } = norm
  const open = joined(dy, y, dy.shape, (gradient, value) => (value > 0 ? gradient : 0))
  return normalized(x, scale, offset, epsilon, open)
})()

const batchNorm = (relu: boolean): OperationCase => ({
  what: relu ? 'with a rectifier' : 'alone',
  run: (device, put) =>
    device.batchNormFixed(
      put(norm.x),
      put(norm.scale),
      put(norm.offset),
      put(norm.mean),
      put(norm.variance),
      norm.epsilon,
      relu,
    ),
  expected: [relu ? mapped(norm.y, (value) => Math.max(0, value)) : norm.y],
})

const window: PoolOptions = { size: 3, stride: 2, padding: even }
const bare: PoolOptions = { size: 2, stride: 2, padding: none }
const poolCases = (kind: 'max' | 'mean', options: PoolOptions, gradient: boolean): OperationCase => {
  const { y } = pooled(kind, image, options)
  const dy = drawn(y.shape)
  return {
    what: options === window ? 'padded' : 'bare',
    expected: [gradient ? pooled(kind, image, options, dy).dx : y],
    run(device, put) {
      const x = put(image)
      if (kind === 'mean')
        return gradient ? device.avgPoolGradient(image.shape, put(dy), options) : device.avgPool(x, options)
      return gradient ? device.maxPoolGradient(x, put(y), put(dy), options) : device.maxPool(x, options)
    },
  }
}

function matrixCases(call: 'matMul' | 'batchMatMul', before: readonly number[]): OperationCase[] {
  return [
    [false, false],
    [true, false],
    [false, true],
  ].map(([first = false, second = false]): OperationCase => {
    const a = drawn([...before, ...(first ? [5, 3] : [3, 5])])
    const b = drawn([...before, ...(second ? [4, 5] : [5, 4])])
    return {
      what: `${first ? 'aᵀ' : 'a'} ${second ? 'bᵀ' : 'b'}`,
      products: true,
      run: (device, put) => device[call](put(a), put(b), first, second),
      expected: [product(a, b, first, second)],
    }
  })
}

export const layerCases = {
  conv2d: convolutionCases('grouped', 'forward'),
  conv2dInputGradient: convolutionCases('grouped', 'input'),
  conv2dWeightGradient: convolutionCases('grouped', 'weight'),
  depthwiseConv2d: convolutionCases('depthwise', 'forward'),
  depthwiseConv2dInputGradient: convolutionCases('depthwise', 'input'),
  depthwiseConv2dWeightGradient: convolutionCases('depthwise', 'weight'),
  batchNormTraining: [false, true].map((relu) => ({
    what: relu ? 'with a rectifier' : 'alone',
    run(device, put) {
      const made = device.batchNormTraining(put(norm.x), put(norm.scale), put(norm.offset), norm.epsilon, relu)
      for (const tensor of made.saved) tensor.dispose()
      return [made.y, made.mean, made.variance]
    },
    expected: [relu ? mapped(norm.y, (value) => Math.max(0, value)) : norm.y, norm.mean, norm.variance],
  })),
  moments: [
    {
      run(device, put) {
        const { mean, variance } = device.moments(put(norm.x))
        return [mean, variance]
      },
      expected: [norm.mean, norm.variance],
    },
  ],
  batchNormFixed: [batchNorm(false), batchNorm(true)],
  batchNormGradient: [
    {
      run(device, put) {
        const { dx, dScale, dOffset } = device.batchNormGradient(
          put(norm.dy),
          put(norm.x),
          put(norm.scale),
          put(norm.mean),
          put(norm.variance),
          norm.epsilon,
        )
        return [dx, dScale, dOffset]
      },
      expected: [norm.dx, norm.dScale, norm.dOffset],
    },
    {
      what: 'with what the forward pass saved',
      run(device, put) {
        const [x, scale] = [put(norm.x), put(norm.scale)]
        const { y, mean, variance, saved } = device.batchNormTraining(x, scale, put(norm.offset), norm.epsilon)
        const gradient = device.batchNormGradient(put(norm.dy), x, scale, mean, variance, norm.epsilon, saved)
        for (const tensor of [y, mean, variance, ...saved]) tensor.dispose()
        return [gradient.dx, gradient.dScale, gradient.dOffset]
      },
      expected: [norm.dx, norm.dScale, norm.dOffset],
    },
    {
      what: 'with a rectifier',
      run(device, put) {
        const [x, scale, offset] = [put(norm.x), put(norm.scale), put(norm.offset)]
        const { y, mean, variance, saved } = device.batchNormTraining(x, scale, offset, norm.epsilon, true)
        const behind = { offset, output: () => y }
        const gradient = device.batchNormGradient(put(norm.dy), x, scale, mean, variance, norm.epsilon, saved, behind)
        for (const tensor of [y, mean, variance, ...saved]) tensor.dispose()
        return [gradient.dx, gradient.dScale, gradient.dOffset]
      },
      expected: [rectified.dx, rectified.dScale, rectified.dOffset],
    },
  ],
  maxPool: [poolCases('max', window, false), poolCases('max', bare, false)],
  maxPoolGradient: [poolCases('max', window, true), poolCases('max', bare, true)],
  avgPool: [poolCases('mean', bare, false)],
  avgPoolGradient: [poolCases('mean', bare, true)],
  matMul: matrixCases('matMul', []),
  batchMatMul: matrixCases('batchMatMul', [2, 3]),
} satisfies Record<string, readonly OperationCase[]>
