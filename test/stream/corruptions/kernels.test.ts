// The WebAssembly kernel: its compiled text belongs to its source, and it adds what a plain loop adds, bit for bit.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compileKernel, kernelFolder, kernelSources } from '#build/kernels.mjs'
import { clamp, mirror, reflect101 } from '#stream/corruptions/filters/gaussian-filter.ts'
import { correlate, type Border, type Tap } from '#stream/corruptions/kernels/weighted-sum.ts'
import { NumpyRandom } from '#stream/images/random.ts'

test('every kernel is compiled from the source beside it', async () => {
  expect(kernelSources().length).toBeGreaterThan(0)
  for (const file of kernelSources())
    expect(readFileSync(join(kernelFolder, file.replace(/\.wat$/, '.wasm.ts')), 'utf8')).toBe(await compileKernel(file))
})

function plain(
  values: Float64Array,
  height: number,
  width: number,
  channels: number,
  taps: readonly Tap[],
  border: Border,
): Float64Array {
  const out = new Float64Array(values.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0
        for (const { dx, dy, weight } of taps)
          sum += weight * (values[(border(y + dy, height) * width + border(x + dx, width)) * channels + c] as number)
        out[(y * width + x) * channels + c] = sum
      }
    }
  }
  return out
}

describe('correlate', () => {
  const random = new NumpyRandom(4)
  const taps = Array.from({ length: 13 }, () => ({
    dx: random.randint(-6, 7),
    dy: random.randint(-4, 5),
    weight: random.gauss(),
  }))
  for (const [height, width, channels] of [
    [1, 1, 1],
    [3, 5, 3],
    [8, 8, 1],
    [17, 31, 3],
    [40, 22, 1],
  ] as const) {
    for (const [name, border] of [
      ['clamp', clamp],
      ['mirror', mirror],
      ['reflect101', reflect101],
    ] as const) {
      test(`${height} x ${width} x ${channels}, ${name}`, () => {
        const values = random.gaussians(height * width * channels)
        expect(correlate({ values, height, width, channels }, taps, border)).toEqual(
          plain(values, height, width, channels, taps, border),
        )
      })
    }
  }

  test('a large picture after a small one: the memory grows, the result does not change', () => {
    const small = random.gaussians(48)
    const before = correlate({ values: small, height: 4, width: 4, channels: 3 }, taps, clamp)
    const large = random.gaussians(300 * 301)
    expect(correlate({ values: large, height: 300, width: 301, channels: 1 }, taps, mirror)).toEqual(
      plain(large, 300, 301, 1, taps, mirror),
    )
    expect(correlate({ values: small, height: 4, width: 4, channels: 3 }, taps, clamp)).toEqual(before)
  })
})

describe('the generator draws the same numbers many at a time as one by one', () => {
  for (const count of [0, 1, 2, 7, 1001]) {
    test(`${count}`, () => {
      const one = new NumpyRandom(77)
      const many = new NumpyRandom(77)
      for (const skip of [0, 1]) {
        for (let i = 0; i < skip; i++) expect(many.gauss()).toBe(one.gauss())
        expect(many.gaussians(count)).toEqual(Float64Array.from({ length: count }, () => one.gauss()))
        expect(many.uniforms(count, -2, 3)).toEqual(Float64Array.from({ length: count }, () => one.uniform(-2, 3)))
      }
      expect(many.getState()).toEqual(one.getState())
    })
  }
})
