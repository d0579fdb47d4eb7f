// What moves elements, resamples or draws them, against plain loops.
import type { DeviceTensor } from '#engine/compute/device.ts'
import { colours, drawn, image, meanOf, numbers, total, wide, type OperationCase } from './operation-case.ts'
import { filled, flatOf, hsvOf, resampled, rgbOf, zeros, type Numbers } from './plain-loops.ts'

const picked = (from: Numbers, shape: readonly number[], of: (index: readonly number[]) => readonly number[]) =>
  filled(shape, (index) => from.data[flatOf(from.shape, of(index))] as number)

/** [before, after] of each axis of [3, 2, 4]. */
const pads = [
  [0, 0],
  [1, 1],
  [2, 1],
] as const
const mirror = (place: number, side: number, edge: 0 | 1): number =>
  place < 0 ? -place - 1 + edge : place >= side ? 2 * side - place - 1 - edge : place
const padding = (mode: 'constant' | 'reflect' | 'symmetric'): OperationCase => ({
  what: mode,
  run: (device, put) => device.pad(put(wide), pads, mode),
  expected: [
    filled([3, 4, 7], (index) => {
      const place = index.map((i, axis) => i - (pads[axis]?.[0] ?? 0))
      const inside = place.every((i, axis) => i >= 0 && i < (wide.shape[axis] as number))
      if (mode === 'constant' && !inside) return 0
      const edge = mode === 'reflect' ? 1 : 0
      return wide.data[
        flatOf(
          wide.shape,
          place.map((i, axis) => mirror(i, wide.shape[axis] as number, edge)),
        )
      ] as number
    }),
  ],
})

const strided = { begin: [0, 0, 1], end: [3, 2, 4], strides: [2, 1, 2], shape: [2, 2, 2] }
const unstrided = (() => {
  const dy = drawn(strided.shape)
  const dx = zeros(wide.shape)
  for (let i = 0; i < dy.data.length; i++) {
    const [a, b, c] = [Math.floor(i / 4), Math.floor(i / 2) % 2, i % 2]
    dx.data[flatOf(wide.shape, [2 * a, b, 1 + 2 * c])] = dy.data[i] as number
  }
  return { dy, dx }
})()

const turn = [0.9, -0.3, 0.7, 0.2, 1.1, -0.4]

