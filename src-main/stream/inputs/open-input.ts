// What kind of input a path is, and its images: class folders with or without splits, a flat folder, an ImageNet-C tree, CIFAR-C arrays, lists, arrays,
// each also inside a zip or tar. Recognised by what is there, not by what it is called.
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { corruptionNames, severities, type CorruptionName, type Severity } from '#contract/inputs/corruption.ts'
import { PalmError } from '#contract/errors.ts'
import type { InputOptions } from '#contract/inputs/input-kinds.ts'
import { imageExtensions } from '#stream/images/decode.ts'
import { byCodePoint, type InputSample, type Listing, type Variant } from './listing.ts'
import { imageArray, labelArray } from './npy.ts'
import { listTable, tableEndings } from './table.ts'
import { openTree, type Tree, type TreeFile } from './tree.ts'

export type FolderInput = Extract<InputOptions, { kind: 'folder' }>

/** Where an input's images lie. @throws PalmError `input-unreadable` for a webcam, whose frames are not kept */
export function placedInput(input: InputOptions, sampleFolder: string): FolderInput {
  if (input.kind === 'webcam')
    throw new PalmError('input-unreadable', `The frames of ${input.name} are not kept: there is nothing to read again.`)
  return input.kind === 'folder'
    ? input
    : { kind: 'folder', path: sampleFolder, split: null, domains: 'none', labels: {} }
}

const extensions: ReadonlySet<string> = new Set(imageExtensions)
const isImage = (path: string) => extensions.has(extname(path).toLowerCase())
const splitNames = ['train', 'training', 'val', 'valid', 'validation', 'dev', 'test', 'testing']
/** Of several splits the one that a model was not trained on. */
const preferredSplits = ['test', 'testing', 'val', 'valid', 'validation', 'dev', 'train', 'training']
/** The folders into which ImageNet-C's downloads are divided. */
const corruptionGroups = ['noise', 'blur', 'weather', 'digital', 'extra']

/** @throws PalmError `input-unreadable`, `input-empty`, `input-labels` */
export async function openInput(input: FolderInput): Promise<Listing> {
  const { path } = input
  const ending = extname(path).toLowerCase()
  const info = await stat(path).catch((cause: unknown) => {
    throw new PalmError(
      'input-unreadable',
      `The folder ${path} cannot be opened. Does it exist, and may you read it?`,
      String(cause),
      { cause },
    )
  })
  if (info.isFile()) {
    if ((tableEndings as readonly string[]).includes(ending)) return listTable(path, input.domains === 'column')
    if (ending === '.npy') return listArray(basename(path), { kind: 'file', path }, null)
    if (isImage(path))
      throw new PalmError('input-unreadable', `${path} is a single image. Give the folder that holds it.`)
  }
  const tree = await openTree(path)
  const cifar = await listCifarC(tree)
  if (cifar) return cifar
  if (ending === '.npz' || tree.files.some((file) => file.path === 'images.npy' || file.path === 'x.npy'))
    return listArchiveOfArrays(tree)
  const images = tree.files.filter((file) => isImage(file.path))
  if (images.length === 0) {
    throw new PalmError(
      'input-empty',
      `There are no images in ${path}. It should hold one folder per class with JPEG, PNG, WebP, BMP, GIF or TIFF files in it.`,
    )
  }
  return listImageNetC(tree, images) ?? listFolders(tree, images, input)
}

const splitPath = (path: string): [first: string, rest: string] => {
  const slash = path.indexOf('/')
  return slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)]
}

