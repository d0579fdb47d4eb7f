// Which column of a list is which: told by its first rows, by what columns are called and by what stands in them. Nothing that neither tells is guessed.
import { PalmError } from '#contract/errors.ts'
import { wholeNumber } from '#stream/inputs/whole-number.ts'
import { hasImageEnding } from '#stream/images/decode.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))
const pathNames = words(
  'path file filename filepath image imagepath img imgpath id imageid imagename imgname imgid imagefile imagefilename fname images imgs fullpath relpath relativepath picture photo uri',
)
const labelNames = words(
  'label labels class classname target category y labelname classid classlabel classidx classindex labelid labelidx labelindex targets categoryid categoryname dx diagnosis species breed groundtruth gt truth truelabel cls lbl',
)
const domainNames = words('domain environment env site camera source')
const splitNames = words('split set subset partition phase usage fold')
const indexNames = words('index unnamed0 row rowid no nr idx')

export interface TableColumns {
  /** Whether the first row says what columns are called. */
  readonly header: boolean
  readonly path: number
  /** -1 = there is none, of each of these. */
  readonly label: number
  readonly domain: number
  readonly split: number
  /** Columns of which just one is 1 in each row, by the classes that they are called; null = there are none. */
  readonly oneHot: readonly { readonly at: number; readonly name: string }[] | null
  /** Where a row is asked next that has nothing there: objects may each have keys of their own. */
  readonly instead: { readonly path: readonly number[]; readonly label: readonly number[] }
  readonly problems: readonly string[]
}

const nothingInstead = { path: [], label: [] } as const

const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
const share = (rows: readonly (readonly string[])[], of: (row: readonly string[]) => boolean) =>
  rows.length === 0 ? 0 : rows.filter(of).length / rows.length

/**
 * `rows`: the first ones, of at least one; `named`: their first one is known to be a header, or not to be one; null = to be found out.
 * `exists`: whether a file of that name was found. @throws PalmError `input-unreadable` naming the file, what is unclear, and the remedy
 */
export function tableColumns(
  file: string,
  rows: readonly (readonly string[])[],
  named: boolean | null,
  exists: (name: string) => boolean,
): TableColumns {
  const [first = [], ...others] = rows
  const rest = others.length > 0 ? others : named ? [] : rows
  const width = Math.max(...rows.map((row) => row.length))
  const titles = Array.from({ length: width }, (_, at) => plain(first[at] ?? ''))
  const path = pathColumn(titles, rest, exists)
  if (path < 0)
    throw new PalmError(
      'input-unreadable',
      `${file}: no column has names of images (${first.slice(0, 6).join(', ').slice(0, 200)}). Call the one that has them “path” in the first row.`,
    )
  const header =
    named ??
    isHeader(
      first[path] ?? '',
      titles[path] ?? '',
      share(rest, (row) => looksLike(row[path], exists)),
      exists,
    )
  const columns = Array.from({ length: width }, (_, at) => at).filter((at) => at !== path)
  if (!header)
    return {
      header,
      path,
      split: -1,
      oneHot: null,
      problems: [],
      instead: nothingInstead,
      ...bare(file, columns, path, rows),
    }
  const named0 = (names: ReadonlySet<string>) => columns.find((at) => names.has(titles[at] ?? '')) ?? -1
  const domain = named0(domainNames)
  const split = named0(splitNames)
  const name = (at: number) => (first[at] ?? '').trim()
  const labels = columns.filter((at) => labelNames.has(titles[at] ?? ''))
  const also = (names: ReadonlySet<string>) => columns.filter((at) => named && names.has(titles[at] ?? ''))
  const base = { header, path, domain, split, instead: { path: also(pathNames), label: also(labelNames) } }
  if (labels.length > 0)
    return { ...base, label: oneLabel(file, labels, titles, rest, name), oneHot: null, problems: [] }
  const free = columns.filter(
    (at) =>
      at !== domain &&
      at !== split &&
      name(at) !== '' &&
      !indexNames.has(titles[at] ?? '') &&
      !pathNames.has(titles[at] ?? ''),
  )
  const oneHot = oneHotAmong(free, rest)
  if (oneHot)
    return {
      ...base,
      label: -1,
      oneHot: oneHot.map((at) => ({ at, name: name(at) })),
      problems: [
        `The columns ${name(oneHot[0] as number)} to ${name(oneHot.at(-1) as number)} are read as the classes: one of them is 1 in each row.`,
      ],
    }
  const [only, another] = free
  if (only !== undefined && another === undefined)
    return { ...base, label: only, oneHot: null, problems: [`The column “${name(only)}” is read as the label.`] }
  const unknown =
    free.length > 0
      ? [
          `No column is called label (${free.slice(0, 6).map(name).join(', ')}): call the one that has the classes “label”.`,
        ]
      : []
  return { ...base, label: -1, oneHot: null, problems: unknown }
}

