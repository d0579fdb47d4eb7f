// ImageNet-C: `corruption/severity/class/image`, perhaps below `noise`, `blur`, …, the folders into which its downloads are divided, and below others.
import { corruptionNames, type CorruptionName, type Severity } from '#contract/inputs/corruption.ts'
import { PalmError } from '#contract/errors.ts'
import { byCodePoint, plain, type InputSample, type LaidOut, type Variant } from '#stream/inputs/listing.ts'
import type { Tree, TreeFile } from '#stream/inputs/tree/tree-file.ts'
import { splitPath, type Found, type LayoutDriver } from './layout.ts'
import { foldersIn } from './wrappers.ts'

const known = new Map<string, CorruptionName>(corruptionNames.map((name) => [name, name]))
const corruptionOf = (folder: string) => known.get(folder.toLowerCase().replaceAll(/[\s-]+/g, '_'))
const severityOf = (folder: string) => /^(?:s|sev|severity)?[\s_-]?0?([1-5])$/i.exec(folder)?.[1]

interface Corrupted extends Variant {
  /** Relative to the corruption's folder. */
  readonly files: string[]
}

interface Corruptions {
  /** By the folder of each, with its `/`. */
  readonly variants: ReadonlyMap<string, Corrupted>
  /** Images of no corruption: clean ones, logos. */
  readonly strangers: readonly string[]
}

export const imageNetC: LayoutDriver = {
  recognise(found) {
    const { tree, images } = found
    const corruptions = images.length > 0 ? corruptionsIn(images) : null
    return tree && corruptions ? () => listVariants(found, tree, corruptions) : null
  },
}

/** Null where there are none, or where folders are called like corruptions and are none. */
function corruptionsIn(images: readonly TreeFile[]): Corruptions | null {
  const variants = new Map<string, Corrupted>()
  const strangers: string[] = []
  for (const { path } of images) {
    const parts = path.split('/')
    const from = parts.findIndex((part, i) => i < parts.length - 1 && corruptionOf(part) !== undefined)
    if (from < 0) {
      strangers.push(path)
      continue
    }
    const rest = parts.slice(from + 2)
    const severity = rest.length > 0 ? severityOf(parts[from + 1] ?? '') : undefined
    if (severity === undefined) return null
    const prefix = `${parts.slice(0, from + 2).join('/')}/`
    const variant = variants.get(prefix) ?? {
      corruption: corruptionOf(parts[from] ?? '') as CorruptionName,
      severity: Number(severity) as Severity,
      files: [],
    }
    variant.files.push(rest.join('/'))
    variants.set(prefix, variant)
  }
  // Beside strangers only class folders below the severities make sure that it is what it looks like.
  const sure =
    strangers.length === 0 || [...variants.values()].every(({ files }) => files.every((file) => file.includes('/')))
  return variants.size > 0 && sure ? { variants, strangers } : null
}

/** @throws PalmError `input-labels` */
function checkOnce(root: string, variants: ReadonlyMap<string, Corrupted>): void {
  const places = new Map<string, string>()
  for (const [prefix, { corruption, severity }] of variants) {
    const name = `${corruption} ${severity}`
    const other = places.get(name)
    if (other !== undefined)
      throw new PalmError(
        'input-labels',
        `${root} has ${name} twice, in ${other} and in ${prefix}. Give the folder of one of them.`,
      )
    places.set(name, prefix)
  }
}

function listVariants(found: Found, tree: Tree, { variants, strangers }: Corruptions): LaidOut {
  checkOnce(tree.root, variants)
  const files = [...new Set([...variants.values()].flatMap((variant) => variant.files))].sort(byCodePoint)
  const labelled = files.every((file) => file.includes('/'))
  const used = new Set(labelled ? files.map((file) => splitPath(file)[0]) : [])
  const folders = labelled ? [...variants.keys()].flatMap((prefix) => foldersIn(found, prefix)) : []
  const classNames = [...new Set([...used, ...folders])].sort(byCodePoint)
  const classOf = new Map(classNames.map((name, index) => [name, index]))
  const samples = files
    .map((file): InputSample => ({
      id: file,
      classIndex: labelled ? (classOf.get(splitPath(file)[0]) as number) : -1,
      domain: 0,
    }))
    .sort((a, b) => a.classIndex - b.classIndex || byCodePoint(a.id, b.id))
  const prefixOf = new Map(
    [...variants].map(([prefix, { corruption, severity }]) => [`${corruption} ${severity}`, prefix]),
  )
  const uneven = [...variants.values()].some((variant) => variant.files.length !== files.length)
  return {
    ...plain,
    name: tree.name,
    classNames,
    emptyClasses: classNames.filter((name) => !used.has(name)),
    samples,
    variants: [...variants.values()].map(({ corruption, severity }) => ({ corruption, severity })),
    problems: [
      ...(uneven
        ? ['Some corruptions lack images that others have; they are left out there and listed in the report.']
        : []),
      ...(strangers.length > 0 ? [strangersWords(strangers)] : []),
    ],
    placeOf(sample, variant) {
      const { id } = samples[sample] as InputSample
      const prefix = prefixOf.get(variant ? `${variant.corruption} ${variant.severity}` : '')
      if (prefix === undefined) throw new RangeError('There is no such corruption')
      return tree.placeOf(`${prefix}${id}`)
    },
  }
}

function strangersWords(strangers: readonly string[]): string {
  const folders = [...new Set(strangers.map((path) => splitPath(path)[0]))].filter(Boolean)
  return folders.length > 0
    ? `${folders.slice(0, 5).join(', ')}: of no corruption of the benchmark, left out (give such a folder itself to run on it).`
    : `${strangers.length} images lie outside of the corruptions and are left out.`
}
