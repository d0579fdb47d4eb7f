// Every architecture that recognises itself, against PyTorch in double precision (test/golden/architectures.py): recognised from names and shapes
// alone, logits with source and with batch statistics, the gradient of every tensor by norm and projection.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { loadDevice } from '#engine/compute/backend.ts'
import { openWebGpu } from '#engine/compute/webgpu/open-webgpu.ts'
import { forward } from '#engine/compute/graph.ts'
import { modelFrom } from '#engine/models/load.ts'
import { elementCount, toFileLayout, type ModelNormalization, type TensorInfo } from '#engine/models/model.ts'
import { recognizeArchitecture } from '#engine/models/registry.ts'
import { NumpyRandom } from '#stream/images/random.ts'

interface Golden {
  readonly classes: number
  readonly batch: number
  readonly side: number
  readonly mean: ModelNormalization['mean']
  readonly std: ModelNormalization['std']
  readonly source: number[]
  readonly logits: number[]
  readonly shapes: Record<string, number[]>
  readonly gradients: Record<string, [norm: number, projection: number]>
  readonly float32: { readonly source: number; readonly logits: number; readonly gradients: number }
}

const { versions: _versions, ...goldens } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../golden/architectures.json'), 'utf8'),
) as Record<string, Golden>
/** Another than the processor is asked for by hand. */
const device = process.env.PALM_TEST_DEVICE === 'webgpu' ? await openWebGpu() : loadDevice()

/** Two float32 programs round differently: a few times PyTorch's own error. */
const limit = (own: number) => Math.max(2e-5, 4 * own)
/** As in pytorch-models.test.ts: one ReLU at its kink moves the gradients before it by up to a per cent; a wrong formula by tens. */
const gradientLimit = (own: number) => Math.max(2e-2, 2 * own)

/** The same draw as `drawn` in make.py. */
function drawn({ name, shape }: TensorInfo): Float32Array {
  const random = new NumpyRandom(crc32(name))
  const n = elementCount(shape)
  if (shape.length > 1)
    return new Float32Array(random.gaussians(n).map((value) => value * Math.sqrt(2 / (n / (shape[0] as number)))))
  if (name.endsWith('running_var') || name.endsWith('.weight')) return new Float32Array(random.uniforms(n, 0.6, 1.4))
  return new Float32Array(random.gaussians(n).map((value) => value * 0.2))
}

function deviation(found: ArrayLike<number>, expected: readonly number[]): number {
  const scale = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length)
  return expected.reduce((most, value, i) => Math.max(most, Math.abs((found[i] as number) - value)), 0) / scale
}

for (const [name, golden] of Object.entries(goldens)) {
  describe(name, () => {
    const { batch, side, classes } = golden
    const shapes = new Map(Object.entries(golden.shapes))
    const architecture = recognizeArchitecture(shapes, 'file')
    const values = new Map(architecture.tensors.map((info) => [info.name, drawn(info)]))

    test('is recognised with its normalisation, and takes exactly the file’s tensors', () => {
      expect(architecture.name).toBe(name.split(' ')[0])
      expect(architecture.classes).toBe(classes)
      for (const [axis, value] of golden.mean.entries())
        expect(architecture.normalization.mean[axis]).toBeCloseTo(value, 6)
      for (const [axis, value] of golden.std.entries())
        expect(architecture.normalization.std[axis]).toBeCloseTo(value, 6)
      expect(Object.fromEntries(architecture.tensors.map((info) => [info.name, [...info.shape]]))).toEqual(
        golden.shapes,
      )
    })

    test('logits and all gradients agree with PyTorch', async () => {
      const before = device.liveTensors()
      const model = modelFrom(device, { ...architecture, classNames: null }, values, 'golden')
      const x = device.fromArray(new Float32Array(new NumpyRandom(1).uniforms(batch * side * side * 3, 0, 1)), [
        batch,
        side,
        side,
        3,
      ])
      const d = device.fromArray(new Float32Array(new NumpyRandom(2).gaussians(batch * classes)), [batch, classes])
      const source = forward(device, model.graph, model.parameters, x, { statistics: 'source', tape: false }).logits
      expect(deviation(await device.read(source), golden.source)).toBeLessThan(limit(golden.float32.source))
      const { logits, tape } = forward(device, model.graph, model.parameters, x, { statistics: 'batch', tape: true })
      expect(deviation(await device.read(logits), golden.logits)).toBeLessThan(limit(golden.float32.logits))
      const found = tape!.backward(d, new Set(Object.keys(golden.gradients)), { last: true })
      const largest = Object.values(golden.gradients).reduce((most, [norm]) => Math.max(most, norm), 0)
      for (const [tensor, [norm, projection]] of Object.entries(golden.gradients)) {
        const info = architecture.tensors.find((candidate) => candidate.name === tensor) as TensorInfo
        const gradient = toFileLayout(info, await device.read(found.get(tensor)!))
        const probe = new NumpyRandom((crc32(tensor) ^ 1) >>> 0).gaussians(gradient.length)
        const ownNorm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0))
        const ownProjection = gradient.reduce((sum, g, i) => sum + g * (probe[i] as number), 0)
        const slack = gradientLimit(golden.float32.gradients) * norm + 1e-6 * largest
        expect(Math.abs(ownNorm - norm), `norm of ${tensor}`).toBeLessThan(slack)
        expect(Math.abs(ownProjection - projection), `projection of ${tensor}`).toBeLessThan(slack)
      }
      for (const tensor of [x, d, source, logits, ...found.values()]) tensor.dispose()
      model.dispose()
      expect(device.liveTensors()).toBe(before)
    })
  })
}
