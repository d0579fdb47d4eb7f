// The small interface through which the engine reaches a device: tensors as opaque handles and the operations that the engine needs.
// backend.ts implements it on native TensorFlow (kernels/); nothing else may know raw kernels. Activations are NHWC, convolution weights HWIO.
import type { DeviceKind } from '#contract/devices.ts'

/** An opaque handle to a tensor on the device. It has one owner, who disposes it. Row-major. */
export interface DeviceTensor {
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32'
  dispose(): void
}

/** Zero padding in pixels on each side. */
export interface Padding {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

export interface ConvOptions {
  readonly stride: number
  readonly padding: Padding
  /** Steps between the taps of the kernel; absent = 1. */
  readonly dilation?: number
}

export interface PoolOptions extends ConvOptions {
  readonly size: number
}

/** A batch's own statistics over all axes but the last, shape [C] each; the variance is the biased one. */
export interface Moments {
  readonly mean: DeviceTensor
  readonly variance: DeviceTensor
}

/** What `batchNormTraining` gives; the caller's. */
export interface NormalizedBatch extends Moments {
  readonly y: DeviceTensor
  /** Whatever else this device wants for the gradient. */
  readonly saved: readonly DeviceTensor[]
}

/** Values on the host that are to become a tensor; float32 or int32. */
export interface HostValues {
  readonly data: Float32Array | Int32Array
  readonly shape: readonly number[]
}

/** Of a batch norm with a rectifier behind it: what tells where that was open. */
export interface Rectified {
  /** The norm's, [C]: with it a device may tell from x. */
  readonly offset: DeviceTensor
  /** Made again only by the devices that ask for it; stays the caller's. */
  readonly output: () => DeviceTensor
}

export interface BatchNormGradient {
  readonly dx: DeviceTensor
  readonly dScale: DeviceTensor
  readonly dOffset: DeviceTensor
}

/** What a step costs beside its arithmetic: kernels that were started, tensors that were sent, and reads, each of which waits for all before it. */
export interface DeviceCounts {
  readonly launches: number
  readonly uploads: number
  readonly reads: number
}

/** As the library or the driver names it; empty = not said. */
export interface Card {
  readonly name: string
  readonly driver: string
  /** The processor in the place of a card. */
  readonly software: boolean
}

/** All results are new tensors owned by the caller; inputs are never changed or disposed. Shapes broadcast as in NumPy. */
export interface Device {
  readonly kind: DeviceKind
  /** Of its library, as that writes it. */
  readonly version: string
  /** What the library says of its card; absent = nothing. */
  readonly card?: Card

  /** The same device with each other way in which it may compute products, by name: what proves it proves those. Absent = it has one. */
  variants?(): readonly (readonly [name: string, device: Device])[]

  fromArray(data: Float32Array | Int32Array, shape: readonly number[]): DeviceTensor
  /** What `fromArray` gives for each, in one upload. */
  fromArrays(parts: readonly HostValues[]): DeviceTensor[]
  /** uint8 data as float32 values 0..255. */
  fromBytes(data: Uint8Array, shape: readonly number[]): DeviceTensor
  fill(shape: readonly number[], value: number): DeviceTensor
  /** Small float32 values that are made once and kept: lent for the next few calls, never disposed, not counted as live. */
  constant(values: readonly number[], shape: readonly number[]): DeviceTensor
  /** A float32 tensor's values as they are at the call, copied to the host: the tensor may be disposed before the promise is settled. */
  read(tensor: DeviceTensor): Promise<Float32Array>
  readInts(tensor: DeviceTensor): Promise<Int32Array>
  /** One wait for many tensors. */
  readMany(tensors: readonly DeviceTensor[]): Promise<Float32Array[]>
  liveTensors(): number
  liveBytes(): number
  /** Since it was opened; absent where it does not count. */
  counts?(): DeviceCounts
  /** The most bytes that were alive since the last call of this. */
  takePeakBytes(): number

