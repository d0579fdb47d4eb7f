// Which architecture a set of weights belongs to, from the names and shapes of its tensors alone.
import { PalmError } from '#contract/errors.ts'
import { cifarResNet } from './architectures/cifar-resnet.ts'
import { convNext } from './architectures/convnext.ts'
import { denseNet } from './architectures/densenet.ts'
import { invertedResidual } from './architectures/inverted-residual.ts'
import type { Architecture } from './model.ts'
import { cifarNormalization, imagenetNormalization, noNormalization } from './normalization.ts'
import { regNet } from './architectures/regnet.ts'
import { residual, resNext29 } from './architectures/residual.ts'
import { resNet } from './architectures/resnet.ts'
import { ShapedBuilder, type RecognizeHints, type Shapes } from './shaped-builder.ts'
import { shuffleNetV2 } from './architectures/shufflenet.ts'
import { vgg } from './architectures/vgg.ts'
import { visionTransformer } from './architectures/vision-transformer.ts'
import { wideResNet } from './architectures/wide-resnet.ts'

/** Each looks whether the names are its own, and then takes the tensors or says what is wrong with them. */
type Recognizer = (shapes: Shapes, fileName: string, hints: RecognizeHints) => Architecture | null

const recognizers: readonly Recognizer[] = [
  recognizeWideResNet,
  recognizePlainResNet,
  recognizeCifarResNet,
  residual,
  resNext29,
  invertedResidual,
  denseNet,
  shuffleNetV2,
  regNet,
  convNext,
  visionTransformer,
  vgg,
]

/** For messages and help. */
export const knownArchitectures =
  'CIFAR ResNets (shortcuts A and B), Wide ResNets, ResNeXt-29 and -50, ResNet-18 to -152 (batch or group norm), VGG-BN, DenseNet, MobileNetV2, EfficientNet-B0 and -Lite0, ShuffleNetV2, RegNet, ConvNeXt, ViT'

/** Whether names and shapes are an architecture's; `broken`: they are by their names, and something about them does not fit. */
export function recognition(shapes: Shapes, fileName: string): 'known' | 'broken' | 'unknown' {
  try {
    return recognizers.some((recognize) => recognize(shapes, fileName, {}) !== null) ? 'known' : 'unknown'
  } catch (cause) {
    if (cause instanceof PalmError) return 'broken'
    throw cause
  }
}

/** @throws PalmError `model-unsupported` that says what was looked for, `model-unreadable` naming a tensor that does not fit. */
export function recognizeArchitecture(shapes: Shapes, fileName: string, hints: RecognizeHints = {}): Architecture {
  for (const recognize of recognizers) {
    const found = recognize(shapes, fileName, hints)
    if (found) return found
  }
  const some = [...shapes.keys()].slice(0, 3).join(', ')
  throw new PalmError(
    'model-unsupported',
    `${fileName} holds weights of an architecture that cannot be recognised by its tensors’ names. Known are: ${knownArchitectures}. Export the whole network as ONNX instead.`,
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
  if (size === undefined || size < 1)
    throw new PalmError('model-unreadable', `${fileName} has no usable tensor “${name}”.`)
  return size
}

/** Without projections on its shortcuts: option A. */
function recognizeCifarResNet(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture | null {
  if (
    !shapes.has('layer1.0.conv1.weight') ||
    !shapes.has('conv1.weight') ||
    shapes.has('layer4.0.conv1.weight') ||
    shapes.has('layer1.0.conv3.weight') ||
    !shapes.has('bn1.running_mean')
  )
    return null
  if ([...shapes.keys()].some((name) => /\.(downsample|shortcut)\./.test(name))) return null
  const stages = [1, 2, 3].filter((stage) => shapes.has(`layer${stage}.0.conv1.weight`))
  const classifier = shapes.has('linear.weight') ? 'linear' : 'fc'
  const head = isPlain(shapes, classifier) ? undefined : new ShapedBuilder(shapes, fileName)
  const stemStride = hints.stemStride ?? 1
  return cifarResNet({
    blocks: stages.map((stage) => countBlocks(shapes, `layer${stage}.`, '.conv1.weight')),
    widths: stages.map((stage) => dimension(shapes, `layer${stage}.0.conv1.weight`, 0, fileName)),
    classes: head ? 0 : dimension(shapes, `${classifier}.weight`, 0, fileName),
    classifier,
    head,
    stemStride,
    normalization: hints.normalization ?? (classifier === 'linear' ? imagenetNormalization : cifarNormalization),
    inputSize: hints.inputSize ?? { width: 32 * stemStride, height: 32 * stemStride },
  })
}

const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const

function recognizeWideResNet(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture | null {
  if (!shapes.has('block1.layer.0.bn1.weight')) return null
  const blocksPerStage = countBlocks(shapes, 'block1.layer.', '.bn1.weight')
  const widen = dimension(shapes, 'block1.layer.0.conv1.weight', 0, fileName) / 16
  // The WRN-40-2 that is passed around is AugMix's, trained on pixels in [-1, 1]; RobustBench's others take pixels as they are.
  const usual = blocksPerStage === 6 && widen === 2 ? half : noNormalization
  return wideResNet({
    blocksPerStage,
    widen,
    ...classifierOf(shapes, fileName),
    normalization: hints.normalization ?? usual,
  })
}

/** torchvision's, with a 7 x 7 stem, batch norm and no groups; the others are `residual`. */
function recognizePlainResNet(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture | null {
  if (!shapes.has('layer4.0.conv1.weight') || shapes.get('conv1.weight')?.[2] !== 7 || !shapes.has('bn1.running_mean'))
    return null
  const bottleneck = shapes.has('layer1.0.conv3.weight')
  if (shapes.get('layer1.0.conv2.weight')?.[1] !== 64 || shapes.get('layer1.0.conv1.weight')?.[0] !== 64) return null
  const count = (stage: number) => countBlocks(shapes, `layer${stage}.`, '.conv1.weight')
  return resNet({
    kind: bottleneck ? 'bottleneck' : 'basic',
    blocks: [count(1), count(2), count(3), count(4)],
    ...classifierOf(shapes, fileName),
    normalization: hints.normalization ?? imagenetNormalization,
  })
}

const isPlain = (shapes: Shapes, name: string) => shapes.has(`${name}.weight`) && shapes.has(`${name}.bias`)

/** One linear layer `fc`, or a builder that looks for what stands in its place. */
function classifierOf(shapes: Shapes, fileName: string): { classes: number; head?: ShapedBuilder } {
  return isPlain(shapes, 'fc')
    ? { classes: dimension(shapes, 'fc.weight', 0, fileName) }
    : { classes: 0, head: new ShapedBuilder(shapes, fileName) }
}
