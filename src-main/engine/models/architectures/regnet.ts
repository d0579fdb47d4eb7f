// RegNets (Radosavovic et al., CVPR 2020), Y with squeeze and excitation, X without; torchvision's or timm's names.
import type { Architecture } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import { ShapedBuilder, type RecognizeHints, type Shapes } from '#engine/models/shaped-builder.ts'

interface Naming {
  readonly stem: readonly [string, string]
  /** Prefixes of the blocks, by stage. */
  readonly stages: readonly (readonly string[])[]
  readonly conv: (block: string, index: 0 | 1 | 2) => readonly [string, string]
  readonly shortcut: (block: string) => readonly [string, string]
  readonly squeeze: (block: string) => readonly [string, string]
  readonly classifier: string
}

export function regNet(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture | null {
  const naming = torchvision(shapes) ?? timm(shapes)
  if (!naming) return null
  const b = new ShapedBuilder(shapes, fileName)
  const normalization = hints.normalization ?? imagenetNormalization
  let x = b.end(b.convNorm(b.start(normalization), ...naming.stem, 'relu', { stride: 2 }), 2)
  let excites = false
  for (const stage of naming.stages) {
    for (const [i, block] of stage.entries()) {
      b.block = block.replace('trunk_output.', '')
      const stride = i === 0 ? 2 : 1
      let y = b.convNorm(x, ...naming.conv(block, 0), 'relu')
      y = b.convNorm(y, ...naming.conv(block, 1), 'relu', { stride })
      const [reduce, expand] = naming.squeeze(block)
      if (b.has(`${reduce}.weight`)) {
        y = b.squeezeExcite(y, reduce, expand, 'relu')
        excites = true
      }
      y = b.convNorm(y, ...naming.conv(block, 2), 'none')
      const shortcut = naming.shortcut(block)
      const straight = b.has(`${shortcut[0]}.weight`) ? b.convNorm(x, ...shortcut, 'none', { stride }) : x
      x = b.end(b.activate(b.sum(straight, y), 'relu'), stride)
    }
  }
  const pooled = b.know(b.globalMean(x), b.channelsOf(x))
  const { features, output } = b.head(pooled, naming.classifier)
  return b.finish(excites ? 'regnet-y' : 'regnet-x', features, output, {
    inputSize: hints.inputSize ?? { width: 224, height: 224 },
    normalization,
    resize: 256 / 224,
  })
}

function torchvision(shapes: Shapes): Naming | null {
  if (!shapes.has('trunk_output.block1.block1-0.f.a.0.weight')) return null
  const stages: string[][] = []
  for (let s = 1; shapes.has(`trunk_output.block${s}.block${s}-0.f.a.0.weight`); s++) {
    const blocks: string[] = []
    for (let i = 0; shapes.has(`trunk_output.block${s}.block${s}-${i}.f.a.0.weight`); i++)
      blocks.push(`trunk_output.block${s}.block${s}-${i}`)
    stages.push(blocks)
  }
  return {
    stem: ['stem.0', 'stem.1'],
    stages,
    conv: (block, index) => [`${block}.f.${'abc'[index]}.0`, `${block}.f.${'abc'[index]}.1`],
    shortcut: (block) => [`${block}.proj.0`, `${block}.proj.1`],
    squeeze: (block) => [`${block}.f.se.fc1`, `${block}.f.se.fc2`],
    classifier: 'fc',
  }
}

function timm(shapes: Shapes): Naming | null {
  if (!shapes.has('s1.b1.conv1.conv.weight')) return null
  const stages: string[][] = []
  for (let s = 1; shapes.has(`s${s}.b1.conv1.conv.weight`); s++) {
    const blocks: string[] = []
    for (let i = 1; shapes.has(`s${s}.b${i}.conv1.conv.weight`); i++) blocks.push(`s${s}.b${i}`)
    stages.push(blocks)
  }
  return {
    stem: ['stem.conv', 'stem.bn'],
    stages,
    conv: (block, index) => [`${block}.conv${index + 1}.conv`, `${block}.conv${index + 1}.bn`],
    shortcut: (block) => [`${block}.downsample.conv`, `${block}.downsample.bn`],
    squeeze: (block) => [`${block}.se.fc1`, `${block}.se.fc2`],
    classifier: 'head.fc',
  }
}