async function listFolders(tree: Tree, images: readonly TreeFile[], input: FolderInput): Promise<Listing> {
  const problems: string[] = []
  let files = images
  let prefix = ''
  const tops = [...new Set(images.map((file) => splitPath(file.path)[0]))].filter(Boolean)
  const splits =
    tops.every((name) => splitNames.includes(name.toLowerCase())) && !images.some((file) => !file.path.includes('/'))
      ? tops
      : []
  let split: string | null = null
  if (splits.length > 0 && input.domains !== 'folders') {
    split =
      input.split ??
      splits.toSorted(
        (a, b) => preferredSplits.indexOf(a.toLowerCase()) - preferredSplits.indexOf(b.toLowerCase()),
      )[0] ??
      null
    if (split === null || !splits.includes(split))
      throw new PalmError('input-labels', `${tree.root} has the parts ${splits.join(', ')}, and no “${input.split}”.`)
    if (splits.length > 1 && input.split === null)
      problems.push(`It has the parts ${splits.join(', ')}: “${split}” is taken unless you choose another.`)
    prefix = `${split}/`
    files = images.filter((file) => file.path.startsWith(prefix))
  } else if (input.split !== null)
    throw new PalmError(
      'input-labels',
      `${tree.root} has no parts such as train or val, so “${input.split}” cannot be chosen.`,
    )

  // With folders as domains the classes are one level deeper.
  const byFolder = input.domains === 'folders'
  const domainNames: string[] = []
  const parts: { file: TreeFile; domain: number; rest: string }[] = []
  if (byFolder) {
    if (tops.length < 2) throw new PalmError('input-labels', `${tree.root} has no folders that could be domains.`)
    const index = new Map(tops.toSorted(byCodePoint).map((name, i) => [name, i]))
    domainNames.push(...index.keys())
    for (const file of files) {
      const [domain, rest] = splitPath(file.path)
      if (domain !== '') parts.push({ file, domain: index.get(domain) as number, rest })
    }
  } else for (const file of files) parts.push({ file, domain: 0, rest: file.path.slice(prefix.length) })

  const inFolders = parts.filter(({ rest }) => rest.includes('/'))
  const classNames = [...new Set(inFolders.map(({ rest }) => splitPath(rest)[0]))].sort(byCodePoint)
  const labelled = classNames.length > 0
  if (labelled && inFolders.length < parts.length)
    problems.push(`${parts.length - inFolders.length} images lie outside of the class folders and are left out.`)
  const classOf = new Map(classNames.map((name, index) => [name, index]))
  const taken = labelled ? inFolders : parts
  const sorted = taken.map(({ file, domain, rest }) => ({
    path: file.path,
    domain,
    classIndex: labelled ? (classOf.get(splitPath(rest)[0]) as number) : -1,
    timeMs: file.timeMs,
  }))
  if (labelled && classNames.length === 1 && !byFolder) {
    throw new PalmError(
      'input-labels',
      `${tree.root} has images of one class only (“${classNames[0]}”). An error needs at least two classes: give the folder above it, or one with a folder per class.`,
    )
  }
  const order = sorted.toSorted(
    (a, b) => a.domain - b.domain || a.classIndex - b.classIndex || byCodePoint(a.path, b.path),
  )
  const emptyClasses = tree.emptyFolders
    .filter((folder) => folder.startsWith(prefix) && !folder.slice(prefix.length).includes('/'))
    .map((folder) => folder.slice(prefix.length))
  const whole: Omit<Listing, 'samples' | 'domains' | 'ordered' | 'placeOf'> = {
    kind: labelled ? 'class-folders' : 'flat-folder',
    name: tree.name,
    classNames,
    emptyClasses,
    variants: null,
    splits,
    split,
    problems,
  }
  const timed = input.domains === 'hour' || input.domains === 'day' || input.domains === 'month'
  const [samples, domains] = timed
    ? await byTime(tree, order, input.domains as 'hour' | 'day' | 'month')
    : [
        order.map(({ path, classIndex, domain }): InputSample => ({ id: path, classIndex, domain })),
        byFolder ? domainNames : null,
      ]
  return {
    ...whole,
    samples,
    domains,
    ordered: timed,
    placeOf: (sample) => tree.placeOf((samples[sample] as InputSample).id),
  }
}

/** Files asked for their time at once. */
const atOnce = 64

/** In the order of the files' times, cut where a new hour, day or month (UTC) begins. */
async function byTime(
  tree: Tree,
  files: readonly { path: string; classIndex: number; timeMs: number | null }[],
  unit: 'hour' | 'day' | 'month',
): Promise<[InputSample[], string[]]> {
  const timed: { path: string; classIndex: number; timeMs: number }[] = []
  for (let at = 0; at < files.length; at += atOnce) {
    timed.push(
      ...(await Promise.all(
        files.slice(at, at + atOnce).map(async (file) => {
          const place = tree.placeOf(file.path)
          return {
            ...file,
            timeMs:
              file.timeMs ?? (place.kind === 'file' ? (await stat(place.path).catch(() => null))?.mtimeMs : null) ?? 0,
          }
        }),
      )),
    )
  }
  timed.sort((a, b) => a.timeMs - b.timeMs || byCodePoint(a.path, b.path))
  const length = { hour: 13, day: 10, month: 7 }[unit]
  const names: string[] = []
  const samples = timed.map(({ path, classIndex, timeMs }) => {
    const name = new Date(Math.max(0, timeMs)).toISOString().slice(0, length).replace('T', ' ')
    if (names.at(-1) !== name) names.push(name)
    return { id: path, classIndex, domain: names.length - 1 }
  })
  return [samples, names]
}

const known: ReadonlySet<string> = new Set(corruptionNames)

