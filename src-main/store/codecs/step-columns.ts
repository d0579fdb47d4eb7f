// Gathers rows of steps into the columns that a snapshot carries: numbers go straight into typed arrays, without an object for each step.
// Not the columns' format (contract/columns/step-columns.ts) and no SQL (steps-table.ts).
import { PalmError } from '#contract/errors.ts'
import { countColumns, numberColumns, type LaneSteps } from '#contract/columns/step-columns.ts'

/** In the order in which a row holds its values. */
export const valueColumns = [...countColumns, ...numberColumns] as const

/** lane, losses (JSON), predicted (JSON), then a number or null for each of `valueColumns`. The table is STRICT: numbers are numbers. */
export type StepRow = readonly [string, string, string, ...(number | null)[]]
const firstValue = 3

class Growing<T extends Uint32Array | Float32Array> {
  private values: T
  private readonly make: (length: number) => T

  constructor(make: (length: number) => T) {
    this.make = make
    this.values = make(256)
  }

  reserve(length: number): void {
    if (length <= this.values.length) return
    const larger = this.make(Math.max(length, 2 * this.values.length))
    larger.set(this.values)
    this.values = larger
  }

  set(index: number, value: number): void {
    this.reserve(index + 1)
    this.values[index] = value
  }

  base64(length: number): string {
    this.reserve(length)
    return Buffer.from(this.values.buffer, this.values.byteOffset, 4 * length).toString('base64')
  }
}

const whole = () => new Growing((length) => new Uint32Array(length))
const real = () => new Growing((length) => new Float32Array(length).fill(Number.NaN))
const damaged = (detail: string) =>
  new PalmError('store-damaged', 'The database holds a row that does not fit (steps).', detail)

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

class LaneGatherer {
  private count = 0
  private readonly columns = valueColumns.map((name, index) => ({
    name,
    column: index < countColumns.length ? whole() : real(),
  }))
  private readonly losses = new Map<string, Growing<Float32Array>>()
  private readonly predicted = new Map<string, number>()

  add(row: StepRow): void {
    const at = this.count++
    for (let i = 0; i < this.columns.length; i++) {
      const value = row[firstValue + i] as number | null
      if (i < countColumns.length && !(typeof value === 'number' && value >= 0))
        throw damaged(`${valueColumns[i]}: ${value}`)
      if (value !== null) this.columns[i]?.column.set(at, value)
    }
    const losses = numbersOf(row[1], 'losses')
    for (const name in losses) {
      const value = losses[name]
      if (typeof value !== 'number' && value !== null) throw damaged(`losses: ${name}`)
      let column = this.losses.get(name)
      if (!column) this.losses.set(name, (column = real()))
      if (value !== null) column.set(at, value)
    }
    const predicted = numbersOf(row[2], 'predicted')
    for (const label in predicted) {
      const images = predicted[label]
      if (typeof images !== 'number') throw damaged(`predicted: ${label}`)
      this.predicted.set(label, (this.predicted.get(label) ?? 0) + images)
    }
  }

  steps(lane: string): LaneSteps {
    return {
      lane,
      count: this.count,
      columns: Object.fromEntries(
        this.columns.map(({ name, column }) => [name, column.base64(this.count)]),
      ) as LaneSteps['columns'],
      losses: Object.fromEntries([...this.losses].map(([name, column]) => [name, column.base64(this.count)])),
      predicted: Object.fromEntries(this.predicted),
    }
  }
}

/** Rows in order of step; lanes in the order in which they are first met. @throws PalmError `store-damaged` */
export function gatherSteps(rows: Iterable<StepRow>): LaneSteps[] {
  const lanes = new Map<string, LaneGatherer>()
  for (const row of rows) {
    let lane = lanes.get(row[0])
    if (!lane) lanes.set(row[0], (lane = new LaneGatherer()))
    lane.add(row)
  }
  return [...lanes].map(([lane, gathered]) => gathered.steps(lane))
}
