// What the small cases of the proof do not reach: every size of tile, sums in several stages, more work groups than one axis holds, numbers that are none.
import { describe, expect, test } from 'vitest'
import { loadDevice } from '#engine/compute/backend.ts'
import type { ConvOptions, Device, DeviceTensor } from '#engine/compute/device.ts'
import { elementCount } from '#engine/compute/shape.ts'
import { webGpuDeviceOn } from '#engine/compute/webgpu/device.ts'
import { chooseTiles, tileNames, type TileName } from '#engine/compute/webgpu/kernels/gemm.ts'
import { sizeClass } from '#engine/compute/webgpu/runtime/buffer-pool.ts'
import { WebGpuCaller } from '#engine/compute/webgpu/runtime/caller.ts'
import { eachElement, groupsFor, groupsOf, kernel } from '#engine/compute/webgpu/runtime/kernel.ts'
import { relative } from '#engine/parity/device/deviation.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { openedCard, webGpu } from '#test/helpers/webgpu.ts'

const processor = loadDevice()
const random = new NumpyRandom(7)
const drawn = (shape: readonly number[], by = 1, plus = 0) => ({
  shape,
  data: Float32Array.from({ length: elementCount(shape) }, () => random.gauss() * by + plus),
})
type Drawn = ReturnType<typeof drawn>

/** Of both devices' results, the largest difference relative to the largest number. */
async function apart(
  one: Device,
  inputs: readonly Drawn[],
  run: (device: Device, ...tensors: DeviceTensor[]) => DeviceTensor | readonly DeviceTensor[],
): Promise<number> {
  const found: Float32Array[][] = []
  for (const device of [one, processor]) {
    const tensors = inputs.map(({ data, shape }) => device.fromArray(data, shape))
    const made = run(device, ...tensors)
    const results = 'dispose' in made ? [made] : made
    found.push(await device.readMany(results))
    for (const tensor of [...tensors, ...results]) tensor.dispose()
  }
  const [ours = [], theirs = []] = found
  return Math.max(...theirs.map((values, i) => relative(ours[i] ?? [], values)))
}

test('a size class wastes an eighth at most and work groups are spread over two axes', () => {
  for (const bytes of [1, 256, 257, 4096, 5000, 70_000, 123_456_789]) {
    expect(sizeClass(bytes)).toBeGreaterThanOrEqual(bytes)
    expect(sizeClass(bytes) % 256).toBe(0)
    expect(sizeClass(bytes)).toBeLessThanOrEqual(Math.max(256, 1.125 * bytes + 256))
    expect(sizeClass(sizeClass(bytes))).toBe(sizeClass(bytes))
  }
  for (const count of [0, 1, 65_535, 65_536, 10_000_000]) {
    const [x, y, z] = groupsOf(count)
    expect(Math.max(x, y)).toBeLessThanOrEqual(65_535)
    expect(x * y * z).toBeGreaterThanOrEqual(count)
  }
})

test('tiles are large where there is work for a whole card, and small where there is not', () => {
  expect(chooseTiles(204_800, 16, 1)).toBe('narrow') // ResNet-20, batch 200
  expect(chooseTiles(51_200, 32, 1)).toBe('half')
  expect(chooseTiles(204_800, 160, 1)).toBe('large') // WRN-28-10
  expect(chooseTiles(49, 1280, 1)).toBe('small') // EfficientNet-Lite0 at the end, one image
})

