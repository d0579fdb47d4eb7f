// VGG with batch norm (Simonyan & Zisserman, ICLR 2015), torchvision's names: `features.N`, where a gap of four between two convolutions holds a
// pooling. The classifier may be torchvision's three layers over 7 x 7 cells, or CIFAR's one to three over one pixel.
import type { Architecture } from '#engine/models/model.ts'
import { cifarNormalization, imagenetNormalization } from '#engine/models/normalization.ts'
import { headOf } from '#engine/models/classifier-head.ts'
import { ShapedBuilder, type RecognizeHints, type Shapes } from '#engine/models/shaped-builder.ts'

export function vgg(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture | null {
  if (
    !shapes.has('features.0.weight') ||
    !shapes.has('features.1.running_mean') ||
    shapes.get('features.0.weight')?.length !== 4
  )
    return null
  const convolutions = [...shapes]
    .filter(([name, shape]) => /^features\.\d+\.weight$/.test(name) && shape.length === 4)
    .map(([name]) => Number(name.split('.')[1]))
    .sort((a, b) => a - b)
  const b = new ShapedBuilder(shapes, fileName)
  const [first = { name: 'classifier' }] = headOf(shapes, 'classifier', new Set(), fileName).layers
  const last = convolutions.at(-1) ?? 0
  const cells = b.dimension(`${first.name}.weight`, 1) / b.dimension(`features.${last}.weight`, 0)
  const side = Math.round(Math.sqrt(cells))
  const normalization = hints.normalization ?? (cells === 1 ? cifarNormalization : imagenetNormalization)
  let x = b.start(normalization)
  let pooled = 0
  for (const [i, at] of convolutions.entries()) {
    b.block = `stage${pooled + 1}`
    x = b.convNorm(x, `features.${at}`, `features.${at + 1}`, 'relu')
    const next = convolutions[i + 1]
    if (next !== undefined && next - at === 3) continue
    x = b.end(b.keep('max-pool', x, { size: 2, stride: 2, padding: 0 }), 2)
    pooled += 1
  }
  if (cells > 1) x = b.keep('adaptive-mean', x, { size: side })
  const { features, output } = b.head(b.know(b.apply('flatten', x), b.channelsOf(x) * cells), 'classifier')
  const layers = convolutions.length + 3
  return b.finish(`vgg-${layers}-bn`, features, output, {
    inputSize: hints.inputSize ?? (cells === 1 ? { width: 32, height: 32 } : { width: 224, height: 224 }),
    normalization,
    ...(cells === 1 ? {} : { resize: 256 / 224 }),
  })
}