export const viewCases = {
  fromBytes: [
    {
      run: (device) => device.fromBytes(Uint8Array.of(0, 7, 128, 255), [2, 2]),
      expected: [numbers([2, 2], [0, 7, 128, 255])],
    },
  ],
  fill: [{ run: (device) => device.fill([2, 3], 0.75), expected: [filled([2, 3], () => 0.75)] }],
  reshape: [{ run: (device, put) => device.reshape(put(wide), [4, 6]), expected: [{ ...wide, shape: [4, 6] }] }],
  transpose: [
    {
      run: (device, put) => device.transpose(put(wide), [2, 0, 1]),
      expected: [picked(wide, [4, 3, 2], ([a = 0, b = 0, c = 0]) => [b, c, a])],
    },
  ],
  slice: [
    {
      run: (device, put) => device.slice(put(wide), [1, 0, 1], [2, 1, 3]),
      expected: [picked(wide, [2, 1, 3], ([a = 0, b = 0, c = 0]) => [a + 1, b, c + 1])],
    },
  ],
  stridedSlice: [
    {
      run: (device, put) => device.stridedSlice(put(wide), strided.begin, strided.end, strided.strides),
      expected: [picked(wide, strided.shape, ([a = 0, b = 0, c = 0]) => [2 * a, b, 1 + 2 * c])],
    },
  ],
  stridedSliceGradient: [
    {
      run: (device, put) =>
        device.stridedSliceGradient(wide.shape, put(unstrided.dy), strided.begin, strided.end, strided.strides),
      expected: [unstrided.dx],
    },
  ],
  pad: (['constant', 'reflect', 'symmetric'] as const).map(padding),
  concat: [
    {
      run: (device, put) => device.concat([put(wide), put(wide)], 1),
      expected: [picked(wide, [3, 4, 4], ([a = 0, b = 0, c = 0]) => [a, b % 2, c])],
    },
  ],
  constant: [
    {
      // It is lent: what comes back is a copy.
      run: (device) => device.reshape(device.constant([1.5, -2, 0.25, 4], [4]), [2, 2]),
      expected: [numbers([2, 2], [1.5, -2, 0.25, 4])],
    },
  ],
  fromArrays: [
    {
      run: (device) =>
        device.fromArrays([
          { data: Float32Array.of(0.5, -1, 2, 8), shape: [2, 2] },
          { data: Int32Array.of(7, -3), shape: [2] },
          { data: Float32Array.of(3), shape: [1] },
        ]),
      expected: [numbers([2, 2], [0.5, -1, 2, 8]), numbers([2], [7, -3]), numbers([1], [3])],
    },
  ],
  pack: [
    {
      run(device, put) {
        const [a, b] = [put(wide), put(image)]
        return device.pack([a, 8, b, b, 16], 16)
      },
      expected: [
        numbers(
          [38, 16],
          [
            ...wide.data,
            ...new Array<number>(8).fill(0),
            ...image.data,
            ...image.data,
            ...new Array<number>(16).fill(0),
          ],
        ),
      ],
    },
    { what: 'one', run: (device, put) => device.pack([put(wide)], 8), expected: [numbers([3, 8], [...wide.data])] },
  ],
  unpack: [
    {
      run: (device, put) => {
        const pieces = device.unpack(put(image), [6, 74, 200], [[2, 3], null, [200]])
        return pieces.filter((piece) => piece !== null)
      },
      expected: [numbers([2, 3], [...image.data.slice(0, 6)]), numbers([200], [...image.data.slice(80)])],
    },
  ],
  gather: [
    {
      what: 'by a table',
      run(device, put) {
        const places = device.fromArray(Int32Array.of(2, 0, 1, 1, 0, 0), [3, 2])
        const result = device.gather(put(wide), places, 0)
        places.dispose()
        return result
      },
      expected: [
        picked(wide, [3, 2, 2, 4], ([a = 0, b = 0, c = 0, d = 0]) => [[2, 0, 1, 1, 0, 0][2 * a + b] as number, c, d]),
      ],
    },
    {
      run(device, put) {
        const places = device.fromArray(Int32Array.of(3, 0, 3), [3])
        const result = device.gather(put(wide), places, 2)
        places.dispose()
        return result
      },
      expected: [picked(wide, [3, 2, 3], ([a = 0, b = 0, c = 0]) => [a, b, [3, 0, 3][c] as number])],
    },
  ],
  reverse: [
    {
      run: (device, put) => device.reverse(put(wide), [0, 2]),
      expected: [picked(wide, wide.shape, ([a = 0, b = 0, c = 0]) => [2 - a, b, 3 - c])],
    },
  ],
  affine: [{ run: (device, put) => device.affine(put(image), turn, 6, 5), expected: [resampled(image, turn, 6, 5)] }],
  rgbToHsv: [{ run: (device, put) => device.rgbToHsv(put(colours)), expected: [hsvOf(colours)] }],
  hsvToRgb: [{ run: (device, put) => device.hsvToRgb(put(colours)), expected: [rgbOf(colours)] }],
  randomNormal: [
    {
      what: 'mean, deviation, and what a second draw of the same seed differs by',
      limit: 0.06,
      async run(device) {
        const [first, again] = [0, 1].map(() => device.randomNormal([64, 64], [3, 4])) as [DeviceTensor, DeviceTensor]
        const [a, b] = (await device.readMany([first, again])) as [Float32Array, Float32Array]
        for (const tensor of [first, again]) tensor.dispose()
        const mean = meanOf(a)
        const deviation = Math.sqrt(meanOf(a.map((value) => (value - mean) ** 2)))
        return Float32Array.of(mean, deviation, total(a.map((value, i) => Math.abs(value - (b[i] as number)))))
      },
      expected: [numbers([3], [0, 1, 0])],
    },
  ],
} satisfies Record<string, readonly OperationCase[]>
