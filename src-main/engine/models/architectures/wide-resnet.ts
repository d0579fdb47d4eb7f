// Wide ResNets for CIFAR (Zagoruyko & Komodakis, BMVC 2016), pre-activation, depth 6n + 4, widening k. Names as in the weights that
// RobustBench distributes: block{s}.layer.{i}.{bn1,conv1,bn2,conv2,convShortcut}, bn1, fc.
import { GraphBuilder } from '#engine/models/graph-builder.ts'
import { finished, type ShapedBuilder } from '#engine/models/shaped-builder.ts'
import type { Architecture, ModelNormalization } from '#engine/models/model.ts'

export interface WideResNetOptions {
  readonly blocksPerStage: number
  readonly widen: number
  readonly classes: number
  readonly normalization: ModelNormalization
  /** A builder that finds the classifier by itself, where it is not one linear layer of the usual name; `classes` is of no interest then. */
  readonly head?: ShapedBuilder | undefined
}

export function wideResNet({ blocksPerStage, widen, classes, normalization, head }: WideResNetOptions): Architecture {
  const b = head ?? new GraphBuilder()
  let x = b.normalize('input', normalization)
  let channels = 16
  x = b.endBlock(b.conv(x, 'conv1', 'stem', 3, channels, 3, 1, 1), channels, 1)
  for (const stage of [1, 2, 3]) {
    const width = 16 * widen * 2 ** (stage - 1)
    for (let i = 0; i < blocksPerStage; i++) {
      const name = `block${stage}.layer.${i}`
      const stride = stage > 1 && i === 0 ? 2 : 1
      const activated = b.batchNormRelu(x, `${name}.bn1`, name, channels)
      let y = b.conv(activated, `${name}.conv1`, name, channels, width, 3, stride, 1)
      y = b.batchNormRelu(y, `${name}.bn2`, name, width)
      y = b.conv(y, `${name}.conv2`, name, width, width, 3, 1, 1)
      const shortcut =
        channels === width ? x : b.conv(activated, `${name}.convShortcut`, name, channels, width, 1, stride, 0)
      x = b.endBlock(b.add(shortcut, y), width, stride)
      channels = width
    }
  }
  const pooled = b.globalMean(b.batchNormRelu(x, 'bn1', 'head', channels))
  const end = finished(b, pooled, 'fc', channels, classes)
  return {
    name: `wide-resnet-${6 * blocksPerStage + 4}-${widen}`,
    graph: b.build('input', end.features, end.output),
    tensors: b.tensors,
    classes: end.classes,
    ...end.remarks,
    inputSize: { width: 32, height: 32 },
    normalization,
  }
}
