// ImageNet-C: `corruption/severity/class/image`, perhaps below `noise`, `blur`, …, the folders into which its downloads are divided.
import { corruptionNames, type CorruptionName, type Severity } from '#contract/inputs/corruption.ts'
import { byCodePoint, plain, type InputSample, type LaidOut, type Variant } from '#stream/inputs/listing.ts'
import type { Tree, TreeFile } from '#stream/inputs/tree/tree-file.ts'
import { splitPath, type LayoutDriver } from './layout.ts'

const known: ReadonlySet<string> = new Set(corruptionNames)
const groups = ['noise', 'blur', 'weather', 'digital', 'extra']

interface Corrupted extends Variant {
  /** Relative to the corruption's folder. */
  readonly files: string[]
}

export const imageNetC: LayoutDriver = {
  recognise({ tree, images }) {
    const variants = images.length > 0 ? variantsOf(images) : null
    return tree && variants ? () => listVariants(tree, variants) : null
  },
}

/** By the folder of each, with its `/`; null when some image is none of a corruption's. */
function variantsOf(images: readonly TreeFile[]): Map<string, Corrupted> | null {
  const variants = new Map<string, Corrupted>()
  for (const { path } of images) {
    const parts = path.split('/')
    const from = groups.includes(parts[0] ?? '') && known.has(parts[1] ?? '') ? 1 : 0
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
  return variants
}

function listVariants(tree: Tree, variants: ReadonlyMap<string, Corrupted>): LaidOut {
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
    [...variants].map(([prefix, { corruption, severity }]) => [`${corruption} ${severity}`, prefix]),
  )
  const uneven = [...variants.values()].some((variant) => variant.files.length !== files.length)
  return {
    ...plain,
    name: tree.name,
    classNames,
    samples,
    variants: [...variants.values()].map(({ corruption, severity }) => ({ corruption, severity })),
    problems: uneven
      ? ['Some corruptions lack images that others have; they are left out there and listed in the report.']
      : [],
    placeOf(sample, variant) {
      const { id } = samples[sample] as InputSample
      const prefix = prefixOf.get(variant ? `${variant.corruption} ${variant.severity}` : '')
      if (prefix === undefined) throw new RangeError('There is no such corruption')
      return tree.placeOf(`${prefix}${id}`)
    },
  }
}
