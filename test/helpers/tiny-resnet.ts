// A CIFAR ResNet-8 of narrow layers for ten classes, seeded: what a run, a kill or a branch is about does not need the bundled model's twenty layers.
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'
import { writeSafetensors } from '#engine/models/formats/safetensors.ts'
import { cifarResNet } from '#engine/models/architectures/cifar-resnet.ts'
import { elementCount } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import { NumpyRandom } from '#stream/images/random.ts'

/** Widths of its stages; each has one block. */
const usual = [8, 16, 32]
/** The smallest there is: three convolutions. For what is about steps, and not about what a step computes. */
export const leastWidths = [8]

/** Its answers are arbitrary, but some are sure: methods that adapt on sure images only have such images. `classNames`: ten, or none. */
export function tinyResnet(widths: readonly number[] = usual, classNames: readonly string[] = []): Uint8Array {
  const random = new NumpyRandom(3)
  const { tensors } = cifarResNet({
    blocks: widths.map(() => 1),
    widths,
    classes: 10,
    classifier: 'linear',
    stemStride: 2,
    normalization: imagenetNormalization,
    inputSize: null,
  })
  const valuesOf = (kind: string, shape: readonly number[]) => {
    if (kind === 'bn-weight' || kind === 'bn-variance') return () => 1
    if (kind === 'bn-bias' || kind === 'bn-mean') return () => 0.1 * random.gauss()
    const spread = Math.sqrt((2 * (shape[0] ?? 1)) / elementCount(shape))
    return () => (kind === 'conv' ? 1 : 4) * spread * random.gauss()
  }
  return writeSafetensors(
    new Map(
      tensors.map(({ name, kind, shape }): [string, FileTensor] => [
        name,
        { shape, data: Float32Array.from({ length: elementCount(shape) }, valuesOf(kind, shape)) },
      ]),
    ),
    { stem_stride: '2', ...(classNames.length > 0 ? { class_names: JSON.stringify(classNames) } : {}) },
  )
}
