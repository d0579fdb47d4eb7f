// Weights files of every kind that is read, made by PyTorch's and ONNX's own tools (test/golden/formats.py): the same logits as onnxruntime and PyTorch
// compute from them; and hostile ones, each refused in words.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-layers'
import * as core from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { expect, test } from 'vitest'
import { loadDevice } from '#engine/compute/backend.ts'
import { forward } from '#engine/compute/graph.ts'
import { networkToTfjs } from '#engine/models/formats/tfjs/tfjs-write.ts'
import { describeModel, loadModel } from '#engine/models/load.ts'
import { readWeightsFile } from '#engine/models/weights-file.ts'
import { NumpyRandom } from '#stream/images/random.ts'

interface Case {
  readonly file: string
  readonly logits: number[]
}

const { torch, onnx, hostile } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../golden/formats.json'), 'utf8'),
) as { torch: Record<string, Case>; onnx: Record<string, Case>; hostile: Record<string, string> }
const device = loadDevice()
const pixels = new Float32Array(new NumpyRandom(1).uniforms(3 * 16 * 16 * 3, 0, 1))
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))
const noParts = () => Promise.reject(new Error('no part was expected'))

const none = { mean: [0, 0, 0], std: [1, 1, 1] } as const

async function logitsOf(
  bytes: Uint8Array,
  name: string,
  options: Parameters<typeof loadModel>[2],
  parts: (name: string) => Promise<Uint8Array> = noParts,
): Promise<Float32Array> {
  const model = loadModel(device, await readWeightsFile(bytes, name, parts), options)
  const x = device.fromArray(pixels, [3, 16, 16, 3])
  const { logits } = forward(device, model.graph, model.parameters, x, { statistics: 'source', tape: false })
  const values = await device.read(logits)
  for (const tensor of [x, logits]) tensor.dispose()
  model.dispose()
  return values
}

/** Of a few hundred additions in float32, in another order: 1e-5 of the logits' size. */
function expectSame(found: ArrayLike<number>, expected: readonly number[]): void {
  const scale = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length)
  expect(found.length).toBe(expected.length)
  for (const [i, value] of expected.entries())
    expect(Math.abs((found[i] as number) - value) / scale, `logit ${i}`).toBeLessThan(2e-5)
}

for (const [name, { file, logits }] of Object.entries(torch)) {
  test(`${name} of PyTorch gives PyTorch’s logits`, async () =>
    expectSame(await logitsOf(bytesOf(file), name, { fileName: name }), logits))
}

for (const [name, { file, logits }] of Object.entries(onnx)) {
  test(`${name} gives onnxruntime’s logits`, async () =>
    expectSame(await logitsOf(bytesOf(file), name, { fileName: name, normalization: none }), logits))
}

test('pools that round their size up give onnxruntime’s numbers, and so does what is written of them', async () => {
  const { writeOnnx } = await import('#engine/models/formats/onnx/onnx-proto-write.ts')
  const { networkToOnnx } = await import('#engine/models/formats/onnx/onnx-write.ts')
  const ort = await import('onnxruntime-web')
  ort.env.wasm.numThreads = 1
  const pool = (op: string, from: string, size: number, stride: number, pads: number[]) => ({
    op,
    name: op,
    inputs: [from],
    outputs: [`${op} out`],
    attributes: { kernel_shape: [size, size], strides: [stride, stride], pads, ceil_mode: 1 },
  })
  const bytes = writeOnnx({
    opset: 17,
    version: '1',
    metadata: {},
    initializers: [],
    input: { name: 'x', dims: [3, 3, 16, 16] },
    output: { name: 'y', dims: [3, 48] },
    nodes: [
      pool('MaxPool', 'x', 3, 2, [0, 0, 0, 0]),
      pool('AveragePool', 'MaxPool out', 3, 2, [1, 1, 0, 0]),
      { op: 'Flatten', name: 'flat', inputs: ['AveragePool out'], outputs: ['y'] },
    ],
  })
  const channelsFirst = Float32Array.from(
    pixels,
    (_, i) => pixels[Math.floor(i / 768) * 768 + (i % 256) * 3 + Math.floor((i % 768) / 256)] as number,
  )
  const expected = async (file: Uint8Array, input: string, output: string) => [
    ...((
      await (
        await ort.InferenceSession.create(file)
      ).run({ [input]: new ort.Tensor('float32', channelsFirst, [3, 3, 16, 16]) })
    )[output]!.data as Float32Array),
  ]
  const logits = await expected(bytes, 'x', 'y')
  expect(logits.length % 48).toBe(0)
  expectSame(await logitsOf(bytes, 'ceil.onnx', { fileName: 'ceil.onnx', normalization: none }), logits)
  const { values, ...architecture } = describeModel(await readWeightsFile(bytes, 'ceil.onnx', noParts), {
    fileName: 'ceil.onnx',
    normalization: none,
  })
  expectSame(
    await expected(
      networkToOnnx({ architecture, values, width: 16, height: 16, metadata: {}, version: '1' }),
      'pixels',
      'logits',
    ),
    logits,
  )
})

