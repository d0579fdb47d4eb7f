// Gradients of whole graphs against finite differences; pruning; memory; determinism.
import { describe, expect, test } from 'vitest'
import { loadDevice } from '#engine/compute/backend.ts'
import type { DeviceTensor } from '#engine/compute/device.ts'
import { forward } from '#engine/compute/graph.ts'
import { cifarResNet } from '#engine/models/architectures/cifar-resnet.ts'
import { modelFrom } from '#engine/models/load.ts'
import { elementCount, fromFileLayout, toFileLayout, type Architecture, type Model } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import { resNet } from '#engine/models/architectures/resnet.ts'
import { wideResNet } from '#engine/models/architectures/wide-resnet.ts'
import { NumpyRandom } from '#stream/images/random.ts'

const device = loadDevice()

const architectures: Record<string, Architecture> = {
  'a CIFAR ResNet': cifarResNet({
    blocks: [1, 1],
    widths: [4, 8],
    classes: 3,
    classifier: 'linear',
    stemStride: 1,
    normalization: imagenetNormalization,
    inputSize: null,
  }),
  'a Wide ResNet': wideResNet({ blocksPerStage: 1, widen: 1, classes: 3, normalization: imagenetNormalization }),
  'a torchvision ResNet': resNet({
    kind: 'basic',
    blocks: [1, 1, 1, 1],
    classes: 3,
    normalization: imagenetNormalization,
  }),
}

function randomValues(architecture: Architecture): Map<string, Float32Array> {
  const random = new NumpyRandom(3)
  return new Map(
    architecture.tensors.map(({ name, kind, shape }) => {
      const fanIn = elementCount(shape) / (shape[0] as number)
      const data = Float32Array.from({ length: elementCount(shape) }, () =>
        kind === 'bn-weight'
          ? random.uniform(0.7, 1.3)
          : kind === 'bn-variance'
            ? random.uniform(0.5, 2)
            : kind === 'bn-bias' || kind === 'bn-mean'
              ? random.normal(0.3, 0.2)
              : random.gauss() * Math.sqrt(2 / fanIn),
      )
      return [name, data]
    }),
  )
}

function makeModel(architecture: Architecture, values = randomValues(architecture)): Model {
  return modelFrom(device, { ...architecture, classNames: null }, values, 'test')
}

const batch = 6
const side = 64 // a torchvision ResNet halves it five times: 2 x 2 at its end, or batch norm there would see six values only
const random = new NumpyRandom(11)
const pixels = Float32Array.from({ length: batch * side * side * 3 }, () => random.random())
const direction = Float32Array.from({ length: batch * 3 }, () => random.gauss())

/** <direction, logits>: a scalar whose gradient is backward(direction). */
async function objective(
  model: Model,
  parameters: ReadonlyMap<string, DeviceTensor> = model.parameters,
): Promise<number> {
  const x = device.fromArray(pixels, [batch, side, side, 3])
  const { logits } = forward(device, model.graph, parameters, x, { statistics: 'batch', tape: false })
  const value = (await device.read(logits)).reduce((sum, logit, i) => sum + logit * (direction[i] as number), 0)
  x.dispose()
  logits.dispose()
  return value
}

async function gradients(model: Model, wanted: ReadonlySet<string>): Promise<Map<string, Float32Array>> {
  const x = device.fromArray(pixels, [batch, side, side, 3])
  const d = device.fromArray(direction, [batch, 3])
  const { logits, tape } = forward(device, model.graph, model.parameters, x, { statistics: 'batch', tape: true })
  const found = tape?.backward(d, wanted, { last: true }) ?? new Map<string, DeviceTensor>()
  const out = new Map<string, Float32Array>()
  for (const [name, tensor] of found) {
    const info = model.tensors.find((candidate) => candidate.name === name)
    if (info) out.set(name, toFileLayout(info, await device.read(tensor)))
    tensor.dispose()
  }
  for (const tensor of [x, d, logits]) tensor.dispose()
  return out
}

const trainable = (model: Model) =>
  model.tensors
    .filter((tensor) => tensor.kind !== 'bn-mean' && tensor.kind !== 'bn-variance')
    .map((tensor) => tensor.name)

