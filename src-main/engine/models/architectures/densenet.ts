// DenseNets (Huang et al., CVPR 2017) with torchvision's names.
import type { Architecture } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import { ShapedBuilder, type RecognizeHints, type Shapes } from '#engine/models/shaped-builder.ts'

export function denseNet(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture | null {
  if (!shapes.has('features.denseblock1.denselayer1.conv1.weight')) return null
  const b = new ShapedBuilder(shapes, fileName)
  const normalization = hints.normalization ?? imagenetNormalization
  let x = b.convNorm(b.start(normalization), 'features.conv0', 'features.norm0', 'relu', { stride: 2 })
  x = b.end(b.keep('max-pool', x, { size: 3, stride: 2, padding: 1 }), 4)
  let layers = 2
  for (let block = 1; b.has(`features.denseblock${block}.denselayer1.conv1.weight`); block++) {
    const count = b.count(`features.denseblock${block}.denselayer`, '.conv1.weight', 1)
    for (let i = 1; i <= count; i++) {
      const name = `features.denseblock${block}.denselayer${i}`
      b.block = `denseblock${block}.${i}`
      const y = b.convNorm(b.norm(x, `${name}.norm1`, 'relu'), `${name}.conv1`, `${name}.norm2`, 'relu')
      const grown = b.convolve(y, `${name}.conv2`)
      x = b.know(b.apply('concat', [x, grown]), b.channelsOf(x) + b.channelsOf(grown))
      layers += 2
    }
    b.end(x, 1)
    const transition = `features.transition${block}`
    if (!b.has(`${transition}.conv.weight`)) continue
    b.block = `transition${block}`
    x = b.convolve(b.norm(x, `${transition}.norm`, 'relu'), `${transition}.conv`)
    x = b.keep('avg-pool', x, { size: 2, stride: 2 })
    layers += 1
  }
  b.block = 'head'
  x = b.norm(x, 'features.norm5', 'relu')
  const pooled = b.know(b.globalMean(x), b.channelsOf(x))
  const { features, output } = b.head(pooled, 'classifier')
  return b.finish(`densenet-${layers}`, features, output, {
    inputSize: hints.inputSize ?? { width: 224, height: 224 },
    normalization,
    resize: 256 / 224,
  })
}