describe.skipIf(!webGpu)('WebGPU beside the processor', () => {
  const device = webGpu as Device
  const even = { top: 1, bottom: 1, left: 1, right: 1 }

  const cases: readonly [what: string, x: readonly number[], weight: readonly number[], options: ConvOptions][] = [
    ['in fours', [3, 11, 9, 8], [3, 3, 8, 72], { stride: 1, padding: even }],
    ['three channels to ten, stride 2', [4, 13, 12, 3], [5, 3, 3, 10], { stride: 2, padding: { ...even, top: 2 } }],
  ]
  // The others are the same text with other numbers, and take seconds to compile in software.
  const tiles: [tile: TileName, cases: typeof cases][] = openedCard?.card.software
    ? [
        ['slim', cases.slice(1)],
        ['large', cases.slice(0, 1)],
      ]
    : tileNames.map((tile) => [tile, cases])
  test.each(tiles)('a convolution and its gradients are right with %s tiles', async (tile, some) => {
    const forced = webGpuDeviceOn(openedCard!, tile)
    for (const [what, x, weight, options] of some) {
      const [image, filter] = [drawn(x), drawn(weight)]
      const y = processor.conv2d(...put(processor, image, filter), options)
      const dy = drawn(y.shape)
      y.dispose()
      const found = [
        await apart(forced, [image, filter], (on, a, b) => on.conv2d(a, b, options)),
        await apart(forced, [filter, dy], (on, a, b) => on.conv2dInputGradient(x, a, b, options)),
        await apart(forced, [image, dy], (on, a, b) => on.conv2dWeightGradient(a, weight, b, options)),
      ]
      expect(Math.max(...found), `${what}: ${found.map((one) => one.toExponential(1)).join(' ')}`).toBeLessThan(5e-6)
    }
  })

  function put(on: Device, a: Drawn, b: Drawn): [DeviceTensor, DeviceTensor] {
    return [on.fromArray(a.data, a.shape), on.fromArray(b.data, b.shape)]
  }

  test('many pixels are summed by several work groups, with the digits of the processor', async () => {
    // Means far from zero: E[x^2] - E[x]^2 in float32 would have lost four digits.
    const x = drawn([9, 40, 40, 5], 0.5, 50)
    const dy = drawn(x.shape)
    const { mean: found, variance: spread } = device.moments(device.fromArray(x.data, x.shape))
    const exact = Array.from({ length: 5 }, (_, c) => x.data.filter((__, i) => i % 5 === c)).map((values) => {
      const center = values.reduce((sum, value) => sum + value, 0) / values.length
      return [center, values.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length]
    })
    const [means, variances] = await device.readMany([found, spread])
    expect(
      relative(
        means!,
        exact.map(([center]) => center!),
      ),
    ).toBeLessThan(2e-7)
    expect(
      relative(
        variances!,
        exact.map(([, squares]) => squares!),
      ),
    ).toBeLessThan(2e-6)
    const [scale, mean, variance] = [drawn([5]), drawn([5], 0.1, 50), drawn([5], 0, 0.25)]
    expect(
      await apart(device, [dy, x, scale, mean, variance], (on, a, b, c, d, e) => {
        const { dx, dScale, dOffset } = on.batchNormGradient(a, b, c, d, e, 1e-5)
        return [dx, dScale, dOffset]
      }),
    ).toBeLessThan(2e-5)
    const total = device.sum(device.fromArray(x.data, x.shape), [0, 1, 2])
    expect(
      relative(
        await device.read(total),
        exact.map(([center]) => center! * 14_400),
      ),
    ).toBeLessThan(2e-7)
    const weight = [3, 3, 5, 6]
    const [wide, narrow] = [drawn([9, 40, 40, 5]), drawn([9, 40, 40, 6])]
    const gradient = (on: Device, a: DeviceTensor, b: DeviceTensor) =>
      on.conv2dWeightGradient(a, weight, b, { stride: 1, padding: even })
    expect(await apart(device, [wide, narrow], gradient)).toBeLessThan(1e-5)
  })

  test('more work groups than an axis holds', async () => {
    const call = new WebGpuCaller(openedCard!.gpu)
    const count = 70_000
    const numbers = kernel({
      name: 'numbers',
      parameters: { count: 'u32' },
      reads: [],
      writes: ['y: u32'],
      body: `${eachElement('p.count', 1)} y[i] = i; }`,
    })
    const y = call.make(numbers, [], [count], { count }, groupsFor(count, 1), 'int32')
    const [bytes] = await call.read([y])
    y.dispose()
    expect(new Int32Array(bytes!)).toEqual(Int32Array.from({ length: count }, (_, i) => i))
  })

  test('axes that do not lie together, long rows, many tensors', async () => {
    expect(await apart(device, [drawn([4, 5, 6, 7])], (on, a) => on.mean(a, [0, 2], true))).toBeLessThan(1e-6)
    expect(await apart(device, [drawn([4, 5, 6, 7])], (on, a) => on.sum(a, [1, 3]))).toBeLessThan(1e-6)
    for (const call of ['softmax', 'logSoftmax'] as const)
      expect(await apart(device, [drawn([7, 1000], 8)], (on, a) => on[call](a)), call).toBeLessThan(1e-6)
    const many = Array.from({ length: 30 }, (_, i) => drawn([2, i + 1]))
    expect(await apart(device, many, (on, ...all) => on.concat(all, 1))).toBe(0)
    const alike = Array.from({ length: 30 }, () => drawn([2, 3]))
    expect(await apart(device, alike, (on, ...all) => on.addMany(all))).toBeLessThan(1e-6)
  })

  test('whole numbers are moved, and not added', async () => {
    const whole = device.fromArray(Int32Array.of(1, -2, 2 ** 30 + 1, 4), [2, 2])
    const turned = device.transpose(whole, [1, 0])
    expect([...(await device.readInts(turned))]).toEqual([1, 2 ** 30 + 1, -2, 4])
    expect(() => device.add(whole, whole)).toThrow(/no whole numbers/)
    for (const tensor of [whole, turned]) tensor.dispose()
  })

  test('infinities and no numbers come through', async () => {
    const odd = Float32Array.of(Number.NaN, Infinity, -Infinity, 0, -1, 200, -200, 1e-30)
    const given = { shape: [8], data: odd }
    const results = async (on: Device) => {
      const x = on.fromArray(given.data, given.shape)
      const made = [on.relu(x), on.exp(x), on.log(x), on.sigmoid(x), on.maximum(x, x), on.square(x)]
      const all = await on.readMany(made)
      for (const tensor of [x, ...made]) tensor.dispose()
      return all.map((values) => [...values])
    }
    const [ours, theirs] = [await results(device), await results(processor)]
    for (const [i, row] of theirs.entries())
      for (const [k, value] of row.entries()) {
        const found = ours[i]?.[k] as number
        // Numbers below 1e-38 are zero on some cards.
        if (Number.isFinite(value)) expect(found).toBeCloseTo(value, 5)
        else expect(found, `function ${i} of ${odd[k]}`).toBe(value)
      }
    const rows = { shape: [2, 3], data: Float32Array.of(1e30, 0, -1e30, -Infinity, 0, 3e4) }
    expect(await apart(device, [rows], (on, a) => on.softmax(a))).toBeLessThan(1e-6)
  })

  test('functions are right to the last digits', async () => {
    const x = Float32Array.from({ length: 4000 }, (_, i) => Math.fround((i - 2000) / 25)) // -80 to 80
    const positive = x.map((value) => Math.exp(value / 4))
    const near = x.map((value) => 1 + value / 1e5) // where WGSL's own logarithm may be off by 2^-21
    const [a, b, c, base] = [x, positive, near, new Float32Array(4000).fill(-1.7)].map((data) =>
      device.fromArray(data, [4000]),
    ) as [DeviceTensor, DeviceTensor, DeviceTensor, DeviceTensor]
    const exponents = x.map((value) => Math.round(value / 4))
    const whole = device.fromArray(exponents, [4000])
    const made = [device.exp(a), device.log(b), device.log(c), device.erf(a), device.pow(b, c), device.pow(base, whole)]
    const expected = [
      x.map(Math.exp),
      positive.map(Math.log),
      near.map(Math.log),
      null, // below
      positive.map((value, i) => value ** near[i]!),
      exponents.map((value) => Math.fround(-1.7) ** value),
    ]
    const results = await device.readMany(made)
    for (const tensor of [a, b, c, base, whole, ...made]) tensor.dispose()
    for (const [k, values] of expected.entries())
      for (const [i, value] of values?.entries() ?? [])
        expect(Math.abs(results[k]![i]! - value), `${k} of ${x[i]}`).toBeLessThanOrEqual(1e-6 * Math.abs(value) + 1e-38)
    const erf = results[3]!
    for (const [at, value] of [
      [0.4, 0.428392355],
      [1, 0.842700793],
      [2, 0.995322265],
      [-0.04, -0.045111106],
    ] as const)
      expect(erf[Math.round(2000 + 25 * at)]).toBeCloseTo(value, 6)
  })

  test('random numbers are TensorFlow’s but for the last digits', async () => {
    for (const seed of [
      [3, 4],
      [-5, 123_456_789],
    ] as const)
      expect(await apart(device, [], (on) => on.randomNormal([3, 333], seed))).toBeLessThan(1e-6)
  })
})
