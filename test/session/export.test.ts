// Exports of every format, opened by programs that are not ours: onnxruntime, TensorFlow.js, and Python (PyTorch's own reader where it is, else Python's
// unpickler with only PyTorch's rebuilding function let through).
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import '@tensorflow/tfjs-backend-cpu'
import { loadGraphModel } from '@tensorflow/tfjs-converter'
import * as core from '@tensorflow/tfjs-core'
import * as ort from 'onnxruntime-web'
import { afterAll, describe, expect, test } from 'vitest'
import { loadDevice } from '#engine/compute/backend.ts'
import { forward } from '#engine/compute/graph.ts'
import { networkToOnnx } from '#engine/models/formats/onnx/onnx-write.ts'
import { networkToTfjs } from '#engine/models/formats/tfjs/tfjs-write.ts'
import { describeModel, loadModel, modelFrom } from '#engine/models/load.ts'
import { elementCount, type Architecture, type TensorInfo } from '#engine/models/model.ts'
import { recognizeArchitecture } from '#engine/models/registry.ts'
import { readWeightsFile, safetensorsFile } from '#engine/models/weights-file.ts'
import { readSafetensors } from '#engine/models/formats/safetensors.ts'
import { writeTorch } from '#engine/models/formats/torch/torch-write.ts'
import { NumpyRandom } from '#stream/images/random.ts'

const device = loadDevice()
const folder = mkdtempSync(join(tmpdir(), 'palm-exports-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
ort.env.wasm.numThreads = 1
ort.env.logLevel = 'error'

const { versions: _, ...goldens } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../golden/architectures.json'), 'utf8'),
) as Record<string, { side: number; shapes: Record<string, number[]> }>

/** What weights are taken from, each tensor's from a place of its own: there are 85 million of them. */
const noise = new Float32Array(new NumpyRandom(0).gaussians(1_000_003))

function drawn({ name, shape }: TensorInfo, seed: number): Float32Array {
  const random = new NumpyRandom(seed)
  const n = elementCount(shape)
  if (shape.length > 1) {
    const scale = Math.sqrt(2 / (n / (shape[0] as number)))
    const weights = new Float32Array(n)
    for (let i = 0, at = (seed * 7919) % noise.length; i < n; i++, at++) {
      if (at === noise.length) at = 0
      weights[i] = (noise[at] as number) * scale
    }
    return weights
  }
  if (name.endsWith('running_var') || name.endsWith('.weight')) return new Float32Array(random.uniforms(n, 0.6, 1.4))
  return new Float32Array(random.gaussians(n).map((value) => value * 0.2))
}

/** Between programs in float32 over up to 120 layers, in units of the logits' rms. */
const tolerance = 2e-4

function expectClose(found: ArrayLike<number>, expected: Float32Array): void {
  const scale = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length)
  const most = expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (found[i] as number))), 0)
  expect(found.length).toBe(expected.length)
  expect(most / scale).toBeLessThan(tolerance)
}

async function ours(
  architecture: Architecture,
  values: ReadonlyMap<string, Float32Array>,
  pixels: Float32Array,
  side: number,
): Promise<Float32Array> {
  const model = modelFrom(device, { ...architecture, classNames: null }, values, '')
  const x = device.fromArray(pixels, [2, side, side, 3])
  const { logits } = forward(device, model.graph, model.parameters, x, { statistics: 'source', tape: false })
  const found = await device.read(logits)
  for (const tensor of [x, logits]) tensor.dispose()
  model.dispose()
  return found
}

const channelsFirst = (pixels: Float32Array, side: number) =>
  Float32Array.from({ length: pixels.length }, (_, i) => {
    const [n, rest] = [Math.floor(i / (3 * side * side)), i % (3 * side * side)]
    const [c, at] = [Math.floor(rest / (side * side)), rest % (side * side)]
    return pixels[(n * side * side + at) * 3 + c] as number
  })

// Shortcuts without weights (option A), as the bundled model has them.
const bundled = readSafetensors(
  readFileSync(join(import.meta.dirname, '../../resources/models/eurosat-resnet20.safetensors')),
  'bundled',
).tensors
goldens['cifar-resnet-20-a'] = {
  side: 32,
  shapes: Object.fromEntries([...bundled].map(([name, { shape }]) => [name, [...shape]])),
}

/** Where TensorFlow.js' own plain loops take seconds: smaller images, which end in more than one cell all the same (VGG's in fewer than its seven). */
const smaller: Record<string, number> = { 'resnext-29-32x4d': 16, 'resnext-50-32x4d': 48, 'vgg-11-bn': 64 }

