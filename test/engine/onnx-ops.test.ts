// What came to the op set with strangers' ONNX files: features as a pixel, the logarithm of a softmax inside, batch and layer normalisation of features. In one
// network: onnxruntime's scores, the same from what is written of it again, and gradients that agree with finite differences.
import * as ort from 'onnxruntime-web'
import { expect, test } from 'vitest'
import { loadDevice } from '#engine/compute/backend.ts'
import type { DeviceTensor } from '#engine/compute/device.ts'
import { forward } from '#engine/compute/graph.ts'
import type { Statistics } from '#engine/compute/op.ts'
import { writeOnnx, type OnnxWriteNode, type OnnxWriteTensor } from '#engine/models/formats/onnx/onnx-proto-write.ts'
import { networkToOnnx } from '#engine/models/formats/onnx/onnx-write.ts'
import { describeModel, loadModel, modelFrom } from '#engine/models/load.ts'
import { fromFileLayout, toFileLayout } from '#engine/models/model.ts'
import { readWeightsFile } from '#engine/models/weights-file.ts'
import { NumpyRandom } from '#stream/images/random.ts'

const device = loadDevice()
const random = new NumpyRandom(5)
const none = { mean: [0, 0, 0], std: [1, 1, 1] } as const
const [batch, side] = [5, 6]
const pixels = new Float32Array(random.uniforms(batch * side * side * 3, 0, 1))
const channelsFirst = Float32Array.from(pixels, (_, i) => {
  const [n, rest] = [Math.floor(i / (3 * side * side)), i % (3 * side * side)]
  return pixels[(n * side * side + (rest % (side * side))) * 3 + Math.floor(rest / (side * side))] as number
})

function network(): Uint8Array {
  const initializers: OnnxWriteTensor[] = []
  const nodes: OnnxWriteNode[] = []
  const floats = (name: string, shape: number[], low = -0.5, high = 0.5) => {
    const length = shape.reduce((a, b) => a * b, 1)
    initializers.push({ name, shape, data: new Float32Array(random.uniforms(length, low, high)) })
    return name
  }
  const node = (op: string, inputs: string[], output: string, attributes: OnnxWriteNode['attributes'] = {}) => {
    nodes.push({ op, name: output, inputs, outputs: [output], attributes })
    return output
  }
  const norm = (x: string, name: string, c: number) =>
    node(
      'BatchNormalization',
      [
        x,
        floats(`${name}.weight`, [c], 0.5, 1.5),
        floats(`${name}.bias`, [c]),
        floats(`${name}.running_mean`, [c]),
        floats(`${name}.running_var`, [c], 0.5, 2),
      ],
      `${name} out`,
    )
  initializers.push({ name: 'pixel', shape: [4], data: [0, 4, 1, 1] })
  const x = norm(node('Conv', ['x', floats('conv.weight', [4, 3, 3, 3])], 'c', { pads: [1, 1, 1, 1] }), 'bn', 4)
  const squeezed = node('Flatten', [node('GlobalAveragePool', [x], 'mean')], 'squeezed')
  const gate = node(
    'Sigmoid',
    [node('Gemm', [squeezed, floats('gate.weight', [4, 4]), floats('gate.bias', [4])], 'gate', { transB: 1 })],
    'share',
  )
  const gated = node('Mul', [node('Reshape', [gate, 'pixel'], 'as pixel'), x], 'gated')
  const inside = node('Mul', [node('LogSoftmax', [gated], 'log', { axis: 1 }), gated], 'entropy')
  const row = norm(node('Flatten', [node('GlobalAveragePool', [inside], 'mean2')], 'row'), 'bn1d', 4)
  const layer = node('LayerNormalization', [row, floats('ln.weight', [4], 0.5, 1.5), floats('ln.bias', [4])], 'normed')
  node('Gemm', [layer, floats('fc.weight', [3, 4]), floats('fc.bias', [3])], 'y', { transB: 1 })
  return writeOnnx({
    opset: 17,
    version: '1',
    nodes,
    initializers,
    metadata: {},
    input: { name: 'x', dims: ['n', 3, side, side] },
    output: { name: 'y', dims: ['n', 3] },
  })
}

