// Images in folders: one per class, or all in one; with parts such as train and val above them, or domains, or in the order of their files' times.
import { PalmError } from '#contract/errors.ts'
import { byCodePoint, plain, type InputSample, type LaidOut } from '#stream/inputs/listing.ts'
import type { TreeFile } from '#stream/inputs/tree/tree-file.ts'
import { domainsByTime, isTimed } from './by-time.ts'
import { splitPath, type Found, type LayoutDriver } from './layout.ts'
import { chooseSplit } from './splits.ts'

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
  /** `rest` is the path below the split and the domain. */
  readonly images: readonly { readonly file: TreeFile; readonly domain: number; readonly rest: string }[]
  readonly classNames: readonly string[]
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
  const { images: all, input } = found
  const tops = [...new Set(all.map((file) => splitPath(file.path)[0]))].filter(Boolean)
  const { splits, split, problems } = chooseSplit(found, tops)
  const prefix = split === null ? '' : `${split}/`
  const files = split === null ? all : all.filter((file) => file.path.startsWith(prefix))
  const domains = input.domains === 'folders' ? folderDomains(found, tops) : null
  const images = domains
    ? inDomains(files, domains)
    : files.map((file) => ({ file, domain: 0, rest: file.path.slice(prefix.length) }))
  const classes = new Set(images.flatMap(({ rest }) => (rest.includes('/') ? [splitPath(rest)[0]] : [])))
  const parts = { images, classNames: [...classes].sort(byCodePoint), domains, splits, split, problems }
  known.set(found, parts)
  return parts
}

function folderDomains({ path }: Found, tops: readonly string[]): string[] {
  if (tops.length < 2) throw new PalmError('input-labels', `${path} has no folders that could be domains.`)
  return tops.toSorted(byCodePoint)
}

/** With folders as domains the classes are one level deeper. */
function inDomains(files: readonly TreeFile[], domains: readonly string[]): Parts['images'] {
  const index = new Map(domains.map((name, i) => [name, i]))
  return files.flatMap((file) => {
    const [name, rest] = splitPath(file.path)
    const domain = index.get(name)
    return domain === undefined ? [] : [{ file, domain, rest }]
  })
}

async function listFolders(
  found: Found,
  { images, classNames, domains, splits, split, problems: odd }: Parts,
): Promise<LaidOut> {
  const { input, tree, path } = found
  if (!tree) throw new RangeError(`${path} has no files`)
  const labelled = classNames.length > 0
  const taken = labelled ? images.filter(({ rest }) => rest.includes('/')) : images
  const problems = [...odd]
  if (taken.length < images.length)
    problems.push(`${images.length - taken.length} images lie outside of the class folders and are left out.`)
  if (classNames.length === 1 && !domains)
    throw new PalmError(
      'input-labels',
      `${tree.root} has images of one class only (“${classNames[0]}”). An error needs at least two classes: give the folder above it, or one with a folder per class.`,
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
  const prefix = split === null ? '' : `${split}/`
  return {
    ...plain,
    name: tree.name,
    classNames,
    emptyClasses: tree.emptyFolders
      .filter((folder) => folder.startsWith(prefix) && !folder.slice(prefix.length).includes('/'))
      .map((folder) => folder.slice(prefix.length)),
    samples,
    domains: timed?.domains ?? domains,
    ordered: timed !== null,
    splits,
    split,
    problems,
    placeOf: (sample) => tree.placeOf((samples[sample] as InputSample).id),
  }
}
