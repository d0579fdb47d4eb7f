// Networks of inverted residual blocks: MobileNetV2 (Sandler et al., CVPR 2018), EfficientNet-B0 (Tan & Le, ICML 2019) and -Lite0, under torchvision's,
// timm's or EfficientNet-PyTorch's names. All share the stages' strides 1, 2, 2, 2, 1, 2, 1; a stage begins where the width changes.
import type { Architecture } from '#engine/models/model.ts'
import { imagenetNormalization, liteNormalization } from '#engine/models/normalization.ts'
import { ShapedBuilder, type Activation, type RecognizeHints, type Shapes } from '#engine/models/shaped-builder.ts'

type ConvName = readonly [conv: string, norm: string]

interface Block {
  readonly name: string
  readonly expand: ConvName | null
  readonly depthwise: ConvName
  readonly squeeze: readonly [reduce: string, expand: string] | null
  readonly project: ConvName
}

interface Naming {
  readonly stem: ConvName
  readonly blocks: readonly Block[]
  readonly head: ConvName
  readonly classifier: string
  /** Trained in TensorFlow, or by its conventions. */
  readonly tensorflow: boolean
}

const strides = [1, 2, 2, 2, 1, 2, 1] as const

export function invertedResidual(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture | null {
  const naming = mobileNetV2(shapes) ?? torchvisionEfficientNet(shapes) ?? timm(shapes) ?? efficientNetPytorch(shapes)
  if (!naming) return null
  const b = new ShapedBuilder(shapes, fileName)
  const squeezes = naming.blocks.some(({ squeeze }) => squeeze)
  const wideKernels = naming.blocks.some(({ depthwise }) => (shapes.get(`${depthwise[0]}.weight`)?.[2] ?? 0) > 3)
  const lite = !squeezes && wideKernels
  const activation: Activation = squeezes ? 'silu' : 'relu6'
  const likeTensorflow = naming.tensorflow || lite
  if (likeTensorflow) b.epsilon = 1e-3
  const padding = likeTensorflow ? ({ padding: 'same' } as const) : {}
  const normalization = hints.normalization ?? (lite ? liteNormalization : imagenetNormalization)
  let x = b.end(b.convNorm(b.start(normalization), ...naming.stem, activation, { stride: 2, ...padding }), 2)
  let stage = -1
  let width = 0
  for (const { name, expand, depthwise, squeeze, project } of naming.blocks) {
    b.block = name
    const out = b.dimension(`${project[0]}.weight`, 0)
    const begins = out !== width
    if (begins) stage += 1
    width = out
    const stride = begins ? (strides[stage] ?? 1) : 1
    let y = expand ? b.convNorm(x, ...expand, activation) : x
    y = b.convNorm(y, ...depthwise, activation, { stride, ...padding })
    if (squeeze) y = b.squeezeExcite(y, ...squeeze, 'silu')
    y = b.convNorm(y, ...project, 'none')
    x = b.end(stride === 1 && b.channelsOf(x) === out ? b.sum(y, x) : y, stride)
  }
  b.block = 'head'
  x = b.convNorm(x, ...naming.head, activation)
  const pooled = b.know(b.globalMean(x), b.channelsOf(x))
  const name = lite ? 'efficientnet-lite0' : squeezes ? 'efficientnet-b0' : 'mobilenet-v2'
  const { features, output } = b.head(pooled, naming.classifier)
  return b.finish(name, features, output, {
    inputSize: hints.inputSize ?? { width: 224, height: 224 },
    normalization,
    resize: 256 / 224,
  })
}

const conv = (prefix: string): ConvName => [`${prefix}.0`, `${prefix}.1`]

function mobileNetV2(shapes: Shapes): Naming | null {
  if (!shapes.has('features.1.conv.0.0.weight')) return null
  const blocks: Block[] = []
  let at = 1
  for (; shapes.has(`features.${at}.conv.0.0.weight`); at++) {
    const prefix = `features.${at}.conv`
    const expanded = shapes.has(`${prefix}.1.0.weight`)
    blocks.push({
      name: `features.${at}`,
      expand: expanded ? conv(`${prefix}.0`) : null,
      depthwise: conv(`${prefix}.${expanded ? 1 : 0}`),
      squeeze: null,
      project: expanded ? [`${prefix}.2`, `${prefix}.3`] : [`${prefix}.1`, `${prefix}.2`],
    })
  }
  return {
    stem: conv('features.0'),
    blocks,
    head: conv(`features.${at}`),
    classifier: 'classifier.1',
    tensorflow: false,
  }
}

function torchvisionEfficientNet(shapes: Shapes): Naming | null {
  if (!shapes.has('features.1.0.block.0.0.weight')) return null
  const blocks: Block[] = []
  let stage = 1
  for (; shapes.has(`features.${stage}.0.block.0.0.weight`); stage++) {
    for (let i = 0; shapes.has(`features.${stage}.${i}.block.0.0.weight`); i++) {
      const prefix = `features.${stage}.${i}.block`
      const from = shapes.has(`${prefix}.3.0.weight`) ? 1 : 0
      blocks.push({
        name: `features.${stage}.${i}`,
        expand: from === 1 ? conv(`${prefix}.0`) : null,
        depthwise: conv(`${prefix}.${from}`),
        squeeze: [`${prefix}.${from + 1}.fc1`, `${prefix}.${from + 1}.fc2`],
        project: conv(`${prefix}.${from + 2}`),
      })
    }
  }
  return {
    stem: conv('features.0'),
    blocks,
    head: conv(`features.${stage}`),
    classifier: 'classifier.1',
    tensorflow: false,
  }
}

function timm(shapes: Shapes): Naming | null {
  if (!shapes.has('conv_stem.weight') || !shapes.has('blocks.0.0.conv_dw.weight')) return null
  const blocks: Block[] = []
  for (let stage = 0; shapes.has(`blocks.${stage}.0.conv_dw.weight`); stage++) {
    for (let i = 0; shapes.has(`blocks.${stage}.${i}.conv_dw.weight`); i++) {
      const prefix = `blocks.${stage}.${i}`
      const expanded = shapes.has(`${prefix}.conv_pwl.weight`)
      blocks.push({
        name: prefix,
        expand: expanded ? [`${prefix}.conv_pw`, `${prefix}.bn1`] : null,
        depthwise: [`${prefix}.conv_dw`, `${prefix}.${expanded ? 'bn2' : 'bn1'}`],
        squeeze: shapes.has(`${prefix}.se.conv_reduce.weight`)
          ? [`${prefix}.se.conv_reduce`, `${prefix}.se.conv_expand`]
          : null,
        project: expanded ? [`${prefix}.conv_pwl`, `${prefix}.bn3`] : [`${prefix}.conv_pw`, `${prefix}.bn2`],
      })
    }
  }
  return { stem: ['conv_stem', 'bn1'], blocks, head: ['conv_head', 'bn2'], classifier: 'classifier', tensorflow: false }
}

/** The names of the EfficientNet-PyTorch package, whose weights come from TensorFlow. */
function efficientNetPytorch(shapes: Shapes): Naming | null {
  if (!shapes.has('_conv_stem.weight') || !shapes.has('_blocks.0._depthwise_conv.weight')) return null
  const blocks: Block[] = []
  for (let i = 0; shapes.has(`_blocks.${i}._depthwise_conv.weight`); i++) {
    const prefix = `_blocks.${i}`
    blocks.push({
      name: prefix.slice(1),
      expand: shapes.has(`${prefix}._expand_conv.weight`) ? [`${prefix}._expand_conv`, `${prefix}._bn0`] : null,
      depthwise: [`${prefix}._depthwise_conv`, `${prefix}._bn1`],
      squeeze: shapes.has(`${prefix}._se_reduce.weight`) ? [`${prefix}._se_reduce`, `${prefix}._se_expand`] : null,
      project: [`${prefix}._project_conv`, `${prefix}._bn2`],
    })
  }
  return { stem: ['_conv_stem', '_bn0'], blocks, head: ['_conv_head', '_bn1'], classifier: '_fc', tensorflow: true }
}
