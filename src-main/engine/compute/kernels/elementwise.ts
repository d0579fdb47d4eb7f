// Kernels that work element by element, with shapes that broadcast, and products of matrices.
import { FLOAT, bool, int, noAttributes, type } from '#engine/compute/binding.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { KernelCaller } from './kernel-caller.ts'

export function elementwiseKernels(call: KernelCaller) {
  const unary = (name: string) => (x: DeviceTensor) => call.one(name, noAttributes, [x])
  const binary = (name: string) => (a: DeviceTensor, b: DeviceTensor) => call.one(name, noAttributes, [a, b])
  return {
    relu: unary('Relu'),
    reluGradient: binary('ReluGrad'),
    add: binary('AddV2'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('RealDiv'),
    maximum: binary('Maximum'),
    minimum: binary('Minimum'),
    pow: binary('Pow'),
    neg: unary('Neg'),
    abs: unary('Abs'),
    sign: unary('Sign'),
    square: unary('Square'),
    sqrt: unary('Sqrt'),
    exp: unary('Exp'),
    log: unary('Log'),
    sigmoid: unary('Sigmoid'),
    erf: unary('Erf'),
    softmax: unary('Softmax'),
    logSoftmax: unary('LogSoftmax'),
    addScalar: (x, value) => call.withScalar('AddV2', x, value),
    scale: (x, factor) => call.withScalar('Mul', x, factor),
    modulo: binary('FloorMod'),
    addMany: (tensors) => call.one('AddN', [int('N', tensors.length), type('T', FLOAT)], tensors),
    clip: (x, low, high) =>
      call.one('ClipByValue', noAttributes, [x, call.constant([low], []), call.constant([high], [])]),
    matMul: (a, b, transposeA = false, transposeB = false) =>
      call.one('MatMul', [bool('transpose_a', transposeA), bool('transpose_b', transposeB)], [a, b]),
    batchMatMul: (a, b, transposeA = false, transposeB = false) =>
      call.one('BatchMatMulV2', [bool('adj_x', transposeA), bool('adj_y', transposeB)], [a, b]),
  } satisfies Partial<Device>
}
