// ShuffleNetV2 (Ma et al., ECCV 2018) with torchvision's names.
import type { Architecture } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import { ShapedBuilder, type RecognizeHints, type Shapes } from '#engine/models/shaped-builder.ts'

export function shuffleNetV2(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture | null {
  if (!shapes.has('stage2.0.branch2.0.weight') || !shapes.has('conv5.0.weight')) return null
  const b = new ShapedBuilder(shapes, fileName)
  const normalization = hints.normalization ?? imagenetNormalization
  let x = b.convNorm(b.start(normalization), 'conv1.0', 'conv1.1', 'relu', { stride: 2 })
  x = b.end(b.keep('max-pool', x, { size: 3, stride: 2, padding: 1 }), 4)
  const branch = (input: string, prefix: string, stride: number) => {
    const y = b.convNorm(input, `${prefix}.0`, `${prefix}.1`, 'relu')
    return b.convNorm(
      b.convNorm(y, `${prefix}.3`, `${prefix}.4`, 'none', { stride }),
      `${prefix}.5`,
      `${prefix}.6`,
      'relu',
    )
  }
  for (let stage = 2; b.has(`stage${stage}.0.branch2.0.weight`); stage++) {
    const count = b.count(`stage${stage}.`, '.branch2.0.weight')
    for (let i = 0; i < count; i++) {
      const name = `stage${stage}.${i}`
      b.block = name
      let left: string
      let right: string
      if (i === 0) {
        left = b.convNorm(
          b.convNorm(x, `${name}.branch1.0`, `${name}.branch1.1`, 'none', { stride: 2 }),
          `${name}.branch1.2`,
          `${name}.branch1.3`,
          'relu',
        )
        right = branch(x, `${name}.branch2`, 2)
      } else {
        const half = b.channelsOf(x) / 2
        left = b.know(b.apply('slice-channels', x, { begin: 0, size: half }), half)
        right = branch(b.know(b.apply('slice-channels', x, { begin: half, size: half }), half), `${name}.branch2`, 1)
      }
      const joined = b.know(b.apply('concat', [left, right]), b.channelsOf(left) + b.channelsOf(right))
      x = b.end(b.keep('channel-shuffle', joined, { groups: 2 }), i === 0 ? 2 : 1)
    }
  }
  b.block = 'head'
  x = b.convNorm(x, 'conv5.0', 'conv5.1', 'relu')
  const pooled = b.know(b.globalMean(x), b.channelsOf(x))
  const { features, output } = b.head(pooled, 'fc')
  return b.finish('shufflenet-v2', features, output, {
    inputSize: hints.inputSize ?? { width: 224, height: 224 },
    normalization,
    resize: 256 / 224,
  })
}