test('a pickle that calls is refused by the name of what it calls, and nothing is called', async () => {
  for (const name of ['calls.pth', 'calls-legacy.pth']) {
    await expect(readWeightsFile(bytesOf(hostile[name]!), name, noParts)).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringMatching(/“(posix|nt|os)\.system”/),
    })
  }
  await expect(readWeightsFile(bytesOf(hostile['calls.pkl.pth']!), 'calls.pkl.pth', noParts)).rejects.toMatchObject({
    message: expect.stringContaining('posix.system'),
  })
  expect(existsSync('/tmp/palm-was-here')).toBe(false)
})

test('a whole pickled module is refused with what to do instead', async () => {
  await expect(readWeightsFile(bytesOf(hostile['model.pth']!), 'model.pth', noParts)).rejects.toMatchObject({
    code: 'model-unsupported',
    message: expect.stringContaining('torch.save(model.state_dict()'),
  })
})

test('files without weights say so', async () => {
  for (const name of ['empty.pth', 'numbers.pth'])
    await expect(readWeightsFile(bytesOf(hostile[name]!), name, noParts)).rejects.toMatchObject({
      code: 'model-unreadable',
      message: expect.stringContaining('no state dict'),
    })
  await expect(readWeightsFile(new TextEncoder().encode('hello'), 'notes.txt', noParts)).rejects.toMatchObject({
    code: 'model-unsupported',
  })
})

test('an ONNX file is refused by its op, its opset, or a path that leads elsewhere', async () => {
  const described = async (name: string) =>
    describeModel(await readWeightsFile(bytesOf(hostile[name]!), name, noParts), { fileName: name })
  await expect(described('lstm.onnx')).rejects.toMatchObject({
    code: 'model-unsupported',
    message: expect.stringContaining('LSTM'),
  })
  await expect(described('resize.onnx')).rejects.toMatchObject({ message: expect.stringContaining('Resize') })
  await expect(described('old.onnx')).rejects.toMatchObject({ message: expect.stringContaining('opset 8') })
  await expect(described('outside.onnx')).rejects.toMatchObject({
    message: expect.stringContaining('../../etc/passwd'),
  })
})

test('weights beside an ONNX file are read, and no more than it says', async () => {
  const { parseOnnx } = await import('#engine/models/formats/onnx/onnx-proto.ts')
  const { onnxNetwork } = await import('#engine/models/formats/onnx/onnx.ts')
  const { file, logits } = onnx['every-op-17.onnx'] as Case
  const model = parseOnnx(bytesOf(file))
  const pieces: Uint8Array[] = []
  let offset = 0
  for (const tensor of model.initializers.values()) {
    if (!tensor.raw) continue
    pieces.push(tensor.raw)
    tensor.external = { location: 'weights.bin', offset: String(offset), length: String(tensor.raw.length) }
    offset += tensor.raw.length
    tensor.raw = null
  }
  const data = new Uint8Array(Buffer.concat(pieces))
  const network = (bytes: Uint8Array) => onnxNetwork(model, 'outside.onnx', () => bytes, { normalization: none })
  const loaded = loadModel(
    device,
    { kind: 'network', format: 'onnx', metadata: {}, network: () => network(data) },
    { fileName: 'outside.onnx' },
  )
  const x = device.fromArray(pixels, [3, 16, 16, 3])
  const { logits: found } = forward(device, loaded.graph, loaded.parameters, x, { statistics: 'source', tape: false })
  expectSame(await device.read(found), logits)
  for (const tensor of [x, found]) tensor.dispose()
  loaded.dispose()
  expect(() => network(data.subarray(0, data.length - 4))).toThrow(/cut short/)
})

