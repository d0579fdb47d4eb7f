// ConvNeXt (Liu et al., CVPR 2022): layer normalisation, no batch statistics anywhere; torchvision's or timm's names.
import type { Architecture } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import { ShapedBuilder, type RecognizeHints, type Shapes } from '#engine/models/shaped-builder.ts'

const epsilon = 1e-6

interface Naming {
  readonly stem: readonly [conv: string, norm: string]
  readonly blocks: (stage: number) => readonly string[]
  /** Norm and convolution before a stage; null before the first. */
  readonly downsample: (stage: number) => readonly [norm: string, conv: string] | null
  readonly depthwise: string
  readonly norm: string
  readonly expand: string
  readonly project: string
  readonly scale: string
  readonly headNorm: string
  readonly classifier: string
}

export function convNext(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture | null {
  const count = (name: (index: number) => string) => {
    let n = 0
    while (shapes.has(name(n))) n += 1
    return n
  }
  const list = (prefix: string, suffix: string) =>
    Array.from({ length: count((i) => `${prefix}.${i}.${suffix}`) }, (_, i) => `${prefix}.${i}`)
  const torchvision: Naming = {
    stem: ['features.0.0', 'features.0.1'],
    blocks: (stage) => list(`features.${2 * stage + 1}`, 'layer_scale'),
    downsample: (stage) => (stage === 0 ? null : [`features.${2 * stage}.0`, `features.${2 * stage}.1`]),
    depthwise: 'block.0',
    norm: 'block.2',
    expand: 'block.3',
    project: 'block.5',
    scale: 'layer_scale',
    headNorm: 'classifier.0',
    classifier: 'classifier.2',
  }
  const timm: Naming = {
    stem: ['stem.0', 'stem.1'],
    blocks: (stage) => list(`stages.${stage}.blocks`, 'gamma'),
    downsample: (stage) => (stage === 0 ? null : [`stages.${stage}.downsample.0`, `stages.${stage}.downsample.1`]),
    depthwise: 'conv_dw',
    norm: 'norm',
    expand: 'mlp.fc1',
    project: 'mlp.fc2',
    scale: 'gamma',
    headNorm: 'head.norm',
    classifier: 'head.fc',
  }
  const naming = shapes.has('features.1.0.layer_scale')
    ? torchvision
    : shapes.has('stages.0.blocks.0.gamma')
      ? timm
      : null
  if (!naming) return null
  const b = new ShapedBuilder(shapes, fileName)
  const normalization = hints.normalization ?? imagenetNormalization
  let x = b.convolve(b.start(normalization), naming.stem[0], { stride: 4, padding: 0 })
  x = b.end(b.layerNorm(x, naming.stem[1], epsilon), 4)
  for (let stage = 0; stage < 4; stage++) {
    const downsample = naming.downsample(stage)
    if (downsample) {
      b.block = `stage${stage + 1}`
      x = b.convolve(b.layerNorm(x, downsample[0], epsilon), downsample[1], { stride: 2, padding: 0 })
    }
    for (const [i, block] of naming.blocks(stage).entries()) {
      b.block = `stage${stage + 1}.${i}`
      let y = b.layerNorm(b.convolve(x, `${block}.${naming.depthwise}`), `${block}.${naming.norm}`, epsilon)
      y = b.keep('gelu', b.dense(y, `${block}.${naming.expand}`, b.block))
      y = b.dense(y, `${block}.${naming.project}`, b.block)
      y = b.withParameter('multiply', `${block} scaled`, y, 'weight', `${block}.${naming.scale}`)
      x = b.end(b.sum(x, y), downsample && i === 0 ? 2 : 1)
    }
  }
  b.block = 'head'
  const pooled = b.layerNorm(b.know(b.globalMean(x), b.channelsOf(x)), naming.headNorm, epsilon)
  const { features, output } = b.head(pooled, naming.classifier)
  return b.finish('convnext', features, output, {
    inputSize: hints.inputSize ?? { width: 224, height: 224 },
    normalization,
    resize: 256 / 224,
  })
}
