// CIFAR ResNets (He et al., CVPR 2016, section 4.2): three stages of basic blocks, option-A shortcuts, names as in the common PyTorch
// re-implementation (conv1, bn1, layer{s}.{b}.conv1 …, linear or fc). Depth 6n + 2; widths and blocks are free.
import { GraphBuilder } from '#engine/models/graph-builder.ts'
import { finished, type ShapedBuilder } from '#engine/models/shaped-builder.ts'
import type { Architecture, ModelNormalization } from '#engine/models/model.ts'

export interface CifarResNetOptions {
  readonly blocks: readonly number[]
  readonly widths: readonly number[]
  readonly classes: number
  readonly classifier: 'linear' | 'fc'
  /** 1 as published; 2 halves the resolution at once, for 64-pixel images. */
  readonly stemStride: number
  readonly normalization: ModelNormalization
  /** A builder that finds the classifier by itself, where it is not one linear layer of the usual name; `classes` is of no interest then. */
  readonly head?: ShapedBuilder | undefined
  readonly inputSize: { readonly width: number; readonly height: number } | null
}

export function cifarResNet(options: CifarResNetOptions): Architecture {
  const { blocks, widths, classes, classifier, head } = options
  const b = head ?? new GraphBuilder()
  let x = b.normalize('input', options.normalization)
  let channels = widths[0] as number
  x = b.conv(x, 'conv1', 'stem', 3, channels, 3, options.stemStride, 1)
  x = b.endBlock(b.batchNormRelu(x, 'bn1', 'stem', channels), channels, options.stemStride)
  for (const [stage, count] of blocks.entries()) {
    const width = widths[stage] as number
    for (let block = 0; block < count; block++) {
      const name = `layer${stage + 1}.${block}`
      const stride = stage > 0 && block === 0 ? 2 : 1
      let y = b.conv(x, `${name}.conv1`, name, channels, width, 3, stride, 1)
      y = b.batchNormRelu(y, `${name}.bn1`, name, width)
      y = b.conv(y, `${name}.conv2`, name, width, width, 3, 1, 1)
      y = b.batchNorm(y, `${name}.bn2`, name, width)
      const extra = width - channels
      const shortcut =
        stride === 1 && extra === 0 ? x : b.shortcutA(x, stride, Math.floor(extra / 2), extra - Math.floor(extra / 2))
      x = b.endBlock(b.relu(b.add(y, shortcut)), width, stride)
      channels = width
    }
  }
  const end = finished(b, b.globalMean(x), classifier, channels, classes)
  const depth = 2 + 2 * blocks.reduce((sum, count) => sum + count, 0)
  return {
    name: `cifar-resnet-${depth}${widths[0] === 16 ? '' : `-w${widths[0]}`}`,
    graph: b.build('input', end.features, end.output),
    tensors: b.tensors,
    classes: end.classes,
    ...end.remarks,
    inputSize: options.inputSize,
    normalization: options.normalization,
  }
}
