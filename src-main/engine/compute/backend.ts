// Device on native TensorFlow, through the binding of @tensorflow/tfjs-node-gpu: eager kernels, called by name, without the library's
// JavaScript engine (no tape, no scopes, no tensor registry: the engine frees what it no longer needs). The only file that names a tfjs package.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import {
  FLOAT,
  INT32,
  UINT8,
  string,
  ints,
  int,
  float,
  bool,
  type,
  noAttributes,
  type Attribute,
  type Binding,
} from './binding.ts'
import { processEnvironment } from './environment.ts'
import type { BatchNormGradient, ConvOptions, Device, DeviceTensor, Moments, Padding, PoolOptions } from './device.ts'

/** How many times E[x^2] may exceed the variance before E[x^2] - E[x]^2 is not used: it costs log2 of this in bits. */
const worstCancellation = 8
const noPadding: Padding = { top: 0, bottom: 0, left: 0, right: 0 }

class NativeTensor implements DeviceTensor {
  readonly id: number
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32'
  private readonly owner: NativeDevice
  private alive = true

  constructor(owner: NativeDevice, id: number, shape: readonly number[], dtype: 'float32' | 'int32') {
    this.owner = owner
    this.id = id
    this.shape = shape
    this.dtype = dtype
  }

  dispose(): void {
    if (!this.alive) throw new Error(`A tensor of shape [${this.shape.join(', ')}] was disposed twice`)
    this.alive = false
    this.owner.release(this)
  }
}

const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1)

let loaded: NativeDevice | null = null

/**
 * The device of this process, loaded on first use (the native library can be loaded once per process).
 * @throws PalmError `native-missing` when there is no compiled binding or the library does not load.
 */
