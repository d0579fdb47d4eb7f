// Models with seeded random weights (He initialisation), for timing only. What the weights mean matters in one place: which tensors PALM
// selects. With a classifier as initialised every gradient is small and all 57 tensors of a ResNet-20 move; in trained networks 18 to 25 %
// of the parameters do, the big late convolutions being frozen. So the classifier is scaled until the share is about that; the bench reports it.
import type { Device } from '#engine/compute/device.ts'
import { cifarResNet } from '#engine/models/architectures/cifar-resnet.ts'
import { modelFrom } from '#engine/models/load.ts'
import { elementCount, type Architecture, type Model } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import { resNet } from '#engine/models/architectures/resnet.ts'
import { wideResNet } from '#engine/models/architectures/wide-resnet.ts'

const cifar = (n: number): Architecture =>
  cifarResNet({
    blocks: [n, n, n],
    widths: [16, 32, 64],
    classes: 10,
    classifier: 'linear',
    stemStride: 1,
    normalization: imagenetNormalization,
    inputSize: { width: 32, height: 32 },
  })

const builders: Record<string, { build: () => Architecture; classifierScale: number; side?: number }> = {
  resnet20: { build: () => cifar(3), classifierScale: 4 },
  resnet56: { build: () => cifar(9), classifierScale: 3 },
  'wrn-40-2': {
    build: () => wideResNet({ blocksPerStage: 6, widen: 2, classes: 10, normalization: imagenetNormalization }),
    classifierScale: 7.5,
  },
  'wrn-28-10': {
    build: () => wideResNet({ blocksPerStage: 4, widen: 10, classes: 10, normalization: imagenetNormalization }),
    classifierScale: 4,
  },
  resnet50: {
    build: () =>
      resNet({ kind: 'bottleneck', blocks: [3, 4, 6, 3], classes: 1000, normalization: imagenetNormalization }),
    classifierScale: 4,
    side: 224,
  },
}

/** Pixels of a bench model's images. */
export const sideOf = (name: string): number => builders[name]?.side ?? 32

/** @throws Error for a name that is none of the bench's */
export function randomModel(device: Device, name: string): Model {
  const builder = builders[name]
  if (!builder) throw new Error(`No bench model “${name}”: one of ${Object.keys(builders).join(', ')}`)
  const architecture = builder.build()
  let state = 1
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const values = new Map<string, Float32Array>()
  for (const { name: tensor, kind, shape } of architecture.tensors) {
    const data = new Float32Array(elementCount(shape))
    if (kind === 'conv' || kind === 'linear-weight') {
      const spread = Math.sqrt(2 / (elementCount(shape) / (shape[0] as number)))
      for (let i = 0; i < data.length; i++)
        data[i] = spread * normal() * (kind === 'linear-weight' ? builder.classifierScale : 1)
    } else if (kind === 'bn-weight' || kind === 'bn-variance') data.fill(1)
    values.set(tensor, data)
  }
  return modelFrom(device, { ...architecture, classNames: null }, values, 'random')
}
