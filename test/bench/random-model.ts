// Models with seeded random weights (He initialisation), for timing only. What the weights mean matters in one place: which tensors PALM
// selects. With a classifier as initialised every gradient is small and all 57 tensors of a ResNet-20 move; in trained networks 18 to 25 %
// of the parameters do, the big late convolutions being frozen. So the classifier is scaled until the share is about that; the bench reports it.
import type { Device } from '#engine/compute/device.ts'
import { cifarResNet } from '#engine/models/architectures/cifar-resnet.ts'
import { modelFrom } from '#engine/models/load.ts'
import { elementCount, type Architecture, type Model } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import { invertedResidual } from '#engine/models/architectures/inverted-residual.ts'
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

/** EfficientNet-Lite0, by the names that timm gives its tensors. */
function lite0(): Architecture {
  const shapes = new Map<string, readonly number[]>()
  const convNorm = (conv: string, norm: string, shape: readonly number[]) => {
    shapes.set(`${conv}.weight`, shape)
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) shapes.set(`${norm}.${part}`, [shape[0] ?? 0])
  }
  convNorm('conv_stem', 'bn1', [32, 3, 3, 3])
  let width = 32
  const stages = [
    [1, 3, 16, 1],
    [6, 3, 24, 2],
    [6, 5, 40, 2],
    [6, 3, 80, 3],
    [6, 5, 112, 3],
    [6, 5, 192, 4],
    [6, 3, 320, 1],
  ] as const
  stages.forEach(([expansion, kernel, out, depth], stage) => {
    for (let i = 0; i < depth; i++) {
      const name = `blocks.${stage}.${i}`
      const wide = expansion * width
      const depthwise = [wide, 1, kernel, kernel]
      if (expansion === 1) {
        convNorm(`${name}.conv_dw`, `${name}.bn1`, depthwise)
        convNorm(`${name}.conv_pw`, `${name}.bn2`, [out, wide, 1, 1])
      } else {
        convNorm(`${name}.conv_pw`, `${name}.bn1`, [wide, width, 1, 1])
        convNorm(`${name}.conv_dw`, `${name}.bn2`, depthwise)
        convNorm(`${name}.conv_pwl`, `${name}.bn3`, [out, wide, 1, 1])
      }
      width = out
    }
  })
  convNorm('conv_head', 'bn2', [1280, width, 1, 1])
  shapes.set('classifier.weight', [1000, 1280])
  shapes.set('classifier.bias', [1000])
  const architecture = invertedResidual(shapes, 'EfficientNet-Lite0', {})
  if (!architecture) throw new Error('The names of EfficientNet-Lite0 are not known any more')
  return architecture
}

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
  'efficientnet-lite0': { build: lite0, classifierScale: 4, side: 224 },
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
