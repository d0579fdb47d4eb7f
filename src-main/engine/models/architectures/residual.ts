// Residual networks whose widths and groups are read off their tensors: ResNeXt-50 32x4d and wide ResNets with torchvision's names, CIFAR ResNets with
// projection shortcuts (option B; kuangliu's names with three or four stages), and any of them with group norm in place of batch norm.
import type { Architecture } from '#engine/models/model.ts'
import { cifarNormalization, imagenetNormalization } from '#engine/models/normalization.ts'
import { ShapedBuilder, type RecognizeHints, type Shapes } from '#engine/models/shaped-builder.ts'

/** Whether the names are a ResNet's; which of its files builds it is the registry's business. */
export function residual(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture | null {
  if (!shapes.has('conv1.weight') || !shapes.has('layer1.0.conv1.weight')) return null
  const b = new ShapedBuilder(shapes, fileName)
  const small = (shapes.get('conv1.weight')?.[2] ?? 0) < 7
  const normalization = hints.normalization ?? (small ? cifarNormalization : imagenetNormalization)
  const shortcut = [...shapes.keys()].some((name) => name.includes('.shortcut.')) ? 'shortcut' : 'downsample'
  let x = b.convNorm(b.start(normalization), 'conv1', 'bn1', 'relu', { stride: small ? (hints.stemStride ?? 1) : 2 })
  if (!small) x = b.keep('max-pool', x, { size: 3, stride: 2, padding: 1 })
  b.end(x, small ? (hints.stemStride ?? 1) : 4)
  const bottleneck = shapes.has('layer1.0.conv3.weight')
  let layers = 0
  let groups = 1
  const stages = b.count('layer', '.0.conv1.weight', 1)
  for (let stage = 1; stage <= stages; stage++) {
    const blocks = b.count(`layer${stage}.`, '.conv1.weight')
    for (let i = 0; i < blocks; i++) {
      const name = `layer${stage}.${i}`
      b.block = name
      const stride = stage > 1 && i === 0 ? 2 : 1
      let y = b.convNorm(x, `${name}.conv1`, `${name}.bn1`, 'relu', { stride: bottleneck ? 1 : stride })
      groups = b.channelsOf(y) / b.dimension(`${name}.conv2.weight`, 1)
      y = b.convNorm(y, `${name}.conv2`, `${name}.bn2`, bottleneck ? 'relu' : 'none', {
        stride: bottleneck ? stride : 1,
      })
      if (bottleneck) y = b.convNorm(y, `${name}.conv3`, `${name}.bn3`, 'none')
      const straight = b.has(`${name}.${shortcut}.0.weight`)
        ? b.convNorm(x, `${name}.${shortcut}.0`, `${name}.${shortcut}.1`, 'none', { stride })
        : x
      x = b.end(b.activate(b.sum(y, straight), 'relu'), stride)
      layers += bottleneck ? 3 : 2
    }
  }
  const pooled = b.know(b.globalMean(x), b.channelsOf(x))
  const { features, output } = b.head(pooled, shapes.has('linear.weight') ? 'linear' : 'fc')
  const norm = shapes.has('bn1.running_mean') ? '' : '-gn'
  const family =
    groups > 1
      ? `resnext-${layers + 2}-${groups}x${b.dimension('layer1.0.conv2.weight', 1)}d`
      : `${small ? 'cifar-resnet' : 'resnet'}-${layers + 2}${small ? 'b' : ''}`
  const side = small ? 32 * (hints.stemStride ?? 1) : 224
  return b.finish(`${family}${norm}`, features, output, {
    inputSize: hints.inputSize ?? { width: side, height: side },
    normalization,
    ...(small ? {} : { resize: 256 / 224 }),
  })
}

/** ResNeXt-29 for CIFAR (Xie et al., CVPR 2017) with the names of AugMix's weights (Hendrycks et al., ICLR 2020). */
export function resNext29(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture | null {
  if (!shapes.has('conv_1_3x3.weight')) return null
  const b = new ShapedBuilder(shapes, fileName)
  const half = [0.5, 0.5, 0.5] as const
  const normalization = hints.normalization ?? { mean: half, std: half }
  let x = b.convNorm(b.start(normalization), 'conv_1_3x3', 'bn_1', 'relu')
  b.end(x, 1)
  let blocks = 0
  for (let stage = 1; b.has(`stage_${stage}.0.conv_reduce.weight`); stage++) {
    const count = b.count(`stage_${stage}.`, '.conv_reduce.weight')
    for (let i = 0; i < count; i++) {
      const name = `stage_${stage}.${i}`
      b.block = name
      const stride = stage > 1 && i === 0 ? 2 : 1
      let y = b.convNorm(x, `${name}.conv_reduce`, `${name}.bn_reduce`, 'relu')
      y = b.convNorm(y, `${name}.conv_conv`, `${name}.bn`, 'relu', { stride })
      y = b.convNorm(y, `${name}.conv_expand`, `${name}.bn_expand`, 'none')
      const straight = b.has(`${name}.downsample.0.weight`)
        ? b.convNorm(x, `${name}.downsample.0`, `${name}.downsample.1`, 'none', { stride })
        : x
      x = b.end(b.activate(b.sum(straight, y), 'relu'), stride)
      blocks += 1
    }
  }
  const width = b.dimension('stage_1.0.conv_conv.weight', 1)
  const cardinality = b.dimension('stage_1.0.conv_conv.weight', 0) / width
  const { features, output } = b.head(b.know(b.globalMean(x), b.channelsOf(x)), 'classifier')
  return b.finish(`resnext-${3 * blocks + 2}-${cardinality}x${width}d`, features, output, {
    inputSize: hints.inputSize ?? { width: 32, height: 32 },
    normalization,
  })
}
