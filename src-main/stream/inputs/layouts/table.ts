// A list of images in a file: CSV (or TSV) with or without a header, or JSON lines. Each row names a file and, perhaps, its label and its domain.
// Read as a stream: a million rows cost their names only.
import { createReadStream } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { pipeline } from 'node:stream'
import { parse } from 'csv-parse'
import { PalmError } from '#contract/errors.ts'
import { byCodePoint, plain, type InputSample, type LaidOut } from '#stream/inputs/listing.ts'
import type { LayoutDriver } from './layout.ts'

const pathColumns = ['path', 'file', 'filename', 'file_name', 'filepath', 'image', 'image_path', 'img', 'id']
const labelColumns = ['label', 'class', 'class_name', 'target', 'category', 'y', 'label_name', 'class_id']
const domainColumns = ['domain', 'environment', 'env', 'site', 'camera', 'source']
const maxRows = 50_000_000
const maxLine = 1_000_000
const maxPath = 4096
const maxColumns = 10_000

interface Row {
  readonly path: string
  readonly label: string | null
  readonly domain: string | null
}

const endings: Readonly<Record<string, (path: string) => AsyncGenerator<Row>>> = {
  '.csv': (path) => csvRows(path, ','),
  '.tsv': (path) => csvRows(path, '\t'),
  '.jsonl': jsonRows,
  '.ndjson': jsonRows,
}

export const table: LayoutDriver = {
  recognise({ isFile, path, ending, input }) {
    const rows = isFile ? endings[ending] : undefined
    return rows ? () => listTable(path, rows(path), input.domains === 'column') : null
  },
}

/** One object a row: a million of them are what such a list costs. Classes and domains are numbered as they come. */
interface Rows {
  readonly found: { id: string; classIndex: number; domain: number }[]
  readonly labels: ReadonlyMap<string, number>
  readonly domains: ReadonlyMap<string, number>
}