export function loadDevice(): Device {
  if (loaded) return loaded
  for (const [name, value] of Object.entries(processEnvironment)) process.env[name] ??= value
  const require = createRequire(import.meta.url)
  let path = process.env.PALM_TFJS_BINDING
  try {
    path ??= join(dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')), 'lib/napi-v8/tfjs_binding.node')
    loaded = new NativeDevice(require(path) as Binding)
  } catch (cause) {
    throw new PalmError(
      'native-missing',
      'The native TensorFlow library could not be loaded. Run `npm start` again (it repairs the set-up), or `palm doctor` to see what is missing.',
      `${path ?? '@tensorflow/tfjs-node-gpu'}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
  if (process.env.PALM_REQUIRE_CUDA && loaded.kind !== 'cuda') {
    throw new PalmError(
      'native-missing',
      'The settings ask for the GPU, and TensorFlow finds none that it can use. Choose “automatic” or the processor in the settings, or supply the CUDA library (PALM_DEVICE=cuda npm start).',
    )
  }
  return loaded
}

/** A device on the given binding: for `loadDevice`, and for tests that put another library's behaviour in its place. */
export function deviceOn(binding: Binding): Device {
  return new NativeDevice(binding)
}

class NativeDevice implements Device {
  readonly kind: 'cpu' | 'cuda'
  readonly version: string
  private readonly binding: Binding
  private tensors = 0
  private bytes = 0
  private peak = 0
  private fusesRelu: boolean | null
  private readonly hostInts = new Map<string, NativeTensor>()

  constructor(binding: Binding) {
    this.binding = binding
    this.kind = binding.isUsingGpuDevice() ? 'cuda' : 'cpu'
    this.version = binding.TF_Version
    this.fusesRelu = this.kind === 'cpu' ? null : false
  }

  release(tensor: NativeTensor): void {
    this.binding.deleteTensor(tensor.id)
    this.tensors -= 1
    this.bytes -= 4 * elements(tensor.shape)
  }

  liveTensors(): number {
    return this.tensors
  }

  liveBytes(): number {
    return this.bytes
  }

  takePeakBytes(): number {
    const { peak } = this
    this.peak = this.bytes
    return peak
  }

  private adopt(id: number, shape: readonly number[], dtype: 'float32' | 'int32'): NativeTensor {
    this.tensors += 1
    this.bytes += 4 * elements(shape)
    this.peak = Math.max(this.peak, this.bytes)
    return new NativeTensor(this, id, shape, dtype)
  }

  private guarded<T>(name: string, call: () => T): T {
    try {
      return call()
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      if (/OOM|RESOURCE_EXHAUSTED|failed to allocate|bad_alloc/i.test(message)) {
        throw new PalmError(
          'out-of-memory',
          'The device ran out of memory. Try a smaller batch size, fewer methods in one run, or a smaller model.',
          `${name}: ${message}`,
          { cause },
        )
      }
      throw new PalmError('internal', `The TensorFlow kernel ${name} failed.`, message, { cause })
    }
  }

  private many(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly DeviceTensor[],
    outputs: number,
  ): NativeTensor[] {
    const ids = inputs.map((input) => (input as NativeTensor).id)
    const results = this.guarded(name, () => this.binding.executeOp(name, attributes, ids, outputs))
    return results.map((result) => this.adopt(result.id, result.shape, result.dtype === INT32 ? 'int32' : 'float32'))
  }

  private one(name: string, attributes: readonly Attribute[], inputs: readonly DeviceTensor[]): NativeTensor {
    return this.many(name, attributes, inputs, 1)[0] as NativeTensor
  }

  /** Small int32 arguments (axes, shapes) as tensors, made once and kept: not counted as live. */
  private argument(values: readonly number[], scalar = false): NativeTensor {
    const key = scalar ? `s${values[0]}` : values.join()
    let tensor = this.hostInts.get(key)
    if (!tensor) {
      const shape = scalar ? [] : [values.length]
      tensor = new NativeTensor(this, this.binding.createTensor(shape, INT32, Int32Array.from(values)), shape, 'int32')
      if (this.hostInts.size < 4096) this.hostInts.set(key, tensor)
    }
    return tensor
  }

  private withScalar(name: string, x: DeviceTensor, value: number): NativeTensor {
    const scalar = this.fromArray(Float32Array.of(value), [])
    const result = this.one(name, noAttributes, [x, scalar])
    scalar.dispose()
    return result
  }

  fromArray(data: Float32Array | Int32Array, shape: readonly number[]): NativeTensor {
    const dtype = data instanceof Int32Array ? 'int32' : 'float32'
    // The binding shares the memory it is given, so it gets a copy that nobody else can write to.
    const id = this.guarded('createTensor', () =>
      this.binding.createTensor(shape, dtype === 'int32' ? INT32 : FLOAT, data.slice()),
    )
    return this.adopt(id, shape, dtype)
  }

  fromBytes(data: Uint8Array, shape: readonly number[]): NativeTensor {
    const id = this.guarded('createTensor', () => this.binding.createTensor(shape, UINT8, new Uint8Array(data)))
    const bytes = new NativeTensor(this, id, shape, 'int32')
    const result = this.one('Cast', [type('SrcT', UINT8), type('DstT', FLOAT), bool('Truncate', false)], [bytes])
    this.binding.deleteTensor(id)
    return result
  }

  fill(shape: readonly number[], value: number): NativeTensor {
    const scalar = this.fromArray(Float32Array.of(value), [])
    const result = this.one('Fill', noAttributes, [this.argument(shape), scalar])
    scalar.dispose()
    return result
  }

  read(tensor: DeviceTensor): Float32Array {
    return this.guarded('read', () => this.binding.tensorDataSync((tensor as NativeTensor).id)) as Float32Array
  }

  readInts(tensor: DeviceTensor): Int32Array {
    return this.guarded('read', () => this.binding.tensorDataSync((tensor as NativeTensor).id)) as Int32Array
  }

  readMany(tensors: readonly DeviceTensor[]): Float32Array[] {
    return tensors.map((tensor) => this.read(tensor))
  }

  /** SAME and VALID reach TensorFlow's oneDNN kernels, EXPLICIT does not: so pad by hand where the two do not fit (stride 2). */
  private padded(
    x: DeviceTensor,
    kernel: readonly number[],
    options: ConvOptions,
  ): { x: DeviceTensor; owned: boolean; padding: 'SAME' | 'VALID' } {
    const { top, bottom, left, right } = options.padding
    if (top === 0 && bottom === 0 && left === 0 && right === 0) return { x, owned: false, padding: 'VALID' }
    if (isSame(kernel, options)) return { x, owned: false, padding: 'SAME' }
    return {
      x: this.pad(x, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]),
      owned: true,
      padding: 'VALID',
    }
  }

  private convAttributes(
    { stride, dilation = 1 }: Pick<ConvOptions, 'stride' | 'dilation'>,
    padding: string,
  ): Attribute[] {
    return [
      ints('strides', [1, stride, stride, 1]),
      string('padding', padding),
      string('data_format', 'NHWC'),
      ints('dilations', [1, dilation, dilation, 1]),
    ]
  }

  private convolve(kernel: string, x: DeviceTensor, weight: DeviceTensor, options: ConvOptions): DeviceTensor {
    const input = this.padded(x, weight.shape, options)
    const y = this.one(kernel, this.convAttributes(options, input.padding), [input.x, weight])
    if (input.owned) input.x.dispose()
    return y
  }

  private inputGradient(
    kernel: string,
    inputShape: readonly number[],
    weight: DeviceTensor,
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor {
    const { top, bottom, left, right } = options.padding
    const [n = 0, h = 0, w = 0, c = 0] = inputShape
    const padding = hasPadding(options.padding) ? (isSame(weight.shape, options) ? 'SAME' : null) : 'VALID'
    if (padding) return this.one(kernel, this.convAttributes(options, padding), [this.argument(inputShape), weight, dy])
    const full = this.one(kernel, this.convAttributes(options, 'VALID'), [
      this.argument([n, h + top + bottom, w + left + right, c]),
      weight,
      dy,
    ])
    const dx = this.slice(full, [0, top, left, 0], [n, h, w, c])
    full.dispose()
    return dx
  }

  private weightGradient(
    kernel: string,
    x: DeviceTensor,
    weightShape: readonly number[],
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor {
    const input = this.padded(x, weightShape, options)
    const dw = this.one(kernel, this.convAttributes(options, input.padding), [input.x, this.argument(weightShape), dy])
    if (input.owned) input.x.dispose()
    return dw
  }

  conv2d(x: DeviceTensor, weight: DeviceTensor, options: ConvOptions): DeviceTensor {
    return this.convolve('Conv2D', x, weight, options)
  }

  conv2dInputGradient(
    inputShape: readonly number[],
    weight: DeviceTensor,
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor {
    return this.inputGradient('Conv2DBackpropInput', inputShape, weight, dy, options)
  }

  conv2dWeightGradient(
    x: DeviceTensor,
    weightShape: readonly number[],
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor {
    return this.weightGradient('Conv2DBackpropFilter', x, weightShape, dy, options)
  }

  depthwiseConv2d(
    x: DeviceTensor,
    weight: DeviceTensor,
    options: ConvOptions = { stride: 1, padding: noPadding },
  ): DeviceTensor {
    return this.convolve('DepthwiseConv2dNative', x, weight, options)
  }

  depthwiseConv2dInputGradient(
    inputShape: readonly number[],
    weight: DeviceTensor,
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor {
    return this.inputGradient('DepthwiseConv2dNativeBackpropInput', inputShape, weight, dy, options)
  }

  depthwiseConv2dWeightGradient(
    x: DeviceTensor,
    weightShape: readonly number[],
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor {
    return this.weightGradient('DepthwiseConv2dNativeBackpropFilter', x, weightShape, dy, options)
  }

  private normAttributes(epsilon: number, training: boolean): Attribute[] {
    return [float('epsilon', epsilon), string('data_format', 'NHWC'), bool('is_training', training)]
  }

  /**
   * The fused kernel's own statistics are sums in plain float32 (measured: logits off by 1.3e-5 where PyTorch's are off by 4e-6, enough to
   * flip a ReLU and with it a small gradient), so the moments come from kernels that sum in a tree. On the CPU the variance is
   * E[x^2] - E[x]^2, one quick pass, unless some channel's mean is so far from zero that the difference would lose digits.
   */
  moments(x: DeviceTensor): Moments {
    const axes = x.shape.map((_, axis) => axis).slice(0, -1)
    const mean = this.mean(x, axes)
    if (this.kind === 'cpu') {
      const variance = this.quickVariance(x, mean, axes)
      if (variance) return { mean, variance }
    }
    const squares = this.one('SquaredDifference', noAttributes, [x, mean])
    const variance = this.mean(squares, axes)
    squares.dispose()
    return { mean, variance }
  }

  private quickVariance(x: DeviceTensor, mean: DeviceTensor, axes: readonly number[]): DeviceTensor | null {
    const norm = this.reduce('EuclideanNorm', x, axes, false)
    const norms = this.read(norm)
    const means = this.read(mean)
    norm.dispose()
    const rows = elements(x.shape) / (x.shape.at(-1) ?? 1)
    const variances = new Float32Array(means.length)
    for (let c = 0; c < means.length; c++) {
      const square = (norms[c] as number) ** 2 / rows
      variances[c] = square - (means[c] as number) ** 2
      if (!((variances[c] as number) * worstCancellation >= square)) return null
    }
    return this.fromArray(variances, [variances.length])
  }

  private inverseDeviation(variance: DeviceTensor, epsilon: number): NativeTensor {
    const shifted = this.addScalar(variance, epsilon)
    const inverse = this.one('Rsqrt', noAttributes, [shifted])
    shifted.dispose()
    return inverse
  }

  batchNormGradient(
    dy: DeviceTensor,
    x: DeviceTensor,
    scale: DeviceTensor,
    mean: DeviceTensor,
    variance: DeviceTensor,
    epsilon: number,
  ): BatchNormGradient {
    // The fifth input is the variance on the processor, but 1/sqrt(variance + epsilon) on CUDA, where cuDNN's forward pass saves that.
    const spread = this.kind === 'cuda' ? this.inverseDeviation(variance, epsilon) : variance
    const unused = this.fromArray(new Float32Array(0), [0])
    const [dx, dScale, dOffset, ...rest] = this.many(
      'FusedBatchNormGradV3',
      this.normAttributes(epsilon, true),
      [dy, x, scale, mean, spread, unused],
      5,
    )
    for (const tensor of [unused, ...rest]) tensor.dispose()
    if (spread !== variance) spread.dispose()
    return { dx: dx as DeviceTensor, dScale: dScale as DeviceTensor, dOffset: dOffset as DeviceTensor }
  }

  batchNormFixed(
    x: DeviceTensor,
    scale: DeviceTensor,
    offset: DeviceTensor,
    mean: DeviceTensor,
    variance: DeviceTensor,
    epsilon: number,
    relu = false,
  ): DeviceTensor {
    const inputs = [x, scale, offset, mean, variance]
    const attributes = [...this.normAttributes(epsilon, false), float('exponential_avg_factor', 1)]
    if (relu && this.fusesRelu !== false) {
      const fused = this.normAndRelu(attributes, inputs)
      if (fused) return fused
    }
    const [y, ...rest] = this.many('FusedBatchNormV3', attributes, inputs, 6)
    for (const tensor of rest) tensor.dispose()
    if (!relu) return y as DeviceTensor
    const rectified = this.relu(y as DeviceTensor)
    y?.dispose()
    return rectified
  }

  /**
   * oneDNN's batch norm with a rectifier in the same pass: the same bits as the two kernels, in half the time. TensorFlow registers it
   * for its own graph rewriter, on x86 only; where it is not there, the first try finds out.
   */
  private normAndRelu(attributes: readonly Attribute[], inputs: readonly DeviceTensor[]): DeviceTensor | null {
    const fused = [
      ...attributes,
      type('T', FLOAT),
      type('U', FLOAT),
      string('activation_mode', 'Relu'),
      int('num_side_inputs', 0),
      string('_kernel', 'MklNameChangeOp'),
    ]
    try {
      const [y, ...rest] = this.many('_MklNativeFusedBatchNormEx', fused, inputs, 6)
      for (const tensor of rest) tensor.dispose()
      this.fusesRelu = true
      return y as DeviceTensor
    } catch (thrown) {
      if (this.fusesRelu) throw thrown
      this.fusesRelu = false
      return null
    }
  }

  private poolAttributes(options: PoolOptions): Attribute[] {
    return [
      ints('ksize', [1, options.size, options.size, 1]),
      ints('strides', [1, options.stride, options.stride, 1]),
      string('padding', 'VALID'),
      string('data_format', 'NHWC'),
    ]
  }

  /** Padding must not win a maximum: the most negative float stands for "nothing there". */
  private poolPadded(x: DeviceTensor, padding: Padding): DeviceTensor {
    const lowest = this.fromArray(Float32Array.of(-3.4e38), [])
    const pads = this.fromArray(
      Int32Array.of(0, 0, padding.top, padding.bottom, padding.left, padding.right, 0, 0),
      [4, 2],
    )
    const result = this.one('PadV2', noAttributes, [x, pads, lowest])
    lowest.dispose()
    pads.dispose()
    return result
  }

  maxPool(x: DeviceTensor, options: PoolOptions): DeviceTensor {
    if (!hasPadding(options.padding)) return this.one('MaxPool', this.poolAttributes(options), [x])
    const padded = this.poolPadded(x, options.padding)
    const y = this.one('MaxPool', this.poolAttributes(options), [padded])
    padded.dispose()
    return y
  }

  maxPoolGradient(x: DeviceTensor, y: DeviceTensor, dy: DeviceTensor, options: PoolOptions): DeviceTensor {
    if (!hasPadding(options.padding)) return this.one('MaxPoolGrad', this.poolAttributes(options), [x, y, dy])
    const padded = this.poolPadded(x, options.padding)
    const full = this.one('MaxPoolGrad', this.poolAttributes(options), [padded, y, dy])
    padded.dispose()
    const dx = this.slice(full, [0, options.padding.top, options.padding.left, 0], x.shape)
    full.dispose()
    return dx
  }

  /** Without padding: whoever wants some pads before, and says what counts. */
  avgPool(x: DeviceTensor, options: PoolOptions): DeviceTensor {
    return this.one('AvgPool', this.poolAttributes(options), [x])
  }

  avgPoolGradient(inputShape: readonly number[], dy: DeviceTensor, options: PoolOptions): DeviceTensor {
    return this.one('AvgPoolGrad', this.poolAttributes(options), [this.argument(inputShape), dy])
  }

  matMul(a: DeviceTensor, b: DeviceTensor, transposeA = false, transposeB = false): DeviceTensor {
    return this.one('MatMul', [bool('transpose_a', transposeA), bool('transpose_b', transposeB)], [a, b])
  }

  batchMatMul(a: DeviceTensor, b: DeviceTensor, transposeA = false, transposeB = false): DeviceTensor {
    return this.one('BatchMatMulV2', [bool('adj_x', transposeA), bool('adj_y', transposeB)], [a, b])
  }

  relu = (x: DeviceTensor) => this.one('Relu', noAttributes, [x])
  reluGradient = (dy: DeviceTensor, y: DeviceTensor) => this.one('ReluGrad', noAttributes, [dy, y])
  add = (a: DeviceTensor, b: DeviceTensor) => this.one('AddV2', noAttributes, [a, b])
  sub = (a: DeviceTensor, b: DeviceTensor) => this.one('Sub', noAttributes, [a, b])
  mul = (a: DeviceTensor, b: DeviceTensor) => this.one('Mul', noAttributes, [a, b])
  div = (a: DeviceTensor, b: DeviceTensor) => this.one('RealDiv', noAttributes, [a, b])
  maximum = (a: DeviceTensor, b: DeviceTensor) => this.one('Maximum', noAttributes, [a, b])
  minimum = (a: DeviceTensor, b: DeviceTensor) => this.one('Minimum', noAttributes, [a, b])
  pow = (a: DeviceTensor, b: DeviceTensor) => this.one('Pow', noAttributes, [a, b])
  addScalar = (x: DeviceTensor, value: number) => this.withScalar('AddV2', x, value)
  scale = (x: DeviceTensor, factor: number) => this.withScalar('Mul', x, factor)
  neg = (x: DeviceTensor) => this.one('Neg', noAttributes, [x])
  abs = (x: DeviceTensor) => this.one('Abs', noAttributes, [x])
  sign = (x: DeviceTensor) => this.one('Sign', noAttributes, [x])
  square = (x: DeviceTensor) => this.one('Square', noAttributes, [x])
  sqrt = (x: DeviceTensor) => this.one('Sqrt', noAttributes, [x])
  exp = (x: DeviceTensor) => this.one('Exp', noAttributes, [x])
  log = (x: DeviceTensor) => this.one('Log', noAttributes, [x])
  sigmoid = (x: DeviceTensor) => this.one('Sigmoid', noAttributes, [x])
  erf = (x: DeviceTensor) => this.one('Erf', noAttributes, [x])
  softmax = (x: DeviceTensor) => this.one('Softmax', noAttributes, [x])
  logSoftmax = (x: DeviceTensor) => this.one('LogSoftmax', noAttributes, [x])
  rgbToHsv = (images: DeviceTensor) => this.one('RGBToHSV', noAttributes, [images])
  hsvToRgb = (images: DeviceTensor) => this.one('HSVToRGB', noAttributes, [images])

  fraction(x: DeviceTensor): DeviceTensor {
    return this.withScalar('FloorMod', x, 1)
  }

  addMany(tensors: readonly DeviceTensor[]): DeviceTensor {
    return this.one('AddN', [int('N', tensors.length), type('T', FLOAT)], tensors)
  }

  clip(x: DeviceTensor, low: number, high: number): DeviceTensor {
    const lowest = this.fromArray(Float32Array.of(low), [])
    const highest = this.fromArray(Float32Array.of(high), [])
    const result = this.one('ClipByValue', noAttributes, [x, lowest, highest])
    lowest.dispose()
    highest.dispose()
    return result
  }

  private reduce(name: string, x: DeviceTensor, axes: readonly number[] | undefined, keepDims: boolean): NativeTensor {
    return this.one(name, [bool('keep_dims', keepDims)], [x, this.argument(axes ?? x.shape.map((_, axis) => axis))])
  }

  sum(x: DeviceTensor, axes?: readonly number[], keepDims = false): DeviceTensor {
    return this.reduce('Sum', x, axes, keepDims)
  }

  mean(x: DeviceTensor, axes?: readonly number[], keepDims = false): DeviceTensor {
    return this.reduce('Mean', x, axes, keepDims)
  }

  private readScalars(scalars: readonly DeviceTensor[]): Float32Array {
    if (scalars.length === 0) return new Float32Array(0)
    const packed = this.one('Pack', [int('N', scalars.length), int('axis', 0), type('T', FLOAT)], scalars)
    const values = this.read(packed)
    packed.dispose()
    for (const scalar of scalars) scalar.dispose()
    return values
  }

  sumAbsMany(tensors: readonly DeviceTensor[]): Float32Array {
    return this.readScalars(
      tensors.map((tensor) => {
        const absolute = this.abs(tensor)
        const total = this.sum(absolute)
        absolute.dispose()
        return total
      }),
    )
  }

  meanMany(tensors: readonly DeviceTensor[]): Float32Array {
    return this.readScalars(tensors.map((tensor) => this.mean(tensor)))
  }

  normMany(tensors: readonly DeviceTensor[]): Float32Array {
    return this.readScalars(tensors.map((tensor) => this.one('L2Loss', noAttributes, [tensor]))).map((half) =>
      Math.sqrt(2 * half),
    )
  }

  argMax(x: DeviceTensor): DeviceTensor {
    return this.one('ArgMax', [type('output_type', INT32)], [x, this.argument([x.shape.length - 1], true)])
  }

  reshape(x: DeviceTensor, shape: readonly number[]): DeviceTensor {
    return this.one('Reshape', noAttributes, [x, this.argument(shape)])
  }

  transpose(x: DeviceTensor, order: readonly number[]): DeviceTensor {
    return this.one('Transpose', noAttributes, [x, this.argument(order)])
  }

  slice(x: DeviceTensor, begin: readonly number[], size: readonly number[]): DeviceTensor {
    return this.one('Slice', noAttributes, [x, this.argument(begin), this.argument(size)])
  }

  stridedSlice(
    x: DeviceTensor,
    begin: readonly number[],
    end: readonly number[],
    strides: readonly number[],
  ): DeviceTensor {
    return this.one('StridedSlice', noAttributes, [x, this.argument(begin), this.argument(end), this.argument(strides)])
  }

  stridedSliceGradient(
    inputShape: readonly number[],
    dy: DeviceTensor,
    begin: readonly number[],
    end: readonly number[],
    strides: readonly number[],
  ): DeviceTensor {
    return this.one('StridedSliceGrad', noAttributes, [
      this.argument(inputShape),
      this.argument(begin),
      this.argument(end),
      this.argument(strides),
      dy,
    ])
  }

  pad(
    x: DeviceTensor,
    pads: readonly (readonly [number, number])[],
    mode: 'constant' | 'reflect' | 'symmetric' = 'constant',
  ): DeviceTensor {
    const amounts = this.fromArray(Int32Array.from(pads.flat()), [pads.length, 2])
    const result =
      mode === 'constant'
        ? this.one('Pad', noAttributes, [x, amounts])
        : this.one('MirrorPad', [string('mode', mode.toUpperCase())], [x, amounts])
    amounts.dispose()
    return result
  }

  concat(tensors: readonly DeviceTensor[], axis: number): DeviceTensor {
    return this.one('ConcatV2', [int('N', tensors.length), type('T', FLOAT)], [...tensors, this.argument([axis], true)])
  }

  gather(x: DeviceTensor, indices: DeviceTensor, axis: number): DeviceTensor {
    return this.one('GatherV2', [int('batch_dims', 0)], [x, indices, this.argument([axis], true)])
  }

  reverse(x: DeviceTensor, axes: readonly number[]): DeviceTensor {
    return this.one('ReverseV2', noAttributes, [x, this.argument(axes)])
  }

  affine(images: DeviceTensor, transform: readonly number[], outputHeight: number, outputWidth: number): DeviceTensor {
    const matrix = this.fromArray(Float32Array.of(...transform, 0, 0), [1, 8])
    const outside = this.fromArray(Float32Array.of(0), [])
    const attributes = [type('dtype', FLOAT), string('interpolation', 'BILINEAR'), string('fill_mode', 'NEAREST')]
    const result = this.one('ImageProjectiveTransformV3', attributes, [
      images,
      matrix,
      this.argument([outputHeight, outputWidth]),
      outside,
    ])
    matrix.dispose()
    outside.dispose()
    return result
  }

  randomNormal(shape: readonly number[], seed: readonly [number, number]): DeviceTensor {
    const key = this.fromArray(Int32Array.from(seed), [2])
    const result = this.one('StatelessRandomNormal', [type('dtype', FLOAT)], [this.argument(shape), key])
    key.dispose()
    return result
  }
}

/** Whether TensorFlow's SAME gives the same padding: stride 1 and an odd kernel padded by half of it on each side. */
function isSame(kernel: readonly number[], options: ConvOptions): boolean {
  const [kh = 0, kw = 0] = kernel
  const { top, bottom, left, right } = options.padding
  return (
    options.stride === 1 &&
    (options.dilation ?? 1) === 1 &&
    top === bottom &&
    left === right &&
    2 * top + 1 === kh &&
    2 * left + 1 === kw
  )
}

function hasPadding(padding: Padding): boolean {
  return padding !== noPadding && padding.top + padding.bottom + padding.left + padding.right > 0
}
