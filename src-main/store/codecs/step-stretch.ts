// A stretch of a lane's steps as columns of numbers, gathered from rows or packed as one blob: values as float64, column after column, then counts as uint32,
// little-endian. Nothing is lost by it. Neither what a snapshot carries (step-columns.ts) nor SQL (stretches-table.ts).
import { z } from 'zod'
import { countColumns, numberColumns } from '#contract/columns/step-columns.ts'
import { PalmError } from '#contract/errors.ts'
import { jsonOf, parseRow } from '#store/rows.ts'

export interface Stretch {
  readonly lane: string
  readonly rows: number
  /** In the order of `countColumns`. */
  readonly counts: readonly Uint32Array[]
  /** In the order of `numberColumns`; NaN = no value. */
  readonly numbers: readonly Float64Array[]
  readonly losses: ReadonlyMap<string, Float64Array>
  /** Images by predicted class, of all its steps. */
  readonly predicted: ReadonlyMap<string, number>
}

/** lane, losses (JSON), predicted (JSON), then a number or null for each of `countColumns` and `numberColumns`. The table is STRICT: numbers are numbers. */
export type StepRow = readonly [string, string, string, ...(number | null)[]]
const firstValue = 3

const damaged = (detail: string) =>
  new PalmError('store-damaged', 'The database holds a row that does not fit (steps).', detail)

class Growing<T extends Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>> {
  private values: T
  private readonly make: (length: number) => T

  constructor(make: (length: number) => T) {
    this.make = make
    this.values = make(256)
  }

  set(index: number, value: number): void {
    this.reserve(index + 1)
    this.values[index] = value
  }

  first(length: number): T {
    this.reserve(length)
    return this.values.subarray(0, length) as T
  }

  private reserve(length: number): void {
    if (length <= this.values.length) return
    const larger = this.make(Math.max(length, 2 * this.values.length))
    larger.set(this.values)
    this.values = larger
  }
}

const whole = () => new Growing((length) => new Uint32Array(length))
const real = () => new Growing((length) => new Float64Array(length).fill(Number.NaN))