/** @throws PalmError `input-unreadable`, `input-empty` naming the file and the row */
async function listTable(path: string, rows: AsyncGenerator<Row>, byDomain: boolean): Promise<LaidOut> {
  const { found, labels, domains } = await numbered(path, rows, byDomain).catch((thrown: unknown) => {
    if (thrown instanceof PalmError) throw thrown
    throw new PalmError(
      'input-unreadable',
      `${path} cannot be read as a list of images: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
      undefined,
      { cause: thrown },
    )
  })
  if (found.length === 0) throw new PalmError('input-empty', `${path} lists no images.`)
  const words = [...labels.keys()]
  const whole = words.length > 0 && words.every((word) => /^\d{1,7}$/.test(word))
  const classNames = [...words].sort(whole ? (a, b) => Number(a) - Number(b) : byCodePoint)
  const sorted = new Map(classNames.map((word, index) => [word, index]))
  const order = words.map((word) => sorted.get(word) as number)
  let unlabelled = 0
  for (const row of found) {
    if (row.classIndex < 0) unlabelled += 1
    else row.classIndex = order[row.classIndex] as number
  }
  const folder = dirname(path)
  const samples: readonly InputSample[] = found
  return {
    ...plain,
    name: basename(path),
    classNames,
    samples,
    domains: byDomain ? [...domains.keys()] : null,
    problems:
      unlabelled > 0 && unlabelled < found.length ? [`${unlabelled} of ${found.length} rows have no label.`] : [],
    placeOf: (sample) => {
      const { id } = samples[sample] as InputSample
      return { kind: 'file', path: isAbsolute(id) ? id : join(folder, id) }
    },
  }
}

async function numbered(path: string, rows: AsyncGenerator<Row>, byDomain: boolean): Promise<Rows> {
  const labels = new Map<string, number>()
  const domains = new Map<string, number>()
  const found: Rows['found'] = []
  const indexOf = (known: Map<string, number>, word: string) => {
    const index = known.get(word) ?? known.size
    known.set(word, index)
    return index
  }
  for await (const row of rows) {
    if (found.length >= maxRows) throw new PalmError('input-unreadable', `${path} has more than ${maxRows} rows.`)
    if (byDomain && row.domain === null)
      throw new PalmError('input-unreadable', `${path} has no column for domains. Call one “domain”.`)
    if (row.path.length > maxPath || row.path.includes('\0'))
      throw new PalmError(
        'input-unreadable',
        `${path}, row ${found.length + 1}: “${row.path.slice(0, 60).replaceAll('\0', '?')}” is not a file name.`,
      )
    found.push({
      id: row.path,
      classIndex: row.label === null ? -1 : indexOf(labels, row.label),
      domain: byDomain ? indexOf(domains, row.domain as string) : 0,
    })
  }
  return { found, labels, domains }
}

/** The file's bytes. The parser bounds how long a row is, but not how many empty columns it has. */
async function* narrow(path: string, delimiter: number): AsyncGenerator<Buffer> {
  let columns = 0
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (const byte of chunk) {
      if (byte === 0x0a || byte === 0x0d) columns = 0
      else if (byte === delimiter && ++columns > maxColumns)
        throw new PalmError('input-unreadable', `${path} has a row of more than ${maxColumns} columns.`)
    }
    yield chunk
  }
}

async function* csvRows(path: string, delimiter: string): AsyncGenerator<Row> {
  const parser = parse({
    bom: true,
    delimiter,
    relaxColumnCount: true,
    skipEmptyLines: true,
    trim: true,
    maxRecordSize: maxLine,
    info: true,
  })
  // Its errors come out of the parser, which is read below.
  pipeline(narrow(path, delimiter.charCodeAt(0)), parser, () => undefined)
  let columns: { path: number; label: number; domain: number } | null = null
  // csv-parse gives {info, record} with `info`.
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
    if (!columns) {
      columns = headerOf(record)
      if (columns.path >= 0) continue
      columns = { path: 0, label: record.length > 1 ? 1 : -1, domain: record.length > 2 ? 2 : -1 }
    }
    const file = record[columns.path]
    if (!file) throw new PalmError('input-unreadable', `${path}, line ${info.lines}: there is no file name.`)
    yield { path: file, label: record[columns.label] || null, domain: record[columns.domain] || null }
  }
}

function headerOf(record: readonly string[]): { path: number; label: number; domain: number } {
  const words = record.map((word) => word.toLowerCase())
  const find = (names: readonly string[]) => words.findIndex((word) => names.includes(word))
  return { path: find(pathColumns), label: find(labelColumns), domain: find(domainColumns) }
}

/** Lines with their numbers, without what ends them. One that is too long is not kept in memory first. */
async function* linesOf(path: string): AsyncGenerator<[number: number, line: string]> {
  const tooLong = (number: number) => new PalmError('input-unreadable', `${path}, line ${number} is absurdly long.`)
  let rest: Buffer[] = []
  let held = 0
  let number = 0
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      number += 1
      if (held + end - from > maxLine) throw tooLong(number)
      const piece = chunk.subarray(from, end)
      yield [number, (held === 0 ? piece : Buffer.concat([...rest, piece])).toString('utf8')]
      rest = []
      held = 0
      from = end + 1
    }
    if (from < chunk.length) rest.push(chunk.subarray(from))
    held += chunk.length - from
    if (held > maxLine) throw tooLong(number + 1)
  }
  if (held > 0) yield [number + 1, Buffer.concat(rest).toString('utf8')]
}

async function* jsonRows(path: string): AsyncGenerator<Row> {
  for await (const [number, raw] of linesOf(path)) {
    const line = (number === 1 ? raw.replace(/^\uFEFF/, '') : raw).trim()
    if (line === '') continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      throw new PalmError('input-unreadable', `${path}, line ${number} is not JSON.`)
    }
    const text = (names: readonly string[]) => {
      const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
      const found = entries.find(
        ([key, entry]) => names.includes(key.toLowerCase()) && (typeof entry === 'string' || typeof entry === 'number'),
      )
      return found ? String(found[1]) : null
    }
    const file = text(pathColumns)
    if (!file) throw new PalmError('input-unreadable', `${path}, line ${number}: there is no “path”.`)
    yield { path: file, label: text(labelColumns), domain: text(domainColumns) }
  }
}
