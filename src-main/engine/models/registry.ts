// Which architecture a set of weights belongs to, from the names and shapes of its tensors alone.
import { PalmError } from '../../contract/errors.ts'
import { cifarResNet } from './cifar-resnet.ts'
import type { Architecture, ModelNormalization } from './model.ts'
import { cifarNormalization, imagenetNormalization, noNormalization } from './normalization.ts'
import { resNet } from './resnet.ts'
import { wideResNet } from './wide-resnet.ts'

export interface RecognizeHints {
  readonly normalization?: ModelNormalization | undefined
  readonly stemStride?: number | undefined
  readonly inputSize?: { readonly width: number; readonly height: number } | undefined
}

export type Shapes = ReadonlyMap<string, readonly number[]>

/** @throws PalmError `model-unsupported` that says what was looked for. */
export function recognizeArchitecture(shapes: Shapes, fileName: string, hints: RecognizeHints = {}): Architecture {
  if (shapes.has('block1.layer.0.bn1.weight')) return recognizeWideResNet(shapes, fileName, hints)
  if (shapes.has('layer4.0.conv1.weight')) return recognizeResNet(shapes, fileName, hints)
  if (shapes.has('layer1.0.conv1.weight') && shapes.has('conv1.weight')) return recognizeCifarResNet(shapes, fileName, hints)
  const some = [...shapes.keys()].slice(0, 3).join(', ')
  throw new PalmError(
    'model-unsupported',
    `${fileName} holds no architecture that is supported yet (CIFAR ResNets, Wide ResNets, ResNet-18/34/50/101/152 with torchvision’s names).`,
    `Its tensors are called ${some || '(none)'} …`,
  )
}

/** How many blocks `prefix0`, `prefix1`, … there are, counting `prefix{i}{suffix}`. */
function countBlocks(shapes: Shapes, prefix: string, suffix: string): number {
  let n = 0
  while (shapes.has(`${prefix}${n}${suffix}`)) n += 1
  return n
}

function dimension(shapes: Shapes, name: string, axis: number, fileName: string): number {
  const size = shapes.get(name)?.[axis]
  if (size === undefined || size < 1) throw new PalmError('model-unreadable', `${fileName} has no usable tensor “${name}”.`)
  return size
}

function classifierOf(shapes: Shapes, fileName: string): 'linear' | 'fc' {
  if (shapes.has('linear.weight')) return 'linear'
  if (shapes.has('fc.weight')) return 'fc'
  throw new PalmError('model-unreadable', `${fileName} has no classifier: neither “linear.weight” nor “fc.weight” is in it.`)
}

function recognizeCifarResNet(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture {
  const stages = [1, 2, 3].filter((stage) => shapes.has(`layer${stage}.0.conv1.weight`))
  const classifier = classifierOf(shapes, fileName)
  const stemStride = hints.stemStride ?? 1
  return cifarResNet({
    blocks: stages.map((stage) => countBlocks(shapes, `layer${stage}.`, '.conv1.weight')),
    widths: stages.map((stage) => dimension(shapes, `layer${stage}.0.conv1.weight`, 0, fileName)),
    classes: dimension(shapes, `${classifier}.weight`, 0, fileName),
    classifier,
    stemStride,
    normalization: hints.normalization ?? (classifier === 'linear' ? imagenetNormalization : cifarNormalization),
    inputSize: hints.inputSize ?? { width: 32 * stemStride, height: 32 * stemStride },
  })
}

function recognizeWideResNet(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture {
  return wideResNet({
    blocksPerStage: countBlocks(shapes, 'block1.layer.', '.bn1.weight'),
    widen: dimension(shapes, 'block1.layer.0.conv1.weight', 0, fileName) / 16,
    classes: dimension(shapes, 'fc.weight', 0, fileName),
    normalization: hints.normalization ?? noNormalization,
  })
}

function recognizeResNet(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture {
  const count = (stage: number) => countBlocks(shapes, `layer${stage}.`, '.conv1.weight')
  return resNet({
    kind: shapes.has('layer1.0.conv3.weight') ? 'bottleneck' : 'basic',
    blocks: [count(1), count(2), count(3), count(4)],
    classes: dimension(shapes, 'fc.weight', 0, fileName),
    normalization: hints.normalization ?? imagenetNormalization,
  })
}
