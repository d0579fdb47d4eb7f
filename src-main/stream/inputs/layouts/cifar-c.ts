// CIFAR-C: `labels.npy` beside one array per corruption, severities one after the other. Five of them where labels or pictures say so; of fewer the files do
// not say which they are, so the run does.
import { basename } from 'node:path'
import { corruptionNames, severities, type CorruptionName, type Severity } from '#contract/inputs/corruption.ts'
import { PalmError } from '#contract/errors.ts'
import { plain, type InputSample, type LaidOut, type Variant } from '#stream/inputs/listing.ts'
import { imageArray, labelArray, type ImageArray } from '#stream/inputs/npy.ts'
import { labelBlocks, mostSeverities, severityBlocks } from '#stream/inputs/severity-blocks.ts'
import type { Tree } from '#stream/inputs/tree/tree-file.ts'
import type { LayoutDriver } from './layout.ts'

const known: ReadonlySet<string> = new Set(corruptionNames)

interface ArrayFile {
  readonly path: string
  readonly corruption: CorruptionName
}

export const cifarC: LayoutDriver = {
  recognise({ tree }) {
    const labels = tree?.files
      .map(({ path }) => path)
      .filter((path) => basename(path) === 'labels.npy')
      .sort((a, b) => a.length - b.length)[0]
    if (!tree || labels === undefined) return null
    const folder = labels.slice(0, -'labels.npy'.length)
    const arrays = tree.files.flatMap(({ path }) => {
      const name = basename(path, '.npy')
      return path === `${folder}${name}.npy` && known.has(name) ? [{ path, corruption: name as CorruptionName }] : []
    })
    return arrays.length > 0 ? () => listCifarC(tree, labels, arrays) : null
  },
}

interface Blocks {
  readonly array: ImageArray
  /** Severities in it. */
  readonly blocks: number
}

async function listCifarC(tree: Tree, labelsPath: string, arrays: readonly ArrayFile[]): Promise<LaidOut> {
  const name = (path: string) => `${tree.root}/${path}`
  const labels = await labelArray(tree.placeOf(labelsPath), name(labelsPath))
  const found = new Map<CorruptionName, Blocks>()
  for (const { path, corruption } of arrays) {
    const array = await imageArray(tree.placeOf(path), name(path))
    found.set(corruption, { array, blocks: await blocksOf(array, labels, name(path), name(labelsPath)) })
  }
  const perSeverity = sameCount(found, tree.root)
  const classes = labels.reduce((most, label) => Math.max(most, label), 0) + 1
  const samples = Array.from({ length: perSeverity }, (_, i): InputSample => ({
    id: String(i),
    classIndex: labels[i] as number,
    domain: 0,
  }))
  const unsaid = [...found].filter(([, { blocks }]) => blocks < mostSeverities)
  const listing: LaidOut = {
    ...plain,
    name: tree.name,
    classNames: Array.from({ length: classes }, (_, i) => String(i)),
    samples,
    variants: [...found.keys()].flatMap((corruption) =>
      severities.map((severity): Variant => ({ corruption, severity })),
    ),
    problems: unsaid.length > 0 ? [unsaidWords(unsaid)] : [],
    placeOf: (sample, variant) => rowOf(found, sample, variant, severities, perSeverity),
  }
  if (unsaid.length === 0) return listing
  return {
    ...listing,
    forVariants(asked) {
      const severitiesOf = (corruption: CorruptionName) => askedSeverities(asked, corruption)
      for (const [corruption, { blocks }] of unsaid) checkAsked(tree.name, corruption, blocks, severitiesOf(corruption))
      return {
        placeOf(sample, variant) {
          const blocks = variant && found.get(variant.corruption)?.blocks
          const order = variant && blocks !== mostSeverities ? severitiesOf(variant.corruption) : severities
          return rowOf(found, sample, variant, order, perSeverity)
        },
      }
    },
  }
}

/** @throws PalmError `input-unreadable` for labels that do not fit the array, or tell nothing */
async function blocksOf(array: ImageArray, labels: Int32Array, name: string, labelsName: string): Promise<number> {
  const allowed = labelBlocks(labels, array.images)
  if (allowed === null)
    throw new PalmError(
      'input-unreadable',
      `${name} has ${array.images} images for ${labels.length} labels: neither one label for each, nor the labels of one severity for up to five of them.`,
    )
  const blocks = await severityBlocks(array, allowed)
  if (blocks !== null) return blocks
  throw new PalmError(
    'input-unreadable',
    `How many severities ${name} holds cannot be told: its labels repeat by themselves. Save in ${labelsName} the labels of one severity only.`,
  )
}

/** Images of one severity. @throws PalmError `input-unreadable` */
function sameCount(found: ReadonlyMap<CorruptionName, Blocks>, root: string): number {
  const counts = [...found].map(([corruption, { array, blocks }]) => ({ corruption, count: array.images / blocks }))
  const [first] = counts
  const other = counts.find(({ count }) => count !== first?.count)
  if (first && other)
    throw new PalmError(
      'input-unreadable',
      `${root}: ${first.corruption}.npy has ${first.count} images of each severity, ${other.corruption}.npy ${other.count}. Put those that belong together into a folder of their own.`,
    )
  return first?.count ?? 0
}

function unsaidWords(unsaid: readonly (readonly [CorruptionName, Blocks])[]): string {
  const [corruption, { blocks }] = unsaid[0] as readonly [CorruptionName, Blocks]
  const which = unsaid.length === 1 ? corruption : `${corruption} and ${unsaid.length - 1} more`
  return blocks === 1
    ? `${which}: its labels do not repeat, so it is one severity. Which one, the files do not say: choose one.`
    : `${which}: its labels repeat ${blocks} times, so it is ${blocks} severities. Which ones, the files do not say: choose ${blocks}.`
}

const askedSeverities = (asked: readonly Variant[], corruption: CorruptionName): readonly Severity[] =>
  severities.filter((severity) => asked.some((one) => one.corruption === corruption && one.severity === severity))

/** @throws PalmError `input-empty` */
function checkAsked(name: string, corruption: CorruptionName, blocks: number, asked: readonly Severity[]): void {
  if (asked.length === 0 || asked.length === blocks) return
  const example = severities.slice(-blocks).join(',')
  throw new PalmError(
    'input-empty',
    blocks === 1
      ? `${name} has one severity of ${corruption}: its labels do not repeat. ${asked.length} were asked for; say which one it is (--severity ${example}).`
      : `${name} has ${blocks} severities of ${corruption}: so often its labels repeat. ${asked.length} ${asked.length === 1 ? 'was' : 'were'} asked for; say which they are (--severity ${example}).`,
  )
}

function rowOf(
  found: ReadonlyMap<CorruptionName, Blocks>,
  sample: number,
  variant: Variant | null,
  order: readonly Severity[],
  perSeverity: number,
) {
  const held = variant ? found.get(variant.corruption) : undefined
  if (!held || !variant) throw new RangeError('There is no such corruption')
  const { array, blocks } = held
  const row = Math.min(order.indexOf(variant.severity), blocks - 1) * perSeverity + sample
  return {
    kind: 'pixels' as const,
    path: array.path,
    offset: array.offset + row * array.width * array.height * 3,
    width: array.width,
    height: array.height,
  }
}
