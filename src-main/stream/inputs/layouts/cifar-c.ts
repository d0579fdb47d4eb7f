// CIFAR-C: `labels.npy` beside one array per corruption, severities one after the other.
import { basename } from 'node:path'
import { corruptionNames, severities, type CorruptionName } from '#contract/inputs/corruption.ts'
import { PalmError } from '#contract/errors.ts'
import { plain, type InputSample, type LaidOut, type Variant } from '#stream/inputs/listing.ts'
import { imageArray, labelArray, type ImageArray } from '#stream/inputs/npy.ts'
import type { Tree } from '#stream/inputs/tree/tree-file.ts'
import type { LayoutDriver } from './layout.ts'

const known: ReadonlySet<string> = new Set(corruptionNames)

export const cifarC: LayoutDriver = {
  recognise({ tree }) {
    if (!tree?.files.some(({ path }) => path === 'labels.npy')) return null
    const arrays = tree.files.flatMap(({ path }) => {
      const name = basename(path, '.npy')
      return path.endsWith('.npy') && known.has(name) && !path.includes('/')
        ? [{ path, corruption: name as CorruptionName }]
        : []
    })
    return arrays.length > 0 ? () => listCifarC(tree, arrays) : null
  },
}

async function listCifarC(
  tree: Tree,
  arrays: readonly { path: string; corruption: CorruptionName }[],
): Promise<LaidOut> {
  const name = (path: string) => `${tree.root}/${path}`
  const labels = await labelArray(tree.placeOf('labels.npy'), name('labels.npy'))
  if (labels.length % severities.length !== 0)
    throw new PalmError(
      'input-unreadable',
      `${name('labels.npy')} has ${labels.length} labels, which cannot be five severities of the same images.`,
    )
  const perSeverity = labels.length / severities.length
  const found = new Map<CorruptionName, ImageArray>()
  for (const { path, corruption } of arrays) {
    const array = await imageArray(tree.placeOf(path), name(path))
    if (array.images !== labels.length)
      throw new PalmError('input-unreadable', `${name(path)} has ${array.images} images for ${labels.length} labels.`)
    found.set(corruption, array)
  }
  const classes = labels.reduce((most, label) => Math.max(most, label), 0) + 1
  const samples = Array.from({ length: perSeverity }, (_, i): InputSample => ({
    id: String(i),
    classIndex: labels[i] as number,
    domain: 0,
  }))
  return {
    ...plain,
    name: tree.name,
    classNames: Array.from({ length: classes }, (_, i) => String(i)),
    samples,
    variants: [...found.keys()].flatMap((corruption) =>
      severities.map((severity): Variant => ({ corruption, severity })),
    ),
    placeOf(sample, variant) {
      const array = variant ? found.get(variant.corruption) : undefined
      if (!array || !variant) throw new RangeError('There is no such corruption')
      const row = (variant.severity - 1) * perSeverity + sample
      return {
        kind: 'pixels',
        path: array.path,
        offset: array.offset + row * array.width * array.height * 3,
        width: array.width,
        height: array.height,
      }
    },
  }
}
