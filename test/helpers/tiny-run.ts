// The smallest run that is a whole one: a folder with 200 images of 16 by 16 pixels in ten classes, and a network of narrow layers.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runOptionsSchema, type RunOptions, type RunOptionsInput } from '#contract/runs/run-options.ts'
import { leastWidths, tinyResnet } from '#test/helpers/tiny-resnet.ts'
import { npy } from '#test/helpers/write-npy.ts'
import { NumpyRandom } from '#stream/images/random.ts'

export const tinyImages = 200
const side = 16

/**
 * Writes images and weights into `folder`.
 * @param least the network has three convolutions in place of seven: for what is about steps, and not about what one computes
 * @param answer what the network says of most of such noise
 * @returns options of runs over them
 */
export function tinyRun(
  folder: string,
  least = false,
  answer = least ? 6 : 8,
): (some?: Partial<RunOptionsInput>) => RunOptions {
  const images = join(folder, 'images')
  const model = join(folder, 'tiny.safetensors')
  mkdirSync(images, { recursive: true })
  const random = new NumpyRandom(11)
  const size = side * side * 3
  // Every fourth is darker, and answered otherwise: all the same would be a guess.
  const pixels = Array.from({ length: tinyImages * size }, (_, i) => {
    const value = random.randint(0, 256)
    return Math.floor(i / size) % 4 === 0 ? value >> 3 : value
  })
  writeFileSync(join(images, 'images.npy'), npy('|u1', [tinyImages, side, side, 3], pixels))
  writeFileSync(
    join(images, 'labels.npy'),
    npy(
      '<i8',
      [tinyImages],
      // All ten classes; but the network is right so often that the look at each run's first images has nothing to try, for as long as the run itself takes.
      Array.from({ length: tinyImages }, (_, i) => (i % 4 === 0 ? (i / 4) % 10 : answer)),
    ),
  )
  writeFileSync(model, least ? tinyResnet(leastWidths) : tinyResnet())
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
