// Small networks of four families for the search, by name: what is trained, on which images, for how long.
import { cifarResNet } from '#engine/models/architectures/cifar-resnet.ts'
import { wideResNet } from '#engine/models/architectures/wide-resnet.ts'
import type { Architecture, ModelNormalization } from '#engine/models/model.ts'
import { recognizeArchitecture } from '#engine/models/registry.ts'
import type { DatasetName } from './datasets.ts'

export interface Network {
  readonly dataset: DatasetName
  readonly epochs: number
  readonly peakRate: number
  readonly architecture: (normalization: ModelNormalization, side: number) => Architecture
}

const classes = 10

const resNet =
  (perStage: number, width: number, stemStride: number) =>
  (normalization: ModelNormalization, side: number): Architecture =>
    cifarResNet({
      blocks: [perStage, perStage, perStage],
      widths: [width, 2 * width, 4 * width],
      classes,
      classifier: 'linear',
      stemStride,
      normalization,
      inputSize: { width: side, height: side },
    })

/** Convolutions by stage; a max pool ends each. */
function vgg(stages: readonly (readonly number[])[]) {
  const shapes = new Map<string, readonly number[]>()
  let at = 0
  let channels = 3
  for (const stage of stages) {
    for (const width of stage) {
      shapes.set(`features.${at}.weight`, [width, channels, 3, 3])
      normShapes(shapes, `features.${at + 1}`, width)
      channels = width
      at += 3
    }
    at += 1
  }
  shapes.set('classifier.weight', [classes, channels]).set('classifier.bias', [classes])
  return recognised(shapes, 'vgg')
}

/** MobileNetV2's blocks with fewer channels: expansion, width and repeats of each of the seven stages. */
function mobileNet(stages: readonly (readonly [expand: number, width: number, repeats: number])[], head: number) {
  const shapes = new Map<string, readonly number[]>()
  const convNorm = (conv: string, norm: string, shape: readonly [number, number, number, number]) => {
    shapes.set(`${conv}.weight`, shape)
    normShapes(shapes, norm, shape[0])
  }
  let channels = 16
  convNorm('features.0.0', 'features.0.1', [channels, 3, 3, 3])
  let at = 1
  for (const [expand, width, repeats] of stages) {
    for (let i = 0; i < repeats; i++, at++) {
      const prefix = `features.${at}.conv`
      const inner = channels * expand
      const first = expand > 1 ? 1 : 0
      if (first === 1) convNorm(`${prefix}.0.0`, `${prefix}.0.1`, [inner, channels, 1, 1])
      convNorm(`${prefix}.${first}.0`, `${prefix}.${first}.1`, [inner, 1, 3, 3])
      convNorm(`${prefix}.${first + 1}`, `${prefix}.${first + 2}`, [width, inner, 1, 1])
      channels = width
    }
  }
  convNorm(`features.${at}.0`, `features.${at}.1`, [head, channels, 1, 1])
  shapes.set('classifier.1.weight', [classes, head]).set('classifier.1.bias', [classes])
  return recognised(shapes, 'mobilenet')
}

function normShapes(shapes: Map<string, readonly number[]>, name: string, width: number): void {
  for (const part of ['weight', 'bias', 'running_mean', 'running_var']) shapes.set(`${name}.${part}`, [width])
}

const recognised =
  (shapes: ReadonlyMap<string, readonly number[]>, name: string) =>
  (normalization: ModelNormalization, side: number): Architecture =>
    recognizeArchitecture(shapes, name, { normalization, inputSize: { width: side, height: side } })

const wide =
  (blocksPerStage: number, widen: number) =>
  (normalization: ModelNormalization, side: number): Architecture => ({
    ...wideResNet({ blocksPerStage, widen, classes, normalization }),
    inputSize: { width: side, height: side },
  })

const small = [
  [1, 16, 1],
  [4, 24, 2],
  [4, 32, 2],
  [4, 48, 1],
  [4, 64, 1],
] as const

/** The bundled network, a ResNet-20 on whole tiles, is not among them: it is there already. `eurosat-resnet14` is B of docs/palm-auto-history.md. */
export const networks = {
  'fashion-resnet20': { dataset: 'fashion', epochs: 4, peakRate: 0.1, architecture: resNet(3, 12, 1) },
  'fashion-resnet14': { dataset: 'fashion', epochs: 6, peakRate: 0.1, architecture: resNet(2, 16, 2) },
  'half-vgg': {
    dataset: 'eurosat-half',
    epochs: 15,
    peakRate: 0.05,
    architecture: vgg([[16], [32, 32], [64, 64], [64], [64]]),
  },
  'half-resnet14': { dataset: 'eurosat-half', epochs: 15, peakRate: 0.1, architecture: resNet(2, 16, 2) },
  'fashion-mobilenet': { dataset: 'fashion', epochs: 6, peakRate: 0.1, architecture: mobileNet(small, 128) },
  'half-wide': { dataset: 'eurosat-half', epochs: 12, peakRate: 0.1, architecture: wide(1, 1) },
  'fashion-vgg': {
    dataset: 'fashion',
    epochs: 5,
    peakRate: 0.05,
    architecture: vgg([[16], [32, 32], [64, 64], [64], [64]]),
  },
  'eurosat-mobilenet': { dataset: 'eurosat', epochs: 12, peakRate: 0.1, architecture: mobileNet(small, 192) },
  'eurosat-resnet14': { dataset: 'eurosat', epochs: 7, peakRate: 0.1, architecture: resNet(2, 24, 2) },
  'fashion-wide': { dataset: 'fashion', epochs: 3, peakRate: 0.1, architecture: wide(2, 2) },
} as const satisfies Record<string, Network>

export type NetworkName = keyof typeof networks