/** `corruption/severity/class/image`, perhaps below `noise`, `blur`, …; null when it is none. */
function listImageNetC(tree: Tree, images: readonly TreeFile[]): Listing | null {
  const variants = new Map<string, { corruption: CorruptionName; severity: Severity; files: string[] }>()
  for (const { path } of images) {
    const parts = path.split('/')
    const from = corruptionGroups.includes(parts[0] ?? '') && known.has(parts[1] ?? '') ? 1 : 0
    const [corruption = '', severity = '', ...rest] = parts.slice(from)
    if (!known.has(corruption) || !/^[1-5]$/.test(severity) || rest.length === 0) return null
    const prefix = `${parts.slice(0, from + 2).join('/')}/`
    const variant = variants.get(prefix) ?? {
      corruption: corruption as CorruptionName,
      severity: Number(severity) as Severity,
      files: [],
    }
    variant.files.push(rest.join('/'))
    variants.set(prefix, variant)
  }
  const prefixes = [...variants.keys()]
  const files = [...new Set([...variants.values()].flatMap((variant) => variant.files))].sort(byCodePoint)
  const labelled = files.every((file) => file.includes('/'))
  const classNames = labelled ? [...new Set(files.map((file) => splitPath(file)[0]))].sort(byCodePoint) : []
  const classOf = new Map(classNames.map((name, index) => [name, index]))
  const samples = files
    .map((file): InputSample => ({
      id: file,
      classIndex: labelled ? (classOf.get(splitPath(file)[0]) as number) : -1,
      domain: 0,
    }))
    .sort((a, b) => a.classIndex - b.classIndex || byCodePoint(a.id, b.id))
  const prefixOf = new Map(
    prefixes.map((prefix) => [`${variants.get(prefix)?.corruption} ${variants.get(prefix)?.severity}`, prefix]),
  )
  const uneven = [...variants.values()].some((variant) => variant.files.length !== files.length)
  return {
    kind: 'imagenet-c',
    name: tree.name,
    classNames,
    emptyClasses: [],
    samples,
    domains: null,
    ordered: false,
    variants: [...variants.values()].map(({ corruption, severity }) => ({ corruption, severity })),
    splits: [],
    split: null,
    problems: uneven
      ? ['Some corruptions lack images that others have; they are left out there and listed in the report.']
      : [],
    placeOf(sample, variant) {
      const { id } = samples[sample] as InputSample
      const prefix = prefixOf.get(variant ? `${variant.corruption} ${variant.severity}` : '')
      if (prefix === undefined) throw new RangeError('There is no such corruption')
      const path = `${prefix}${id}`
      return tree.placeOf(path)
    },
  }
}

/** `labels.npy` beside one array per corruption, severities one after the other; null when it is none. */
async function listCifarC(tree: Tree): Promise<Listing | null> {
  const arrays = tree.files.flatMap(({ path }) => {
    const name = basename(path, '.npy')
    return path.endsWith('.npy') && known.has(name) && !path.includes('/')
      ? [{ path, corruption: name as CorruptionName }]
      : []
  })
  if (arrays.length === 0 || !tree.files.some(({ path }) => path === 'labels.npy')) return null
  const name = (path: string) => `${tree.root}/${path}`
  const labels = await labelArray(tree.placeOf('labels.npy'), name('labels.npy'))
  if (labels.length % severities.length !== 0)
    throw new PalmError(
      'input-unreadable',
      `${name('labels.npy')} has ${labels.length} labels, which cannot be five severities of the same images.`,
    )
  const perSeverity = labels.length / severities.length
  const found = new Map<CorruptionName, Awaited<ReturnType<typeof imageArray>>>()
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
    kind: 'cifar-c',
    name: tree.name,
    classNames: Array.from({ length: classes }, (_, i) => String(i)),
    emptyClasses: [],
    samples,
    domains: null,
    ordered: false,
    variants: [...found.keys()].flatMap((corruption) =>
      severities.map((severity): Variant => ({ corruption, severity })),
    ),
    splits: [],
    split: null,
    problems: [],
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

async function listArchiveOfArrays(tree: Tree): Promise<Listing> {
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
  images: ReturnType<Tree['placeOf']>,
  labels: ReturnType<Tree['placeOf']> | null,
  root = images.path,
): Promise<Listing> {
  const array = await imageArray(images, root)
  const classes = labels ? await labelArray(labels, root) : null
  if (classes && classes.length !== array.images)
    throw new PalmError('input-unreadable', `${root} has ${array.images} images for ${classes.length} labels.`)
  const most = classes ? classes.reduce((top, label) => Math.max(top, label), 0) + 1 : 0
  return {
    kind: 'array',
    name,
    classNames: Array.from({ length: most }, (_, i) => String(i)),
    emptyClasses: [],
    samples: Array.from({ length: array.images }, (_, i) => ({
      id: String(i),
      classIndex: classes ? (classes[i] as number) : -1,
      domain: 0,
    })),
    domains: null,
    ordered: false,
    variants: null,
    splits: [],
    split: null,
    problems: [],
    placeOf: (sample) => ({
      kind: 'pixels',
      path: array.path,
      offset: array.offset + sample * array.width * array.height * 3,
      width: array.width,
      height: array.height,
    }),
  }
}