async function inOnnxruntime(file: Uint8Array, input: string, output: string): Promise<number[]> {
  ort.env.wasm.numThreads = 1
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 4 })
  const found = await session.run({ [input]: new ort.Tensor('float32', channelsFirst, [batch, 3, side, side]) })
  return [...((found[output] as ort.Tensor).data as Float32Array)]
}

const bytes = network()
const contents = await readWeightsFile(bytes, 'x.onnx', () => Promise.reject(new Error('no parts')))
const options = { fileName: 'x.onnx', normalization: none }

test('gives onnxruntime’s scores, and so does what is written of it', async () => {
  const model = loadModel(device, contents, options)
  const x = device.fromArray(pixels, [batch, side, side, 3])
  const { logits } = forward(device, model.graph, model.parameters, x, { statistics: 'source', tape: false })
  const found = await device.read(logits)
  for (const tensor of [x, logits]) tensor.dispose()
  model.dispose()
  const expected = await inOnnxruntime(bytes, 'x', 'y')
  const { values, ...architecture } = describeModel(contents, options)
  expect(architecture.graph.nodes.map(({ op }) => op)).toEqual(
    expect.arrayContaining(['to-pixel', 'log-softmax', 'layer-norm', 'batch-norm']),
  )
  const written = await inOnnxruntime(
    networkToOnnx({ architecture, values, width: side, height: side, metadata: {}, version: '1' }),
    'pixels',
    'logits',
  )
  expect(found.length).toBe(expected.length)
  for (const [i, value] of expected.entries()) {
    expect(found[i]).toBeCloseTo(value, 5)
    expect(written[i]).toBeCloseTo(value, 5)
  }
})

for (const statistics of ['source', 'batch'] as const satisfies readonly Statistics[]) {
  test(`its gradients agree with finite differences (${statistics} statistics)`, async () => {
    const { values, ...description } = describeModel(contents, options)
    const data = new Map([...values].map(([name, tensor]) => [name, tensor.data]))
    const direction = new Float32Array(random.uniforms(batch * 3, -1, 1))
    const objective = async (changed: ReadonlyMap<string, Float32Array>) => {
      const model = modelFrom(device, description, changed, 'test')
      const x = device.fromArray(pixels, [batch, side, side, 3])
      const { logits } = forward(device, model.graph, model.parameters, x, { statistics, tape: false })
      const value = (await device.read(logits)).reduce((sum, logit, i) => sum + logit * (direction[i] as number), 0)
      for (const tensor of [x, logits]) tensor.dispose()
      model.dispose()
      return value
    }
    const wanted = ['conv.weight', 'bn.weight', 'gate.weight', 'bn1d.weight', 'ln.bias', 'fc.weight']
    const model = modelFrom(device, description, data, 'test')
    const x = device.fromArray(pixels, [batch, side, side, 3])
    const dy = device.fromArray(direction, [batch, 3])
    const { logits, tape } = forward(device, model.graph, model.parameters, x, { statistics, tape: true })
    const found = tape?.backward(dy, new Set(wanted), { last: true }) ?? new Map<string, DeviceTensor>()
    for (const name of wanted) {
      const info = description.tensors.find((tensor) => tensor.name === name)
      const gradient = found.get(name)
      if (!info || !gradient) throw new Error(`there is no gradient of ${name}`)
      const g = toFileLayout(info, await device.read(gradient))
      const norm = Math.sqrt(g.reduce((sum, value) => sum + value * value, 0))
      const before = data.get(name) as Float32Array
      const step = 4e-3 * Math.sqrt(before.reduce((sum, value) => sum + value * value, 0))
      const at = async (sign: number) =>
        await objective(
          new Map([...data, [name, before.map((value, i) => value + (sign * step * (g[i] as number)) / norm)]]),
        )
      expect(((await at(1)) - (await at(-1))) / (2 * step) / norm, name).toBeCloseTo(1, 1.5)
      expect(fromFileLayout(info, g).data.length).toBe(g.length)
    }
    for (const tensor of [x, dy, logits, ...found.values()]) tensor.dispose()
    model.dispose()
  })
}
