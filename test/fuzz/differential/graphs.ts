// ONNX graphs against onnxruntime: one op with drawn attributes and shapes between an image and scores. Whatever ours takes must give onnxruntime's
// numbers; what ours refuses must be refused by name; what onnxruntime refuses ours may refuse as it likes, and must not crash on.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as ort from 'onnxruntime-web'
import { PalmError } from '#contract/errors.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { forward } from '#engine/compute/graph.ts'
import { writeOnnx } from '#engine/models/formats/onnx/onnx-proto-write.ts'
import { loadModel } from '#engine/models/load.ts'
import { readWeightsFile } from '#engine/models/weights-file.ts'
import { FuzzRandom } from '#test/fuzz/fuzz-random.ts'
import type { DifferentialKind } from './differential.ts'
import { drawGraph, type DrawnGraph } from './draw-graph.ts'

const batch = 2

/** Scores in onnxruntime; or why it refuses the file. */
async function theirs(bytes: Uint8Array, { width, height }: DrawnGraph, pixels: Float32Array) {
  ort.env.wasm.numThreads = 1
  ort.env.logLevel = 'fatal'
  try {
    const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 })
    const { y } = await session.run(
      { x: new ort.Tensor('float32', pixels, [batch, 3, height, width]) },
      { logSeverityLevel: 4 },
    )
    const values = y && { shape: [...y.dims], data: Float32Array.from(y.data as Float32Array) }
    await session.release()
    return values ?? 'there is no output y'
  } catch (thrown) {
    return String(thrown)
  }
}

/** Scores of ours; or the refusal. Anything else thrown is a fault. */
async function ours(bytes: Uint8Array, { width, height }: DrawnGraph, pixels: Float32Array) {
  const device = loadDevice()
  try {
    const file = await readWeightsFile(bytes, 'x.onnx', () => Promise.reject(new Error('no parts')))
    const model = loadModel(device, file, {
      fileName: 'x.onnx',
      normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
    })
    const last = Float32Array.from(pixels, (_, i) => {
      const [n, rest] = [Math.floor(i / (3 * width * height)), i % (3 * width * height)]
      return pixels[(n * 3 + (rest % 3)) * width * height + Math.floor(rest / 3)] as number
    })
    const x = device.fromArray(last, [batch, height, width, 3])
    const { logits } = forward(device, model.graph, model.parameters, x, { statistics: 'source', tape: false })
    const values = { shape: [...logits.shape], data: await device.read(logits) }
    for (const tensor of [x, logits]) tensor.dispose()
    model.dispose()
    return values
  } catch (thrown) {
    if (thrown instanceof PalmError) return thrown
    throw thrown
  }
}

/** Of sums of a few hundred float32s in another order. */
const tolerance = 1e-4

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [largest, scale] = [0, 1e-3]
  for (let i = 0; i < a.length; i++) {
    scale = Math.max(scale, Math.abs(b[i] as number))
    const gap = Math.abs((a[i] as number) - (b[i] as number))
    largest = Math.max(largest, Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap)
  }
  return largest / scale
}

const softmaxed = ({ shape: [n = 0, k = 0], data }: { shape: number[]; data: Float32Array }) =>
  Array.from({ length: n }, (_, row) => {
    const scores = [...data.subarray(row * k, (row + 1) * k)]
    const top = Math.max(...scores)
    const powers = scores.map((score) => Math.exp(score - top))
    const sum = powers.reduce((a, b) => a + b, 0)
    return powers.map((power) => power / sum)
  }).flat()

export const graphs: DifferentialKind = {
  name: 'graphs',
  async one(seed, keep) {
    const random = new FuzzRandom('graph', seed)
    const drawn = drawGraph(random)
    const bytes = writeOnnx(drawn.model)
    const pixels = Float32Array.from({ length: batch * 3 * drawn.width * drawn.height }, () => random.next())
    const left = (what: string) => {
      const path = join(keep, `graph-${seed}.onnx`)
      writeFileSync(path, bytes)
      return `${drawn.what}: ${what} (${path})`
    }
    let found: Awaited<ReturnType<typeof ours>>
    try {
      found = await ours(bytes, drawn, pixels)
    } catch (thrown) {
      return left(`ours failed: ${String(thrown)}`)
    }
    if (found instanceof PalmError)
      return found.message.startsWith('x.onnx') ? null : left(`refused without a name: ${found.message}`)
    const expected = await theirs(bytes, drawn, pixels)
    if (typeof expected === 'string') return left(`ours takes it, onnxruntime refuses it: ${expected.slice(0, 300)}`)
    const flat = { shape: [batch, expected.data.length / batch], data: expected.data }
    if (flat.data.length !== found.data.length)
      return left(`[${found.shape.join(', ')}] where onnxruntime gives [${expected.shape.join(', ')}]`)
    const gap =
      drawn.ends === 'scores'
        ? difference(found.data, flat.data)
        : difference(softmaxed(found), drawn.ends === 'log' ? [...flat.data].map(Math.exp) : flat.data)
    return gap <= tolerance ? null : left(`differs by ${gap.toPrecision(3)} of the largest score`)
  },
}