test('a TensorFlow.js graph that normalises its pixels itself is not given normalised ones', async () => {
  const name = 'torchscript.onnx'
  const bytes = bytesOf((onnx[name] as Case).file)
  const described = describeModel(await readWeightsFile(bytes, name, noParts), { fileName: name })
  const files = networkToTfjs({
    architecture: described,
    values: described.values,
    width: 16,
    height: 16,
    metadata: {},
    version: 'test',
  })
  const json = files.get('model.json') as Uint8Array
  const shards = (part: string) => Promise.resolve(files.get(part) as Uint8Array)
  const { normalization, normalizationFrom, normalizationNote } = describeModel(
    await readWeightsFile(json, 'model.json', shards),
    { fileName: 'model.json' },
  )
  expect({ normalization, normalizationFrom }).toEqual({ normalization: none, normalizationFrom: 'inside' })
  expect(normalizationNote).toContain('mean 0.485/0.456/0.406')
  const expected = [...(await logitsOf(bytes, name, { fileName: name }))]
  expectSame(await logitsOf(json, 'model.json', { fileName: 'model.json' }, shards), expected)
})

/** A network with what Keras’ classifiers are made of; drawn by tfjs itself. */
function keras(): tf.LayersModel {
  const input = tf.input({ shape: [16, 16, 3] })
  const conv = (filters: number, name: string, strides = 1) =>
    tf.layers.conv2d({ filters, kernelSize: 3, strides, padding: 'same', useBias: false, name })
  let x = tf.layers
    .zeroPadding2d({
      padding: [
        [0, 1],
        [0, 1],
      ],
      name: 'pad',
    })
    .apply(input) as tf.SymbolicTensor
  x = tf.layers
    .conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'valid', activation: 'relu', name: 'stem' })
    .apply(x) as tf.SymbolicTensor
  let y = tf.layers
    .depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false, name: 'dw' })
    .apply(x) as tf.SymbolicTensor
  y = tf.layers
    .batchNormalization({
      name: 'bn',
      betaInitializer: 'randomNormal',
      gammaInitializer: 'randomUniform',
      movingMeanInitializer: 'randomNormal',
    })
    .apply(y) as tf.SymbolicTensor
  y = tf.layers.reLU({ maxValue: 6, name: 'relu6' }).apply(y) as tf.SymbolicTensor
  y = conv(8, 'pw').apply(y) as tf.SymbolicTensor
  x = tf.layers.add({ name: 'join' }).apply([x, y]) as tf.SymbolicTensor
  x = tf.layers
    .concatenate({ name: 'cat' })
    .apply([x, tf.layers.leakyReLU({ alpha: 0.2, name: 'leaky' }).apply(y) as tf.SymbolicTensor]) as tf.SymbolicTensor
  x = tf.layers.maxPooling2d({ poolSize: 2, name: 'pool' }).apply(x) as tf.SymbolicTensor
  x = tf.layers.dropout({ rate: 0.5, name: 'drop' }).apply(x) as tf.SymbolicTensor
  const flat = tf.layers.flatten({ name: 'flat' }).apply(x) as tf.SymbolicTensor
  const hidden = tf.layers.dense({ units: 9, activation: 'sigmoid', name: 'hidden' }).apply(flat) as tf.SymbolicTensor
  const output = tf.layers.dense({ units: 7, name: 'scores' }).apply(hidden) as tf.SymbolicTensor
  return tf.model({ inputs: input, outputs: output })
}

test('a layers model of TensorFlow.js gives its own logits', async () => {
  await core.setBackend('cpu')
  const model = keras()
  let saved: { topology: unknown; specs: unknown; data: ArrayBuffer } | null = null
  await model.save({
    save: async (artifacts) => {
      saved = {
        topology: artifacts.modelTopology,
        specs: artifacts.weightSpecs,
        data: core.io.concatenateArrayBuffers([artifacts.weightData as ArrayBuffer].flat()),
      }
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    },
  })
  const { topology, specs, data } = saved as unknown as { topology: unknown; specs: unknown; data: ArrayBuffer }
  const json = new TextEncoder().encode(
    JSON.stringify({
      format: 'layers-model',
      modelTopology: topology,
      weightsManifest: [{ paths: ['a.bin', 'b.bin'], weights: specs }],
    }),
  )
  const parts: Record<string, Uint8Array> = {
    'a.bin': new Uint8Array(data, 0, 100),
    'b.bin': new Uint8Array(data, 100),
  }
  const found = await logitsOf(
    json,
    'model.json',
    { fileName: 'model.json', normalization: none },
    async (name) => parts[name]!,
  )
  const expected = model.predict(core.tensor4d(pixels, [3, 16, 16, 3])) as core.Tensor
  expectSame(found, [...(await expected.data())])
})
