// A list of images in a file: separated values with or without a header, or JSON lines. Each row names a file and, perhaps, its label and its domain.
import { basename } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import type { PlacedInput } from '#contract/inputs/input-kinds.ts'
import { byCodePoint, plain, type InputSample, type LaidOut } from '#stream/inputs/listing.ts'
import { isOne, tableColumns, type TableColumns } from '#stream/inputs/table/columns.ts'
import { listedFiles, type ListedFiles } from '#stream/inputs/table/files.ts'
import { tables, type RowsOf, type TableRow, type TableRows } from '#stream/inputs/table/rows.ts'
import { wholeNumber } from '#stream/inputs/whole-number.ts'
import type { LayoutDriver } from './layout.ts'

const maxRows = 50_000_000
const maxPath = 4096
/** So many rows tell what the columns are, and whether the files are there. */
const fewRows = 100

export const table: LayoutDriver = {
  recognise({ isFile, path, ending, input }) {
    const open = isFile ? tables[ending] : undefined
    return open ? () => listTable(path, open, input) : null
  },
}

/** One object a row: a million of them are what such a list costs. Classes and domains are numbered as they come. */
interface Rows {
  readonly found: { id: string; classIndex: number; domain: number }[]
  readonly labels: ReadonlyMap<string, number>
  readonly domains: ReadonlyMap<string, number>
}

/** @throws PalmError `input-unreadable`, `input-empty`, `input-labels` naming the file and the row */
async function listTable(
  path: string,
  open: (path: string) => Promise<TableRows>,
  input: PlacedInput,
): Promise<LaidOut> {
  const { columns, files, rows, first } = await opened(path, open).catch(unreadable(path))
  const byDomain = input.domains === 'column'
  if (byDomain && columns.domain < 0)
    throw new PalmError('input-unreadable', `${path} has no column for domains. Call one “domain”.`)
  if (input.split !== null && columns.split < 0)
    throw new PalmError('input-labels', `${path} has no column “split”, so “${input.split}” cannot be chosen.`)
  const { found, labels, domains } = await numbered(path, rows, columns, input).catch(unreadable(path))
  if (found.length === 0) throw new PalmError('input-empty', `${path} lists no images.`)
  const blank = blanksOf([...labels.keys()])
  const words = [...labels.keys()].filter((word) => !blank.has(word))
  const classNames = columns.oneHot ? columns.oneHot.map(({ name }) => name) : sortedNames(words)
  const places = new Map(classNames.map((word, index) => [word, index]))
  const order = [...labels.keys()].map((word) => places.get(word) ?? -1)
  let unlabelled = 0
  for (const row of found) {
    row.classIndex = order[row.classIndex] ?? -1
    if (row.classIndex < 0) unlabelled += 1
  }
  const samples: readonly InputSample[] = found
  const used = new Set(words)
  return {
    ...plain,
    name: basename(path),
    classNames,
    emptyClasses: classNames.filter((name) => !used.has(name)),
    samples,
    domains: byDomain ? [...domains.keys()] : null,
    problems: [
      ...columns.problems,
      ...fileProblems(files, first),
      ...(columns.split >= 0 && input.split === null
        ? ['It has a column “split”; all rows are taken (--split NAME takes a part).']
        : []),
      ...(unlabelled > 0 && unlabelled < found.length ? [`${unlabelled} of ${found.length} rows have no label.`] : []),
    ],
    placeOf: (sample) => ({ kind: 'file', path: files.find((samples[sample] as InputSample).id) }),
  }
}