const looksLike = (name: string | undefined, exists: (name: string) => boolean) =>
  name !== undefined && (hasImageEnding(name) || exists(name))

/** The column that looks most like names of images: what there is counts more than what a column is called. */
function pathColumn(
  titles: readonly string[],
  rest: readonly (readonly string[])[],
  exists: (name: string) => boolean,
): number {
  const scores = titles.map((title, at) => {
    const cells = rest.map((row) => [row[at] ?? ''])
    const there = share(cells, ([cell = '']) => cell !== '' && exists(cell))
    const called = share(cells, ([cell = '']) => hasImageEnding(cell))
    return 2 * there + called + (pathNames.has(title) ? 0.5 : 0) - (labelNames.has(title) ? 1 : 0)
  })
  const best = Math.max(...scores)
  return best >= 0.5 ? scores.indexOf(best) : -1
}

const isHeader = (cell: string, title: string, others: number, exists: (name: string) => boolean) =>
  !hasImageEnding(cell) && (pathNames.has(title) || (others >= 0.5 && !exists(cell)))

/** Without a header: the path, then perhaps a label, then perhaps a domain; or the label first. */
function bare(
  file: string,
  columns: readonly number[],
  path: number,
  rows: readonly (readonly string[])[],
): Pick<TableColumns, 'label' | 'domain'> {
  const counted = (at: number) =>
    rows.length > 1 &&
    rows.every((row, i) => wholeNumber(row[at] ?? '') === i + (wholeNumber(rows[0]?.[at] ?? '') ?? 0))
  const free = columns.filter((at) => columns.length === 1 || !(at < path && counted(at)))
  if (path === 0 && free.length <= 2) return { label: free[0] ?? -1, domain: free[1] ?? -1 }
  if (free.length <= 1) return { label: free[0] ?? -1, domain: -1 }
  throw new PalmError(
    'input-unreadable',
    `${file} has ${free.length + 1} columns and no header: which one is the label cannot be known. Give it a first row such as path,label,…`,
  )
}

/** Of several columns that may be the label one is taken where they say the same. */
function oneLabel(
  file: string,
  labels: readonly number[],
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  name: (at: number) => string,
): number {
  const first = labels[0] as number
  const exact = labels.filter((at) => titles[at] === 'label')
  if (exact.length === 1) return exact[0] as number
  const differs = labels.slice(1).find((at) => !sayTheSame(rows, first, at))
  if (differs === undefined) return first
  throw new PalmError(
    'input-unreadable',
    `${file}: both “${name(first)}” and “${name(differs)}” may be the label, and they differ. Call the one that is meant “label”.`,
  )
}

function sayTheSame(rows: readonly (readonly string[])[], a: number, b: number): boolean {
  const there = new Map<string, string>()
  const back = new Map<string, string>()
  return rows.every((row) => {
    const [x, y] = [row[a], row[b]]
    if (!x || !y) return true
    if (!there.has(x)) there.set(x, y)
    if (!back.has(y)) back.set(y, x)
    return there.get(x) === y && back.get(y) === x
  })
}

/** Columns that are 0 or 1 in every row, and just one of them 1 in nearly all. */
function oneHotAmong(columns: readonly number[], rows: readonly (readonly string[])[]): readonly number[] | null {
  const binary = columns.filter((at) => rows.length > 0 && rows.every((row) => isBit(row[at] ?? '')))
  if (binary.length < 2) return null
  const sums = rows.map((row) => binary.filter((at) => isOne(row[at] ?? '')).length)
  return sums.every((sum) => sum <= 1) && share(rows, (row) => binary.some((at) => isOne(row[at] ?? ''))) >= 0.9
    ? binary
    : null
}

const isBit = (cell: string) => wholeNumber(cell) === 0 || isOne(cell)
export const isOne = (cell: string): boolean => wholeNumber(cell) === 1
