// The smallest run that is a whole one: a folder with 200 images of 16 by 16 pixels in ten classes, and a network of narrow layers.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runOptionsSchema, type RunOptions, type RunOptionsInput } from '#contract/runs/run-options.ts'
import { tinyResnet } from '#test/helpers/tiny-resnet.ts'
import { npy } from '#test/helpers/write-npy.ts'
import { NumpyRandom } from '#stream/images/random.ts'

export const tinyImages = 200
const side = 16

/** Writes images and weights into `folder`. @param weights of the network. @returns options of runs over them */
export function tinyRun(folder: string, weights = tinyResnet()): (some?: Partial<RunOptionsInput>) => RunOptions {
  const images = join(folder, 'images')
  const model = join(folder, 'tiny.safetensors')
  mkdirSync(images, { recursive: true })
  const random = new NumpyRandom(11)
  const pixels = Array.from({ length: tinyImages * side * side * 3 }, () => random.randint(0, 256))
  writeFileSync(join(images, 'images.npy'), npy('|u1', [tinyImages, side, side, 3], pixels))
  writeFileSync(
    join(images, 'labels.npy'),
    npy(
      '<i8',
      [tinyImages],
      Array.from({ length: tinyImages }, (_, i) => i % 10),
    ),
  )
  writeFileSync(model, weights)
  return (some = {}) =>
    runOptionsSchema.parse({
      name: 'tiny',
      input: { kind: 'folder', path: images },
      model: { kind: 'file', path: model },
      corruptions: ['brightness', 'contrast'],
      batchSize: 10,
      lanes: [
        { id: 'source', label: 'Source', options: { method: 'source' } },
        { id: 'palm', label: 'PALM', options: { method: 'palm', kappa: 1e-3, eta: 0.05 } },
      ],
      ...some,
    })
}
