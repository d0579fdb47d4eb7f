// The rows of a list as cells: values with separators between them (found out: comma, semicolon, tab, bar) or JSON lines, in UTF-8, UTF-16 or Windows-1252.
// Read as a stream: a million rows cost their names only.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { parse } from 'csv-parse'
import { PalmError } from '#contract/errors.ts'
import { hasImageEnding } from '#stream/images/decode.ts'

const maxLine = 1_000_000
const maxColumns = 10_000
const headBytes = 64 * 1024
/** So many lines tell the separator; so many objects tell the keys. */
const fewLines = 50
const fewObjects = 100

export interface TableRow {
  readonly cells: readonly string[]
  /** In the file, from 1 on. */
  readonly line: number
}

export type RowsOf = AsyncGenerator<TableRow, void, void>

export interface TableRows {
  /** Whether the first row is a header; null = it is to be found out. */
  readonly named: boolean | null
  readonly rows: RowsOf
}

const separators = [',', ';', '\t', '|'] as const
type Separator = (typeof separators)[number]
type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

/** By the ending of the list's name. */
export const tables: Readonly<Record<string, (path: string) => Promise<TableRows>>> = {
  '.csv': (path) => separated(path, ','),
  '.tsv': (path) => separated(path, '\t'),
  '.jsonl': jsonLines,
  '.ndjson': jsonLines,
}

async function separated(path: string, usual: Separator): Promise<TableRows> {
  const head = await headOf(path)
  const encoding = encodingOf(head)
  const text = new TextDecoder(encoding).decode(head)
  const separator = separatorOf(text, head.length < headBytes, usual)
  return { named: null, rows: csvRows(path, encoding, separator) }
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const head = Buffer.alloc(headBytes)
    const { bytesRead } = await file.read(head, 0, headBytes, 0)
    return head.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function encodingOf(head: Buffer): Encoding {
  const [a, b, c, d] = head
  if ((a === 0xff && b === 0xfe) || (a !== 0 && b === 0 && c !== 0 && d === 0 && head.length >= 4)) return 'utf-16le'
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== 0 && c === 0 && d !== 0 && head.length >= 4)) return 'utf-16be'
  try {
    // Streaming, so that a character that the piece cuts is no fault.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return 'utf-8'
  } catch {
    return 'windows-1252'
  }
}

/** The separator that every line has alike and that leaves names of images in cells of their own; the usual one of the ending where several do. */
function separatorOf(text: string, whole: boolean, usual: Separator): Separator {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '')
  if (!whole && lines.length > 1) lines.pop()
  const some = lines
    .slice(0, fewLines)
    .map((line) => line.replace(/"(?:[^"]|"")*"/g, (cell) => cell.replace(/[,;\t|]/g, '_')))
  const scored = [usual, ...separators.filter((one) => one !== usual)].map((separator) => {
    const counts = some.map((line) => line.split(separator).length - 1)
    const least = counts.reduce((a, b) => Math.min(a, b), Infinity)
    const even = least > 0 && counts.every((count) => count === least)
    const images = some.filter((line) =>
      line.split(separator).some((cell) => hasImageEnding(cell.trim().replace(/^"|"$/g, ''))),
    ).length
    return { separator, score: least > 0 && least < Infinity ? (images / some.length) * 2 + 1 + (even ? 0.5 : 0) : 0 }
  })
  return scored.reduce((best, one) => (one.score > best.score ? one : best)).separator
}

/** The file's bytes in UTF-8. The parser bounds how long a row is, but not how many empty columns it has. */
async function* narrow(path: string, encoding: Encoding, delimiter: number): AsyncGenerator<Buffer> {
  let columns = 0
  for await (const chunk of decoded(path, encoding)) {
    for (const byte of chunk) {
      if (byte === 0x0a || byte === 0x0d) columns = 0
      else if (byte === delimiter && ++columns > maxColumns)
        throw new PalmError('input-unreadable', `${path} has a row of more than ${maxColumns} columns.`)
    }
    yield chunk
  }
}

async function* decoded(path: string, encoding: Encoding): AsyncGenerator<Buffer> {
  const chunks = createReadStream(path) as AsyncIterable<Buffer>
  if (encoding === 'utf-8') {
    yield* chunks
    return
  }
  const decoder = new TextDecoder(encoding)
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }))
  yield Buffer.from(decoder.decode())
}

async function* csvRows(path: string, encoding: Encoding, delimiter: Separator): RowsOf {
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
  pipeline(narrow(path, encoding, delimiter.charCodeAt(0)), parser, () => undefined)
  // csv-parse gives {info, record} with `info`.
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>)
    yield { cells: record, line: info.lines }
}

/** Lines with their numbers, without what ends them. One that is too long is not kept in memory first. */
async function* linesOf(path: string, encoding: Encoding): AsyncGenerator<[number: number, line: string]> {
  const tooLong = (number: number) => new PalmError('input-unreadable', `${path}, line ${number} is absurdly long.`)
  let rest: Buffer[] = []
  let held = 0
  let number = 0
  for await (const chunk of decoded(path, encoding)) {
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

interface Entry {
  readonly line: number
  readonly value: object
}

async function* objectsOf(path: string): AsyncGenerator<Entry, void, void> {
  for await (const [line, raw] of linesOf(path, encodingOf(await headOf(path)))) {
    const text = (line === 1 ? raw.replace(/^\uFEFF/, '') : raw).trim()
    if (text === '') continue
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw new PalmError('input-unreadable', `${path}, line ${line} is not JSON.`)
    }
    yield { line, value: typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {} }
  }
}

const ownValue = (value: object, key: string): unknown =>
  Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''

/** The keys of the first objects are the header. */
async function jsonLines(path: string): Promise<TableRows> {
  const objects = objectsOf(path)
  const first: Entry[] = []
  const keys = new Set<string>()
  while (first.length < fewObjects) {
    const { value, done } = await objects.next()
    if (done) break
    first.push(value)
    for (const [key, entry] of Object.entries(value.value)) if (textOf(entry) !== '') keys.add(key)
  }
  const titles = [...keys]
  if (titles.length > maxColumns) throw new PalmError('input-unreadable', `${path} has more than ${maxColumns} keys.`)
  async function* rows(): RowsOf {
    const cells = ({ line, value }: Entry) => ({ line, cells: titles.map((key) => textOf(ownValue(value, key))) })
    if (first.length > 0) yield { line: 1, cells: titles }
    for (const entry of first) yield cells(entry)
    for await (const entry of objects) yield cells(entry)
  }
  return { named: true, rows: rows() }
}
