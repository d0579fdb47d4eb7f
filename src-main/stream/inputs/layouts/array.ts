// An array of images by itself (.npy), or with its labels in an archive or folder (.npz).
import { basename } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import { plain, type LaidOut } from '#stream/inputs/listing.ts'
import { imageArray, labelArray } from '#stream/inputs/npy.ts'
import type { ImagePlace } from '#stream/inputs/places/place.ts'
import type { Tree } from '#stream/inputs/tree/tree-file.ts'
import type { LayoutDriver } from './layout.ts'

export const array: LayoutDriver = {
  recognise({ isFile, path, ending, tree }) {
    if (!tree) return isFile && ending === '.npy' ? () => listArray(basename(path), { kind: 'file', path }, null) : null
    const holds = ending === '.npz' || tree.files.some((file) => file.path === 'images.npy' || file.path === 'x.npy')
    return holds ? () => listArrays(tree) : null
  },
}

function listArrays(tree: Tree): Promise<LaidOut> {
  const names = tree.files.map(({ path }) => path).filter((path) => path.endsWith('.npy'))
  const pick = (wanted: readonly string[]) =>
    names.find((path) => wanted.includes(basename(path, '.npy').toLowerCase()))
  const images = pick(['images', 'x', 'data', 'x_test', 'imgs', 'arr_0', 'test_images'])
  const labels = pick(['labels', 'y', 'targets', 'label', 'y_test', 'arr_1', 'test_labels'])
  if (!images)
    throw new PalmError(
      'input-unreadable',
      `${tree.root} holds ${names.slice(0, 5).join(', ') || 'no arrays'}: none is called images, x or data.`,
    )
  return listArray(tree.name, tree.placeOf(images), labels ? tree.placeOf(labels) : null, tree.root)
}

async function listArray(
  name: string,
  images: ImagePlace,
  labels: ImagePlace | null,
  root: string = images.path,
): Promise<LaidOut> {
  const array = await imageArray(images, root)
  const classes = labels ? await labelArray(labels, root) : null
  if (classes && classes.length !== array.images)
    throw new PalmError('input-unreadable', `${root} has ${array.images} images for ${classes.length} labels.`)
  const most = classes ? classes.reduce((top, label) => Math.max(top, label), 0) + 1 : 0
  return {
    ...plain,
    name,
    classNames: Array.from({ length: most }, (_, i) => String(i)),
    samples: Array.from({ length: array.images }, (_, i) => ({
      id: String(i),
      classIndex: classes ? (classes[i] as number) : -1,
      domain: 0,
    })),
    placeOf: (sample) => ({
      kind: 'pixels',
      path: array.path,
      offset: array.offset + sample * array.width * array.height * 3,
      width: array.width,
      height: array.height,
    }),
  }
}