for (const [name, architecture] of Object.entries(architectures)) {
  describe(name, () => {
    test('its gradients agree with finite differences along each tensor’s own gradient', async () => {
      const values = randomValues(architecture)
      const model = makeModel(architecture, values)
      const found = await gradients(model, new Set(trainable(model)))
      for (const [tensor, gradient] of found) {
        const info = model.tensors.find((candidate) => candidate.name === tensor) as Model['tensors'][number]
        const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0))
        if (norm < 1e-3) continue // a convolution right before batch norm may have none along some directions
        const size = Math.sqrt((values.get(tensor) as Float32Array).reduce((sum, v) => sum + v * v, 0))
        const step = 2e-3 * size
        const at = async (sign: number) => {
          const moved = (values.get(tensor) as Float32Array).map(
            (v, i) => v + (sign * step * (gradient[i] as number)) / norm,
          )
          const { data, shape } = fromFileLayout(info, moved)
          const shifted = device.fromArray(data, shape)
          const value = await objective(model, new Map([...model.parameters, [tensor, shifted]]))
          shifted.dispose()
          return value
        }
        const measured = ((await at(1)) - (await at(-1))) / (2 * step)
        // Float32 and ReLU's kinks within the step: a few per cent; a wrong formula is off by far more.
        expect(Math.abs(measured / norm - 1), `${tensor}: ${measured} against ${norm}`).toBeLessThan(0.08)
      }
      model.dispose()
    })

    test('a pruned backward pass gives the same numbers as the full one', async () => {
      const model = makeModel(architecture)
      const names = trainable(model)
      const full = await gradients(model, new Set(names))
      const some = new Set(names.filter((_, i) => i % 5 === 3))
      const pruned = await gradients(model, some)
      expect(new Set(pruned.keys())).toEqual(some)
      for (const [tensor, gradient] of pruned) expect(gradient).toEqual(full.get(tensor))
      model.dispose()
    })

    test('passes leak nothing', async () => {
      const model = makeModel(architecture)
      const before = [device.liveTensors(), device.liveBytes()]
      for (let i = 0; i < 9; i++) await gradients(model, new Set(trainable(model).slice(i % 3)))
      expect([device.liveTensors(), device.liveBytes()]).toEqual(before)
      model.dispose()
    })
  })
}

test('moments agree with sums in double precision, also far from zero, where the quick formula would lose its digits', async () => {
  const source = new NumpyRandom(8)
  for (const offset of [0, 0.5, 3, 40, 1000]) {
    const values = new Float32Array(source.gaussians(40 * 6 * 6 * 3).map((value, i) => offset * (1 + (i % 3)) + value))
    const x = device.fromArray(values, [40, 6, 6, 3])
    const { mean, variance } = device.moments(x)
    for (let c = 0; c < 3; c++) {
      const channel = [...values].filter((_, i) => i % 3 === c)
      const m = channel.reduce((sum, value) => sum + value, 0) / channel.length
      const v = channel.reduce((sum, value) => sum + (value - m) ** 2, 0) / channel.length
      // Of the values' size, which is their distance from zero and their spread of 1.
      expect(
        Math.abs(((await device.read(mean))[c] as number) - m) / (Math.abs(m) + 1),
        `mean at ${offset}`,
      ).toBeLessThan(1e-6)
      // The mean itself is rounded to float32 (at 3,000 its last digit is 2.4e-4): the variance is that about the mean which was found.
      const about = v + (((await device.read(mean))[c] as number) - m) ** 2
      expect(Math.abs(((await device.read(variance))[c] as number) / about - 1), `variance at ${offset}`).toBeLessThan(
        3e-6,
      )
    }
    for (const tensor of [x, mean, variance]) tensor.dispose()
  }
})

test('file layout and device layout are each other’s inverse', () => {
  const info = { name: 'w', kind: 'conv', shape: [4, 3, 2, 5], block: '' } as const
  const data = Float32Array.from({ length: 120 }, (_, i) => i)
  expect(toFileLayout(info, fromFileLayout(info, data).data)).toEqual(data)
})
