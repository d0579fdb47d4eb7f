// The steps of a lane as columns: what a snapshot carries instead of ten thousand objects. A column is base64 of little-endian uint32 or
// float32, one value a step; NaN stands for null. Checked whole when it arrives, without an object for each value. Layer reports are not in it.
import { z } from 'zod'

export const countColumns = ['step', 'domain', 'images', 'labelled', 'correct', 'seen'] as const
export const numberColumns = [
  'kept',
  'adaptedShare',
  'meanConfidence',
  'meanEntropy',
  'agreement',
  'estimate',
  'stepMs',
  'peakBytes',
] as const
export type CountColumn = (typeof countColumns)[number]
export type NumberColumn = (typeof numberColumns)[number]
export type ColumnName = CountColumn | NumberColumn

/** Bounds of a number column, and whether a step may lack it. Float32 of a share is never above 1. */
const any = Number.MAX_VALUE
const rules: Readonly<
  Record<NumberColumn, { readonly least: number; readonly most: number; readonly optional: boolean }>
> = {
  kept: { least: 0, most: any, optional: true },
  adaptedShare: { least: 0, most: 1, optional: false },
  meanConfidence: { least: -any, most: any, optional: false },
  meanEntropy: { least: -any, most: any, optional: false },
  agreement: { least: 0, most: 1, optional: true },
  estimate: { least: 0, most: 1, optional: true },
  stepMs: { least: 0, most: any, optional: false },
  peakBytes: { least: 0, most: any, optional: false },
}

const mostSteps = 20_000_000
const count = z.number().int().nonnegative()
const columnsSchema = z.strictObject(
  Object.fromEntries([...countColumns, ...numberColumns].map((name) => [name, z.string()])) as Record<
    ColumnName,
    z.ZodString
  >,
)

export const laneStepsSchema = z
  .strictObject({
    lane: z.string(),
    count: count.max(mostSteps),
    columns: columnsSchema,
    losses: z.record(z.string().max(200), z.string()),
    /** Images of all these steps by predicted class. */
    predicted: z.record(z.string(), count),
  })
  .superRefine((lane, context) => {
    const fault = faultOf(lane)
    if (fault !== null) context.addIssue({ code: 'custom', message: fault })
  })
export type LaneSteps = z.output<typeof laneStepsSchema>

/** A lane's columns as numbers. */
export interface StepColumns {
  readonly count: number
  readonly counts: Readonly<Record<CountColumn, Uint32Array>>
  readonly numbers: Readonly<Record<NumberColumn, Float32Array>>
  readonly losses: ReadonlyMap<string, Float32Array>
}

/** Of a lane that fits its schema. @throws Error where a column is no base64 of `count` values */
export function decodeColumns(lane: LaneSteps): StepColumns {
  const bytes = (name: string, text: string) => {
    const decoded = decodeBase64(text, 4 * lane.count)
    if (!decoded) throw new Error(`the column ${name} of ${lane.lane} is not ${lane.count} values`)
    return decoded.buffer
  }
  return {
    count: lane.count,
    counts: Object.fromEntries(
      countColumns.map((name) => [name, new Uint32Array(bytes(name, lane.columns[name]))]),
    ) as Record<CountColumn, Uint32Array>,
    numbers: Object.fromEntries(
      numberColumns.map((name) => [name, new Float32Array(bytes(name, lane.columns[name]))]),
    ) as Record<NumberColumn, Float32Array>,
    losses: new Map(
      Object.entries(lane.losses).map(([name, text]) => [name, new Float32Array(bytes(`losses.${name}`, text))]),
    ),
  }
}

function faultOf(lane: LaneSteps): string | null {
  let columns: StepColumns
  try {
    columns = decodeColumns(lane)
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
  const { step, images, labelled, correct } = columns.counts
  for (let i = 0; i < columns.count; i++) {
    if (i > 0 && (step[i] as number) <= (step[i - 1] as number))
      return `the steps of ${lane.lane} do not rise (at ${i})`
    if ((labelled[i] as number) > (images[i] as number) || (correct[i] as number) > (labelled[i] as number))
      return `the counts of ${lane.lane} do not fit each other (at ${i})`
  }
  for (const name of numberColumns) {
    const { least, most, optional } = rules[name]
    const at = firstOutside(columns.numbers[name], least, most, optional)
    if (at >= 0) return `the column ${name} of ${lane.lane} holds a number that it cannot hold (at ${at})`
  }
  for (const [name, values] of columns.losses) {
    const at = firstOutside(values, -any, any, true)
    if (at >= 0) return `the loss ${name} of ${lane.lane} holds a number that is none (at ${at})`
  }
  return null
}

/** -1 where all lie inside. NaN does only where a step may lack the number. */
function firstOutside(values: Float32Array, least: number, most: number, optional: boolean): number {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (value >= least && value <= most) continue
    if (!optional || value === value) return i
  }
  return -1
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const sextets = new Uint8Array(128).fill(255)
for (let i = 0; i < alphabet.length; i++) sextets[alphabet.charCodeAt(i)] = i

/** Newer engines do it themselves, ten times as fast. */
const native = (
  Uint8Array as { fromBase64?: (text: string, options: { lastChunkHandling: 'strict' }) => Uint8Array<ArrayBuffer> }
).fromBase64?.bind(Uint8Array)

/** Null unless it is padded base64 of exactly `length` bytes. */
export function decodeBase64(text: string, length: number): Uint8Array<ArrayBuffer> | null {
  if (text.length !== 4 * Math.ceil(length / 3)) return null
  if (!native) return decodePlainly(text, length)
  try {
    const decoded = native(text, { lastChunkHandling: 'strict' })
    return decoded.length === length ? decoded : null
  } catch {
    return null
  }
}

/** The same without the engine's help; the text has the right length. */
export function decodePlainly(text: string, length: number): Uint8Array<ArrayBuffer> | null {
  const padding = (3 - (length % 3)) % 3
  if (text.slice(text.length - padding) !== '='.repeat(padding)) return null
  const out = new Uint8Array(length)
  const sextet = (at: number): number => {
    const code = text.charCodeAt(at)
    return code < 128 ? (sextets[code] as number) : 255
  }
  let seen = 0
  let at = 0
  const whole = text.length - (padding > 0 ? 4 : 0)
  for (let i = 0; i < whole; i += 4) {
    const a = sextet(i)
    const b = sextet(i + 1)
    const c = sextet(i + 2)
    const d = sextet(i + 3)
    seen |= a | b | c | d
    out[at++] = (a << 2) | (b >> 4)
    out[at++] = ((b & 15) << 4) | (c >> 2)
    out[at++] = ((c & 3) << 6) | d
  }
  if (padding > 0) {
    const a = sextet(whole)
    const b = sextet(whole + 1)
    const c = padding === 1 ? sextet(whole + 2) : 0
    seen |= a | b | c
    out[at++] = (a << 2) | (b >> 4)
    if (padding === 1) out[at++] = ((b & 15) << 4) | (c >> 2)
  }
  return seen > 63 ? null : out
}
