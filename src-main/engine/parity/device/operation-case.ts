// What a case of an operation is, and the numbers that several of them take.
import { ViewRandom } from '#engine/augment/random.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { elementCount } from '#engine/compute/shape.ts'
import { mapped, type Numbers } from './plain-loops.ts'

/** What computes; the rest of `Device` tells about it or moves bytes, which every case does. */
export type DeviceOperation = Exclude<
  keyof Device,
  | 'kind'
  | 'version'
  | 'card'
  | 'counts'
  | 'variants'
  | 'fromArray'
  | 'read'
  | 'readInts'
  | 'readMany'
  | 'liveTensors'
  | 'liveBytes'
  | 'takePeakBytes'
>

/** Puts numbers on the device for the length of a case. */
export type Put = (numbers: Numbers) => DeviceTensor

export interface OperationCase {
  /** Where an operation has several. */
  readonly what?: string
  readonly run: (device: Device, put: Put) => DeviceTensor | readonly DeviceTensor[] | Promise<Float32Array>
  readonly expected: readonly Numbers[]
  /** It sums products, which some devices shorten to TF32 when they are told to. */
  readonly products?: true
  /** Of a statistic that is drawn; relative to the largest expected number. */
  readonly limit?: number
}

const random = new ViewRandom(17)
export const drawn = (shape: readonly number[], low = -1.5, high = 1.5): Numbers => ({
  shape,
  data: Float64Array.from({ length: elementCount(shape) }, () => Math.fround(random.uniform(low, high))),
})
export const numbers = (shape: readonly number[], data: readonly number[]): Numbers => ({
  shape,
  data: Float64Array.from(data),
})

export const image = drawn([2, 5, 7, 4])
export const positive = mapped(image, (value) => Math.fround(Math.abs(value) + 0.1))
export const row = drawn([7, 1])
export const wide = drawn([3, 2, 4])
export const colours = drawn([1, 4, 5, 3], 0, 1)

export const total = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0)
export const meanOf = (values: ArrayLike<number>) => total(values) / values.length