for (const [name, { side: usual, shapes }] of Object.entries(goldens)) {
  // Two of the same architecture differ in names only: the exporters see none of that.
  if (name.includes(' ')) continue
  describe(name, () => {
    const side = smaller[name] ?? usual
    const architecture = recognizeArchitecture(new Map(Object.entries(shapes)), name)
    const values = new Map(architecture.tensors.map((info, index) => [info.name, drawn(info, index)]))
    const pixels = new Float32Array(new NumpyRandom(3).uniforms(2 * side * side * 3, 0, 1))
    const network = {
      architecture,
      values: new Map(
        architecture.tensors.map((info) => [info.name, { shape: info.shape, data: values.get(info.name)! }]),
      ),
      width: side,
      height: side,
      metadata: { palm_run: '1' },
      version: 'test',
    }

    test('as ONNX agrees in onnxruntime and in our own reader', async () => {
      const bytes = networkToOnnx(network)
      const expected = await ours(architecture, values, pixels, side)
      const session = await ort.InferenceSession.create(bytes)
      const { logits } = await session.run({
        pixels: new ort.Tensor('float32', channelsFirst(pixels, side), [2, 3, side, side]),
      })
      expectClose(logits!.data as Float32Array, expected)
      await session.release()
      if (/vit|convnext|-gn|vgg/.test(name)) return // ops that our reader's subset does not hold (VGG's only where its cells do not fit)
      const again = describeModel(await readWeightsFile(bytes, 'x.onnx', () => Promise.reject(new Error())), {
        fileName: 'x.onnx',
        normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
      })
      expectClose(
        await ours(again, new Map([...again.values].map(([key, { data }]) => [key, data])), pixels, side),
        expected,
      )
    })

    test('as a TensorFlow.js model agrees in TensorFlow.js, or is refused by name', async () => {
      if (/vit|-gn/.test(name)) {
        expect(() => networkToTfjs(network)).toThrow(/attention|group normalisation/)
        return
      }
      const files = networkToTfjs(network)
      const json = JSON.parse(new TextDecoder().decode(files.get('model.json'))) as {
        modelTopology: object
        weightsManifest: { paths: string[]; weights: core.io.WeightsManifestEntry[] }[]
      }
      const data = Buffer.concat(json.weightsManifest[0]!.paths.map((path) => files.get(path)!))
      await core.setBackend('cpu')
      const model = await loadGraphModel(
        core.io.fromMemory({
          modelTopology: json.modelTopology,
          weightSpecs: json.weightsManifest[0]!.weights,
          weightData: new Uint8Array(data).buffer,
        }),
      )
      const small = 1 // tfjs' own CPU backend is slow: one image
      const out = model.execute(
        core.tensor4d(pixels.subarray(0, small * side * side * 3), [small, side, side, 3]),
      ) as core.Tensor
      const expected = (await ours(architecture, values, pixels, side)).subarray(0, small * architecture.classes)
      expectClose(await out.data(), expected)
      model.dispose()
    })
  })
}

test('a .pth is what PyTorch’s restricted reader takes, tensor by tensor', async () => {
  const sample = fileURLToPath(new URL('../../resources/models/eurosat-resnet20.safetensors', import.meta.url))
  const { tensors } = readSafetensors(readFileSync(sample), sample)
  const path = join(folder, 'model.pth')
  writeFileSync(path, writeTorch(tensors))
  const again = await readWeightsFile(readFileSync(path), path, () => Promise.reject(new Error()))
  expect(again.kind).toBe('state-dict')
  for (const [name, { data }] of tensors)
    if (again.kind === 'state-dict' && !name.endsWith('num_batches_tracked'))
      expect([...again.tensors.get(name)!.data]).toEqual([...data])
  const python =
    [process.env.PALM_TORCH_PYTHON, join(homedir(), '.cache/palm-studio/bench-python/bin/python')].find(
      (candidate) => candidate && existsSync(candidate),
    ) ?? 'python3'
  const script = `
import sys, json, struct, zipfile, pickle, collections
path = sys.argv[1]
try:
    import torch
    state = torch.load(path, weights_only=True)
    print(json.dumps({'reader': 'torch', 'sums': {k: [list(v.shape), float(v.double().sum())] for k, v in state.items()}}))
except ImportError:
    archive = zipfile.ZipFile(path)
    def rebuild(storage, offset, shape, strides, grad, hooks):
        n = 1
        for s in shape: n *= s
        values = struct.unpack('<%df' % storage[1], archive.read('archive/data/' + storage[0]))[offset:offset + n]
        return [list(shape), float(sum(values))]
    class Reader(pickle.Unpickler):
        def find_class(self, module, name):
            known = {('collections', 'OrderedDict'): collections.OrderedDict, ('torch._utils', '_rebuild_tensor_v2'): rebuild, ('torch', 'FloatStorage'): 'float'}
            return known[(module, name)]
        def persistent_load(self, pid):
            assert pid[0] == 'storage' and pid[1] == 'float' and pid[3] == 'cpu'
            return pid[2], pid[4]
    assert archive.testzip() is None
    print(json.dumps({'reader': 'python', 'sums': Reader(archive.open('archive/data.pkl')).load()}))
`
  const read = spawnSync(python, ['-c', script, path], { encoding: 'utf8' })
  expect(read.stderr).toBe('')
  const { reader, sums } = JSON.parse(read.stdout) as { reader: string; sums: Record<string, [number[], number]> }
  console.log(
    `the .pth was read by ${reader === 'torch' ? 'PyTorch' : 'Python’s unpickler (there is no PyTorch here)'}`,
  )
  expect(Object.keys(sums).sort()).toEqual([...tensors.keys()].sort())
  for (const [name, { shape, data }] of tensors) {
    expect(sums[name]![0]).toEqual([...shape])
    expect(sums[name]![1]).toBeCloseTo(
      data.reduce((sum, value) => sum + value, 0),
      2,
    )
  }
})

test('the bundled model opens again from what we write of it', async () => {
  const sample = fileURLToPath(new URL('../../resources/models/eurosat-resnet20.safetensors', import.meta.url))
  const model = loadModel(device, safetensorsFile(readFileSync(sample), sample), { fileName: sample })
  expect(model.architecture).toBe('cifar-resnet-20')
  model.dispose()
})
