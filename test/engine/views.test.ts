// The augmented view against torchvision's functions in CoTTA's order (test/golden/make.py).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadDevice } from '#engine/compute/backend.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { colourChanges, colourNumbers } from '#engine/augment/color-jitter.ts'
import { ViewRandom } from '#engine/augment/random.ts'
import { shuffleTiles } from '#engine/augment/tiles.ts'
import { applyPlainView, applyView, drawView, type ViewParameters } from '#engine/augment/view.ts'

interface Golden {
  readonly side: number
  readonly pixels: string
  readonly single: Record<'brightness' | 'contrast' | 'saturation' | 'hue' | 'gamma', string>
  readonly whole: (Omit<ViewParameters, 'noiseSeed'> & { expected: string })[]
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/views.json'), 'utf8')) as Golden
const device = loadDevice()
const floats = (text: string) => new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer)
const shape = [2, golden.side, golden.side, 3]

async function withPixels(work: (device: Device, x: DeviceTensor) => DeviceTensor): Promise<Float32Array> {
  const x = device.fromArray(floats(golden.pixels), shape)
  const result = work(device, x)
  const values = await device.read(result)
  x.dispose()
  result.dispose()
  return values
}

const drawn = { brightness: 1.3, contrast: 0.75, saturation: 1.45, hue: -0.055, gamma: 0.8 }
for (const [index, name] of (Object.keys(drawn) as (keyof typeof drawn)[]).entries()) {
  test(`${name}, as torchvision does it`, async () => {
    const work = (d: Device, x: DeviceTensor) => {
      const numbers = d.fromArrays(colourNumbers(drawn)[index]!)
      const changed = colourChanges[index]!(d, x, numbers)
      for (const tensor of numbers) tensor.dispose()
      return changed
    }
    // torchvision takes the mean grey of contrast per image, and so do we.
    const expected = floats(golden.single[name])
    const found = await withPixels(work)
    const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (found[i] as number))), 0)
    expect(worst).toBeLessThan(1e-5)
  })
}

for (const [index, { expected: text, ...parameters }] of golden.whole.entries()) {
  test(`a whole view, number ${index}: jitter, rotation, shift, zoom, blur, flip`, async () => {
    const noiseSeed = [3, index] as const
    const found = await withPixels((d, x) => applyView(d, x, { ...parameters, noiseSeed }))
    // The noise is drawn for the image with the blur's margin cut off; taken away again where nothing was clipped.
    const normal = device.randomNormal(shape, noiseSeed)
    const noise = await device.read(normal)
    normal.dispose()
    const expected = floats(text)
    let compared = 0
    let worst = 0
    for (let i = 0; i < expected.length; i++) {
      const value = expected[i] as number
      if (value < 0.04 || value > 0.96) continue
      compared += 1
      worst = Math.max(worst, Math.abs((found[i] as number) - 0.005 * (noise[i] as number) - value))
    }
    expect(compared).toBeGreaterThan(expected.length / 2)
    expect(worst).toBeLessThan(2e-4)
  })
}

test('a seed draws the same views again, within the published ranges', () => {
  const a = new ViewRandom(5)
  const b = new ViewRandom(5)
  const seen = new Set<string>()
  for (let i = 0; i < 300; i++) {
    const view = drawView(a, 32, 32)
    expect(drawView(b, 32, 32)).toEqual(view)
    expect(view.order.toSorted((x, y) => x - y)).toEqual([0, 1, 2, 3, 4])
    expect(Math.abs(view.angle)).toBeLessThanOrEqual(15)
    expect(Math.abs(view.shiftX)).toBeLessThanOrEqual(4)
    expect(Number.isInteger(view.shiftY)).toBe(true)
    expect(view.zoom).toBeGreaterThanOrEqual(0.9)
    expect(view.zoom).toBeLessThan(1.1)
    seen.add(view.order.join())
  }
  expect(seen.size).toBeGreaterThan(60) // of 120 orders
  const c = new ViewRandom(6)
  c.restore(a.state())
  expect(drawView(c, 32, 32)).toEqual(drawView(a, 32, 32))
})

test('tiles are shuffled as said, also where the side does not divide the image', async () => {
  const pixels = Float32Array.from({ length: 8 * 8 }, (_, i) => i)
  const x = device.fromArray(pixels, [1, 8, 8, 1])
  const order = Array.from({ length: 16 }, (_, k) => 15 - k)
  const shuffled = shuffleTiles(device, x, 4, [order])
  const values = await device.read(shuffled)
  // New tile 0 is the old last one: rows 6 and 7, columns 6 and 7.
  expect([values[0], values[1], values[8], values[9]]).toEqual([54, 55, 62, 63])
  const back = shuffleTiles(device, shuffled, 4, [order])
  expect(await device.read(back)).toEqual(pixels)
  const odd = device.fill([2, 7, 9, 3], 0.25)
  const same = shuffleTiles(device, odd, 4, [order, order])
  expect(same.shape).toEqual([2, 7, 9, 3])
  expect((await device.read(same)).every((value) => Math.abs(value - 0.25) < 1e-6)).toBe(true)
  for (const tensor of [x, shuffled, back, odd, same]) tensor.dispose()
})

test('a plain view without any change is the image itself', async () => {
  const still: ViewParameters = {
    order: [0, 1, 2, 3, 4],
    brightness: 1,
    contrast: 1,
    saturation: 1,
    hue: 0,
    gamma: 1,
    angle: 0,
    shiftX: 0,
    shiftY: 0,
    zoom: 1,
    blurSigma: 1,
    flip: false,
    noiseSeed: [0, 0],
  }
  const found = await withPixels((d, x) => applyPlainView(d, x, still))
  const flipped = await withPixels((d, x) => applyPlainView(d, x, { ...still, flip: true, shiftX: 0 }))
  const expected = floats(golden.pixels)
  const n = golden.side
  let worst = 0
  for (let i = 0; i < expected.length; i++) {
    const column = Math.floor(i / 3) % n
    const mirrored = i + 3 * (n - 1 - 2 * column)
    worst = Math.max(
      worst,
      Math.abs((found[i] as number) - (expected[i] as number)),
      Math.abs((flipped[mirrored] as number) - (expected[i] as number)),
    )
  }
  expect(worst).toBeLessThan(2e-5)
})
