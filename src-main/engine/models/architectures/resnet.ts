// ImageNet ResNets (He et al., CVPR 2016) with torchvision's names: basic blocks (18, 34) or bottlenecks with the stride on the
// 3x3 convolution (50, 101, 152), projection shortcuts `downsample.0` / `downsample.1`.
import { GraphBuilder } from '#engine/models/graph-builder.ts'
import { finished, type ShapedBuilder } from '#engine/models/shaped-builder.ts'
import type { Architecture, ModelNormalization } from '#engine/models/model.ts'

export interface ResNetOptions {
  readonly kind: 'basic' | 'bottleneck'
  readonly blocks: readonly [number, number, number, number]
  readonly classes: number
  readonly normalization: ModelNormalization
  /** A builder that finds the classifier by itself, where it is not one linear layer of the usual name; `classes` is of no interest then. */
  readonly head?: ShapedBuilder | undefined
}

export function resNet({ kind, blocks, classes, normalization, head }: ResNetOptions): Architecture {
  const b = head ?? new GraphBuilder()
  const expansion = kind === 'basic' ? 1 : 4
  let x = b.normalize('input', normalization)
  x = b.batchNormRelu(b.conv(x, 'conv1', 'stem', 3, 64, 7, 2, 3), 'bn1', 'stem', 64)
  x = b.endBlock(b.maxPool(x, 3, 2, 1), 64, 4)
  let channels = 64
  for (const [stage, count] of blocks.entries()) {
    const width = 64 * 2 ** stage
    for (let i = 0; i < count; i++) {
      const name = `layer${stage + 1}.${i}`
      const stride = stage > 0 && i === 0 ? 2 : 1
      const out = width * expansion
      let y: string
      if (kind === 'basic') {
        y = b.batchNormRelu(b.conv(x, `${name}.conv1`, name, channels, width, 3, stride, 1), `${name}.bn1`, name, width)
        y = b.batchNorm(b.conv(y, `${name}.conv2`, name, width, width, 3, 1, 1), `${name}.bn2`, name, width)
      } else {
        y = b.batchNormRelu(b.conv(x, `${name}.conv1`, name, channels, width, 1, 1, 0), `${name}.bn1`, name, width)
        y = b.batchNormRelu(b.conv(y, `${name}.conv2`, name, width, width, 3, stride, 1), `${name}.bn2`, name, width)
        y = b.batchNorm(b.conv(y, `${name}.conv3`, name, width, out, 1, 1, 0), `${name}.bn3`, name, out)
      }
      const shortcut =
        stride === 1 && channels === out
          ? x
          : b.batchNorm(
              b.conv(x, `${name}.downsample.0`, name, channels, out, 1, stride, 0),
              `${name}.downsample.1`,
              name,
              out,
            )
      x = b.endBlock(b.relu(b.add(y, shortcut)), out, stride)
      channels = out
    }
  }
  const end = finished(b, b.globalMean(x), 'fc', channels, classes)
  const layers = blocks.reduce((sum, count) => sum + count, 0) * (kind === 'basic' ? 2 : 3) + 2
  return {
    name: `resnet-${layers}`,
    graph: b.build('input', end.features, end.output),
    tensors: b.tensors,
    classes: end.classes,
    ...end.remarks,
    inputSize: { width: 224, height: 224 },
    resize: 256 / 224,
    normalization,
  }
}
