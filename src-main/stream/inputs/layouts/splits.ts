// Parts of a data set such as train and val, of which a run takes one.
import { PalmError } from '#contract/errors.ts'
import { splitPath, type Found } from './layout.ts'

/** Words for parts and what they mean; of several parts the first is taken that a model was not trained on. */
const roles = {
  test: 'test',
  testing: 'test',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  eval: 'test',
  holdout: 'test',
  train: 'train',
  training: 'train',
} as const
const preferred: readonly string[] = Object.keys(roles)
const isUsual = (word: string): word is keyof typeof roles => Object.hasOwn(roles, word)
/** What people put beside a part's name without meaning anything by it. */
const fillers: ReadonlySet<string> = new Set(
  'set data dataset images image imgs img split part files folder'.split(' '),
)

interface PartName {
  readonly word: string
  readonly role: 'test' | 'val' | 'train'
  /** What else the name says, the same for all parts of a data set (`seg` of `seg_train`). */
  readonly rest: string
}

/** Of `train`, `Validation_Set`, `seg_test`, `train2017`, `TestSet`, …; null for any other name. */
export function partName(name: string): PartName | null {
  const words = name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .flatMap((word) => {
      const joined = /^(train|training|val|valid|validation|test|testing)(set|data|images|imgs)$/.exec(word)
      return joined ? [joined[1] as string] : word === '' ? [] : [word]
    })
  const [word, another] = words.filter(isUsual)
  if (word === undefined || another !== undefined) return null
  return { word, role: roles[word], rest: words.filter((one) => !isUsual(one) && !fillers.has(one)).join(' ') }
}

const rank = (name: string) => preferred.indexOf(partName(name)?.word ?? '')

export interface SplitChoice {
  readonly splits: readonly string[]
  /** Null = there are none, or they are the domains. */
  readonly split: string | null
  readonly problems: readonly string[]
}

/** `paths` of the images, relative to where their parts may lie. @throws PalmError `input-labels` for a split that there is not */
export function chooseSplit({ path, input }: Found, paths: readonly string[]): SplitChoice {
  const folders = new Map<string, boolean>()
  for (const file of paths) {
    const [top, rest] = splitPath(file)
    if (top !== '') folders.set(top, (folders.get(top) ?? false) || rest.includes('/'))
  }
  const splits = partsAmong(folders)
  if (splits.length === 0 || input.domains === 'folders') {
    if (input.split === null) return { splits, split: null, problems: [] }
    throw new PalmError(
      'input-labels',
      `${path} has no parts such as train or val, so “${input.split}” cannot be chosen.`,
    )
  }
  const split = input.split === null ? splits.toSorted((a, b) => rank(a) - rank(b))[0] : askedFor(input.split, splits)
  if (split === undefined)
    throw new PalmError('input-labels', `${path} has the parts ${splits.join(', ')}, and no “${input.split}”.`)
  const problems: string[] = []
  if (splits.length > 1 && input.split === null)
    problems.push(`It has the parts ${splits.join(', ')}: “${split}” is taken unless you choose another.`)
  const others = [...folders.keys()].filter((name) => !splits.includes(name))
  if (others.length > 0) problems.push(`Beside the parts lie ${others.join(', ')}: left out.`)
  const labelled = splits.filter((name) => folders.get(name))
  if (!folders.get(split) && labelled.length > 0)
    problems.push(`“${split}” has no class folders; ${labelled.join(', ')} has (--split).`)
  return { splits, split, problems }
}

/** `folders` by name, with whether there are further ones in them. Those that are parts of one data set. */
function partsAmong(folders: ReadonlyMap<string, boolean>): string[] {
  const names = [...folders.keys()]
  if (names.length > 0 && names.every((name) => isUsual(name.toLowerCase()))) return names
  const byRest = Map.groupBy(
    names.filter((name) => partName(name)),
    (name) => partName(name)?.rest,
  )
  const parts = [...byRest.values()].toSorted((a, b) => b.length - a.length)[0] ?? []
  const kinds = new Set(parts.map((name) => partName(name)?.role))
  const all = parts.length === names.length
  return kinds.size > 1 && (all || parts.some((name) => folders.get(name))) ? parts : []
}

const askedFor = (wanted: string, splits: readonly string[]): string | undefined => {
  if (splits.includes(wanted)) return wanted
  const meant = splits.filter((name) => partName(name)?.role === partName(wanted)?.role)
  return meant.length === 1 ? meant[0] : undefined
}