  /** weight [kh, kw, Cin / groups, Cout]: its third size says how many groups there are. */
  conv2d(x: DeviceTensor, weight: DeviceTensor, options: ConvOptions): DeviceTensor
  conv2dInputGradient(
    inputShape: readonly number[],
    weight: DeviceTensor,
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor
  conv2dWeightGradient(
    x: DeviceTensor,
    weightShape: readonly number[],
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor
  /** weight [kh, kw, C, M]: every channel has M filters of its own; by default no padding, stride 1. */
  depthwiseConv2d(x: DeviceTensor, weight: DeviceTensor, options?: ConvOptions): DeviceTensor
  depthwiseConv2dInputGradient(
    inputShape: readonly number[],
    weight: DeviceTensor,
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor
  depthwiseConv2dWeightGradient(
    x: DeviceTensor,
    weightShape: readonly number[],
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor
  moments(x: DeviceTensor): Moments
  /** Normalises with the batch's own moments; with `relu`, a rectifier follows. */
  batchNormTraining(
    x: DeviceTensor,
    scale: DeviceTensor,
    offset: DeviceTensor,
    epsilon: number,
    relu?: boolean,
  ): NormalizedBatch
  /**
   * Gradient of `batchNormTraining`, through the moments; `saved` as that gave it, where it was called. Without `rectified`, of the norm alone;
   * with it, of norm and rectifier, dy being the gradient behind both.
   */
  batchNormGradient(
    dy: DeviceTensor,
    x: DeviceTensor,
    scale: DeviceTensor,
    mean: DeviceTensor,
    variance: DeviceTensor,
    epsilon: number,
    saved?: readonly DeviceTensor[],
    rectified?: Rectified | null,
  ): BatchNormGradient
  /** Normalises with given statistics (shape [C]); with `relu`, a rectifier follows. */
  batchNormFixed(
    x: DeviceTensor,
    scale: DeviceTensor,
    offset: DeviceTensor,
    mean: DeviceTensor,
    variance: DeviceTensor,
    epsilon: number,
    relu?: boolean,
  ): DeviceTensor
  maxPool(x: DeviceTensor, options: PoolOptions): DeviceTensor
  maxPoolGradient(x: DeviceTensor, y: DeviceTensor, dy: DeviceTensor, options: PoolOptions): DeviceTensor
  avgPool(x: DeviceTensor, options: PoolOptions): DeviceTensor
  avgPoolGradient(inputShape: readonly number[], dy: DeviceTensor, options: PoolOptions): DeviceTensor
  matMul(a: DeviceTensor, b: DeviceTensor, transposeA?: boolean, transposeB?: boolean): DeviceTensor
  /** Products of the last two axes, for every index of the axes before, which broadcast. */
  batchMatMul(a: DeviceTensor, b: DeviceTensor, transposeA?: boolean, transposeB?: boolean): DeviceTensor

  relu(x: DeviceTensor): DeviceTensor
  /** dy where the ReLU's output y is above 0. */
  reluGradient(dy: DeviceTensor, y: DeviceTensor): DeviceTensor
  add(a: DeviceTensor, b: DeviceTensor): DeviceTensor
  addMany(tensors: readonly DeviceTensor[]): DeviceTensor
  sub(a: DeviceTensor, b: DeviceTensor): DeviceTensor
  mul(a: DeviceTensor, b: DeviceTensor): DeviceTensor
  div(a: DeviceTensor, b: DeviceTensor): DeviceTensor
  maximum(a: DeviceTensor, b: DeviceTensor): DeviceTensor
  minimum(a: DeviceTensor, b: DeviceTensor): DeviceTensor
  pow(a: DeviceTensor, b: DeviceTensor): DeviceTensor
  addScalar(x: DeviceTensor, value: number): DeviceTensor
  scale(x: DeviceTensor, factor: number): DeviceTensor
  clip(x: DeviceTensor, low: number, high: number): DeviceTensor
  neg(x: DeviceTensor): DeviceTensor
  abs(x: DeviceTensor): DeviceTensor
  sign(x: DeviceTensor): DeviceTensor
  /** What is left after whole multiples of a positive number, in [0, modulus), also of negative numbers. */
  modulo(x: DeviceTensor, modulus: DeviceTensor): DeviceTensor
  square(x: DeviceTensor): DeviceTensor
  sqrt(x: DeviceTensor): DeviceTensor
  exp(x: DeviceTensor): DeviceTensor
  log(x: DeviceTensor): DeviceTensor
  sigmoid(x: DeviceTensor): DeviceTensor
  erf(x: DeviceTensor): DeviceTensor
  softmax(x: DeviceTensor): DeviceTensor
  logSoftmax(x: DeviceTensor): DeviceTensor
  sum(x: DeviceTensor, axes?: readonly number[], keepDims?: boolean): DeviceTensor
  mean(x: DeviceTensor, axes?: readonly number[], keepDims?: boolean): DeviceTensor
  /** L1 norm of each tensor, read once. */
  sumAbsMany(tensors: readonly DeviceTensor[]): Promise<Float32Array>
  meanMany(tensors: readonly DeviceTensor[]): Promise<Float32Array>
  /** L2 norm of each tensor, read once. */
  normMany(tensors: readonly DeviceTensor[]): Promise<Float32Array>
  argMax(x: DeviceTensor): DeviceTensor

  reshape(x: DeviceTensor, shape: readonly number[]): DeviceTensor
  transpose(x: DeviceTensor, order: readonly number[]): DeviceTensor
  slice(x: DeviceTensor, begin: readonly number[], size: readonly number[]): DeviceTensor
  stridedSlice(
    x: DeviceTensor,
    begin: readonly number[],
    end: readonly number[],
    strides: readonly number[],
  ): DeviceTensor
  stridedSliceGradient(
    inputShape: readonly number[],
    dy: DeviceTensor,
    begin: readonly number[],
    end: readonly number[],
    strides: readonly number[],
  ): DeviceTensor
  /** Zeros around; pads[i] = [before, after] of axis i. */
  pad(
    x: DeviceTensor,
    pads: readonly (readonly [number, number])[],
    mode?: 'constant' | 'reflect' | 'symmetric',
  ): DeviceTensor
  /** The elements of the parts, of any shape, one after another in rows of `width`; a number stands for so many zeros. Float32. */
  pack(parts: readonly (DeviceTensor | number)[], width: number): DeviceTensor
  /** The elements of `flat` cut into pieces of these sizes, which sum up to all of them, each in its shape; null = left out. */
  unpack(
    flat: DeviceTensor,
    sizes: readonly number[],
    shapes: readonly (readonly number[] | null)[],
  ): (DeviceTensor | null)[]
  concat(tensors: readonly DeviceTensor[], axis: number): DeviceTensor
  gather(x: DeviceTensor, indices: DeviceTensor, axis: number): DeviceTensor
  reverse(x: DeviceTensor, axes: readonly number[]): DeviceTensor

  /**
   * NHWC images resampled bilinearly: output (x, y) reads input (a0 x + a1 y + a2, b0 x + b1 y + b2), in pixel centres; outside the
   * image its edge pixels go on. transform = [a0, a1, a2, b0, b1, b2], as a tensor [1, 8] with two zeros behind.
   */
  affine(
    images: DeviceTensor,
    transform: readonly number[] | DeviceTensor,
    outputHeight: number,
    outputWidth: number,
  ): DeviceTensor
  rgbToHsv(images: DeviceTensor): DeviceTensor
  hsvToRgb(images: DeviceTensor): DeviceTensor
  /** Standard normal numbers as a pure function of (shape, seed); the seed's two numbers may be an int32 tensor [2]. */
  randomNormal(shape: readonly number[], seed: readonly [number, number] | DeviceTensor): DeviceTensor
}