function numbersOf(json: string, what: string): Record<string, number | null> {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw damaged(`${what} is not JSON`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw damaged(`${what} is no table of numbers`)
  return value as Record<string, number | null>
}

function lossesOf(json: string): Record<string, number | null> {
  const losses = numbersOf(json, 'losses')
  for (const name in losses)
    if (typeof losses[name] !== 'number' && losses[name] !== null) throw damaged(`losses: ${name}`)
  return losses
}

function predictedOf(json: string): Record<string, number | null> {
  const predicted = numbersOf(json, 'predicted')
  for (const label in predicted) if (typeof predicted[label] !== 'number') throw damaged(`predicted: ${label}`)
  return predicted
}

class LaneGatherer {
  private rows = 0
  private readonly counts = countColumns.map(whole)
  private readonly numbers = numberColumns.map(real)
  private readonly losses = new Map<string, ReturnType<typeof real>>()
  private readonly predicted = new Map<string, number>()

  /** All of it or nothing. @throws PalmError `store-damaged` */
  add(row: StepRow): void {
    const losses = lossesOf(row[1])
    const predicted = predictedOf(row[2])
    const counts = countColumns.map((name, i) => {
      const value = row[firstValue + i]
      if (typeof value === 'number' && value >= 0) return value
      throw damaged(`${name}: ${value}`)
    })
    const at = this.rows++
    for (const [i, column] of this.counts.entries()) column.set(at, counts[i] as number)
    for (const [i, column] of this.numbers.entries()) {
      const value = row[firstValue + countColumns.length + i] as number | null
      if (value !== null) column.set(at, value)
    }
    for (const name in losses) {
      const value = losses[name] ?? null
      let column = this.losses.get(name)
      if (!column) this.losses.set(name, (column = real()))
      if (value !== null) column.set(at, value)
    }
    for (const label in predicted) this.predicted.set(label, (this.predicted.get(label) ?? 0) + (predicted[label] ?? 0))
  }

  stretch(lane: string): Stretch {
    return {
      lane,
      rows: this.rows,
      counts: this.counts.map((column) => column.first(this.rows)),
      numbers: this.numbers.map((column) => column.first(this.rows)),
      losses: new Map([...this.losses].map(([name, column]) => [name, column.first(this.rows)])),
      predicted: this.predicted,
    }
  }
}

const fail = (error: PalmError): never => {
  throw error
}

/** Rows in order of step; one stretch a lane, lanes in the order in which they are first met. Those that do not fit are left out and told, or the first of them fails. */
export function gatherStretches(rows: Iterable<StepRow>, onDamage: (error: PalmError) => void = fail): Stretch[] {
  const lanes = new Map<string, LaneGatherer>()
  for (const row of rows) {
    let lane = lanes.get(row[0])
    if (!lane) lanes.set(row[0], (lane = new LaneGatherer()))
    try {
      lane.add(row)
    } catch (thrown) {
      if (!(thrown instanceof PalmError)) throw thrown
      onDamage(new PalmError(thrown.code, thrown.message, `step ${row[firstValue]}, ${row[0]}: ${thrown.detail}`))
    }
  }
  return [...lanes].map(([lane, gathered]) => gathered.stretch(lane))
}

/** As it lies in the table: `losses` names the columns behind `numberColumns`. */
export interface PackedStretch {
  readonly lane: string
  readonly rows: number
  readonly losses: string
  readonly predicted: string
  readonly numbers: Uint8Array
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

export function packStretch({ lane, rows, counts, numbers, losses, predicted }: Stretch): PackedStretch {
  const reals = Buffer.concat([...numbers, ...losses.values()].map(bytesOf))
  const wholes = Buffer.concat(counts.map(bytesOf))
  return {
    lane,
    rows,
    losses: JSON.stringify([...losses.keys()]),
    predicted: JSON.stringify(Object.fromEntries(predicted)),
    numbers: littleEndian ? Buffer.concat([reals, wholes]) : Buffer.concat([reals.swap64(), wholes.swap32()]),
  }
}

const namesSchema = z.array(z.string())
const sumsSchema = z.record(z.string(), z.number())

/** @throws PalmError `store-damaged` */
export function unpackStretch({ lane, rows, losses, predicted, numbers }: PackedStretch): Stretch {
  const names = parseRow(namesSchema, jsonOf(losses, 'step_stretches'), 'step_stretches')
  const sums = parseRow(sumsSchema, jsonOf(predicted, 'step_stretches'), 'step_stretches')
  const reals = numberColumns.length + names.length
  const split = 8 * rows * reals
  if (numbers.byteLength !== split + 4 * rows * countColumns.length)
    throw damaged(`a stretch of ${rows} rows has ${numbers.byteLength} bytes`)
  const { buffer, start } = readable(numbers, split)
  const real = (index: number) => new Float64Array(buffer, start + 8 * rows * index, rows)
  return {
    lane,
    rows,
    counts: countColumns.map((_, i) => new Uint32Array(buffer, start + split + 4 * rows * i, rows)),
    numbers: numberColumns.map((_, i) => real(i)),
    losses: new Map(names.map((name, i) => [name, real(numberColumns.length + i)])),
    predicted: new Map(Object.entries(sums)),
  }
}

/** Where float64 may begin, and in this machine's order of bytes: a copy where it does not lie so already. */
function readable(bytes: Uint8Array, split: number): { buffer: ArrayBufferLike; start: number } {
  if (littleEndian && bytes.byteOffset % 8 === 0) return { buffer: bytes.buffer, start: bytes.byteOffset }
  const { buffer } = new Uint8Array(bytes)
  if (!littleEndian) {
    Buffer.from(buffer, 0, split).swap64()
    Buffer.from(buffer, split).swap32()
  }
  return { buffer, start: 0 }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array | Float64Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)
