// Images in folders: one per class, or all in one; with parts such as train and val above them, or domains, or in the order of their files' times.
import { extname } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import { byCodePoint, plain, type InputSample, type LaidOut } from '#stream/inputs/listing.ts'
import type { TreeFile } from '#stream/inputs/tree/tree-file.ts'
import { domainsByTime, isTimed } from './by-time.ts'
import { splitPath, type Found, type LayoutDriver } from './layout.ts'
import { chooseSplit } from './splits.ts'
import { foldersIn, unwrapped } from './wrappers.ts'

/** One folder per class. */
export const classFolders: LayoutDriver = {
  recognise(found) {
    const parts = partsOf(found)
    return parts && parts.classNames.length > 0 ? () => listFolders(found, parts) : null
  },
}

/** Images without labels. */
export const flatFolder: LayoutDriver = {
  recognise(found) {
    const parts = partsOf(found)
    return parts ? () => listFolders(found, parts) : null
  },
}

interface Parts {
  /** `rest` is the path below the part and the domain. */
  readonly images: readonly { readonly file: TreeFile; readonly domain: number; readonly rest: string }[]
  /** Empty without labels. Else those of all parts, so that they are counted off as the model's were. */
  readonly classNames: readonly string[]
  readonly emptyClasses: readonly string[]
  /** Null where folders are not domains. */
  readonly domains: readonly string[] | null
  readonly splits: readonly string[]
  readonly split: string | null
  readonly problems: readonly string[]
}

/** Both drivers ask, so it is kept as long as what was found. */
const known = new WeakMap<Found, Parts>()

/** Null where there are no images. @throws PalmError `input-labels` */
function partsOf(found: Found): Parts | null {
  if (found.images.length === 0) return null
  const before = known.get(found)
  if (before) return before
  const parts = takeApart(found)
  known.set(found, parts)
  return parts
}

function takeApart(found: Found): Parts {
  const { images: all, input } = found
  const top = unwrapped(found, '')
  const below = all.filter((file) => file.path.startsWith(top))
  const { splits, split, problems } = chooseSplit(
    found,
    below.map((file) => file.path.slice(top.length)),
  )
  const base = split === null ? top : unwrapped(found, `${top}${split}/`)
  const files = below.filter((file) => file.path.startsWith(base))
  const domains = input.domains === 'folders' ? folderDomains(found, files, base) : null
  const images = domains
    ? inDomains(files, domains, base)
    : files.map((file) => ({ file, domain: 0, rest: file.path.slice(base.length) }))
  const used = new Set(images.flatMap(({ rest }) => (rest.includes('/') ? [splitPath(rest)[0]] : [])))
  const bases = domains ? domains.map((name) => `${base}${name}/`) : [base, ...siblings(found, top, splits, split)]
  const classNames =
    used.size === 0 ? [] : [...new Set(bases.flatMap((one) => foldersIn(found, one)))].sort(byCodePoint)
  return {
    images,
    classNames,
    emptyClasses: classNames.filter((name) => !used.has(name)),
    domains,
    splits,
    split,
    problems: [
      ...(base === '' || base === `${split}/` ? [] : [`It lies in folders within: ${base} is read.`]),
      ...problems,
    ],
  }
}

/** Where the classes of the other parts lie. */
const siblings = (found: Found, top: string, splits: readonly string[], split: string | null) =>
  split === null
    ? []
    : splits
        .filter((name) => name !== split)
        .map((name) => unwrapped(found, `${top}${name}/`))
        .filter((base) =>
          found.images.some(({ path }) => path.startsWith(base) && path.slice(base.length).includes('/')),
        )

function folderDomains({ path }: Found, files: readonly TreeFile[], base: string): string[] {
  const tops = new Set(files.map((file) => splitPath(file.path.slice(base.length))[0]))
  tops.delete('')
  if (tops.size < 2) throw new PalmError('input-labels', `${path} has no folders that could be domains.`)
  return [...tops].sort(byCodePoint)
}

/** With folders as domains the classes are one level deeper. */
function inDomains(files: readonly TreeFile[], domains: readonly string[], base: string): Parts['images'] {
  const index = new Map(domains.map((name, i) => [name, i]))
  return files.flatMap((file) => {
    const [name, rest] = splitPath(file.path.slice(base.length))
    const domain = index.get(name)
    return domain === undefined ? [] : [{ file, domain, rest }]
  })
}

/** Files of other kinds by their endings, most first. */
function otherKinds({ tree, images }: Found): string[] {
  const read = new Set(images)
  const counts = new Map<string, number>()
  for (const file of tree?.files ?? []) {
    const ending = extname(file.path).toLowerCase()
    if (!read.has(file) && pictures.has(ending)) counts.set(ending, (counts.get(ending) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([ending, count]) => `${count} ${ending}`)
}

/** Kinds of pictures that are not read. */
const pictures: ReadonlySet<string> = new Set(
  '.heic .heif .jp2 .j2k .jxl .svg .psd .raw .cr2 .nef .arw .dng .tga .pfm .npy .dcm .exr .hdr .ico'.split(' '),
)

async function listFolders(
  found: Found,
  { images, classNames, emptyClasses, domains, splits, split, problems: odd }: Parts,
): Promise<LaidOut> {
  const { input, tree, path } = found
  if (!tree) throw new RangeError(`${path} has no files`)
  const labelled = classNames.length > 0
  const taken = labelled ? images.filter(({ rest }) => rest.includes('/')) : images
  const problems = [...odd]
  if (taken.length < images.length)
    problems.push(`${images.length - taken.length} images lie outside of the class folders and are left out.`)
  const others = otherKinds(found)
  if (others.length > 0) problems.push(`Pictures of kinds that are not read are left out: ${others.join(', ')}.`)
  if (classNames.length === 1 && !domains)
    throw new PalmError(
      'input-labels',
      `${tree.root} has images of one class only (“${classNames[0]}”). An error needs at least two classes: give the folder in which the class folders lie side by side.`,
    )
  const classOf = new Map(classNames.map((name, index) => [name, index]))
  const order = taken
    .map(({ file, domain, rest }) => ({
      path: file.path,
      domain,
      classIndex: labelled ? (classOf.get(splitPath(rest)[0]) as number) : -1,
      timeMs: file.timeMs,
    }))
    .sort((a, b) => a.domain - b.domain || a.classIndex - b.classIndex || byCodePoint(a.path, b.path))
  const timed = isTimed(input.domains) ? await domainsByTime(tree, order, input.domains) : null
  const samples: readonly InputSample[] =
    timed?.samples ?? order.map(({ path: id, classIndex, domain }) => ({ id, classIndex, domain }))
  return {
    ...plain,
    name: tree.name,
    classNames,
    emptyClasses,
    samples,
    domains: timed?.domains ?? domains,
    ordered: timed !== null,
    splits,
    split,
    problems,
    placeOf: (sample) => tree.placeOf((samples[sample] as InputSample).id),
  }
}