const unreadable = (path: string) => (thrown: unknown) => {
  if (thrown instanceof PalmError) throw thrown
  throw new PalmError(
    'input-unreadable',
    `${path} cannot be read as a list of images: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
    undefined,
    { cause: thrown },
  )
}

/** Among numbers, what stands for none. */
function blanksOf(words: readonly string[]): ReadonlySet<string> {
  const blank = words.filter((word) => /^(?:nan|n\/a|na|none|null)$/i.test(word))
  const others = words.filter((word) => !blank.includes(word))
  return new Set(others.length > 0 && others.every((word) => wholeNumber(word) !== null) ? blank : [])
}

/** Numbers by their value, words as Python sorts them. */
function sortedNames(words: readonly string[]): string[] {
  const whole = words.length > 0 && words.every((word) => wholeNumber(word) !== null)
  return words.toSorted((a, b) => (whole ? Number(a) - Number(b) : 0) || byCodePoint(a, b))
}

/** `first`: the names in the first rows. */
function fileProblems({ has, find, note }: ListedFiles, first: readonly string[]): string[] {
  const missing = first.filter((name) => !has(name))
  const example = missing[0]
  return [
    ...(note === null ? [] : [note]),
    ...(example === undefined
      ? []
      : [`Of the first ${first.length} images ${missing.length} are not there, e.g. ${find(example)}.`]),
  ]
}

interface Opened {
  readonly columns: TableColumns
  readonly files: ListedFiles
  /** All of them, without the header. */
  readonly rows: RowsOf
  /** Names in the first of them. */
  readonly first: readonly string[]
}

/** @throws PalmError `input-unreadable`, `input-empty` */
async function opened(path: string, open: (path: string) => Promise<TableRows>): Promise<Opened> {
  const { named, rows } = await open(path)
  const head: TableRow[] = []
  while (head.length < fewRows) {
    const { value, done } = await rows.next()
    if (done) break
    head.push(value)
  }
  if (head.length === 0) throw new PalmError('input-empty', `${path} lists no images.`)
  const cells = head.map((row) => row.cells)
  const files = await listedFiles(
    path,
    cells.flatMap((row) => row.slice(0, 50)),
  )
  const columns = tableColumns(path, cells, named, files.has)
  const kept = columns.header ? head.slice(1) : head
  async function* all(): RowsOf {
    yield* kept
    yield* rows
  }
  return { columns, files, rows: all(), first: kept.flatMap((row) => row.cells[columns.path] || []) }
}

async function numbered(
  path: string,
  rows: RowsOf,
  columns: TableColumns,
  { split, domains: by }: PlacedInput,
): Promise<Rows> {
  const labels = new Map<string, number>()
  const domains = new Map<string, number>()
  const found: Rows['found'] = []
  const indexOf = (known: Map<string, number>, word: string) => {
    const index = known.get(word) ?? known.size
    known.set(word, index)
    return index
  }
  for await (const { cells, line } of rows) {
    if (found.length >= maxRows) throw new PalmError('input-unreadable', `${path} has more than ${maxRows} rows.`)
    if (split !== null && cells[columns.split] !== split) continue
    const id = filled(cells, columns.path, columns.instead.path)
    if (!id) throw new PalmError('input-unreadable', `${path}, line ${line}: there is no file name.`)
    if (id.length > maxPath || id.includes('\0'))
      throw new PalmError(
        'input-unreadable',
        `${path}, line ${line}: “${id.slice(0, 60).replaceAll('\0', '?')}” is not a file name.`,
      )
    const domain = by === 'column' ? cells[columns.domain] : ''
    if (by === 'column' && !domain)
      throw new PalmError('input-unreadable', `${path}, line ${line}: there is no domain.`)
    const label = labelOf(cells, columns)
    found.push({
      id,
      classIndex: label === null ? -1 : indexOf(labels, label),
      domain: domain ? indexOf(domains, domain) : 0,
    })
  }
  return { found, labels, domains }
}

/** The first of these cells that is not empty. */
const filled = (cells: readonly string[], at: number, instead: readonly number[]) =>
  cells[at] || instead.map((other) => cells[other]).find(Boolean)

/** Null where a row has none. */
function labelOf(cells: readonly string[], { label, oneHot, instead }: TableColumns): string | null {
  if (oneHot) {
    const set = oneHot.filter(({ at }) => isOne(cells[at] ?? ''))
    return set.length === 1 ? (set[0]?.name ?? null) : null
  }
  return filled(cells, label, instead.label) || null
}
