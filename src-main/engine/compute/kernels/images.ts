// Kernels for whole images, and random numbers.
import { FLOAT, noAttributes, string, type } from '#engine/compute/binding.ts'
import type { Device } from '#engine/compute/device.ts'
import type { KernelCaller } from './kernel-caller.ts'

export function imageKernels(call: KernelCaller) {
  return {
    affine(images, transform, outputHeight, outputWidth) {
      const matrix = 'dispose' in transform ? transform : call.fromArray(Float32Array.of(...transform, 0, 0), [1, 8])
      const outside = call.constant([0], [])
      const attributes = [type('dtype', FLOAT), string('interpolation', 'BILINEAR'), string('fill_mode', 'NEAREST')]
      const size = call.argument([outputHeight, outputWidth])
      const result = call.one('ImageProjectiveTransformV3', attributes, [images, matrix, size, outside])
      if (matrix !== transform) matrix.dispose()
      return result
    },
    rgbToHsv: (images) => call.one('RGBToHSV', noAttributes, [images]),
    hsvToRgb: (images) => call.one('HSVToRGB', noAttributes, [images]),
    randomNormal(shape, seed) {
      const key = 'dispose' in seed ? seed : call.fromArray(Int32Array.from(seed), [2])
      const result = call.one('StatelessRandomNormal', [type('dtype', FLOAT)], [call.argument(shape), key])
      if (key !== seed) key.dispose()
      return result
    },
  } satisfies Partial<Device>
}
