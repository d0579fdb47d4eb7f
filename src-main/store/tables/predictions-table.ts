// What each lane predicted for each image of each step, and which image that was: packed arrays, read in stretches of steps. Written inside the session's
// transaction of the step. Webcam runs write none, and runs of versions before 005 have none.
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import type { Connection } from '#store/open-database.ts'
import { pack, packShares, unpack, unpackShares } from '#store/codecs/packed.ts'
import { parseRow } from '#store/rows.ts'

export interface StepImages {
  readonly step: number
  readonly domain: number
  /** Places in the input's list. */
  readonly samples: ArrayLike<number>
  /** Model classes; -1 without a label. */
  readonly labels: ArrayLike<number>
  /** Places in the planned batch: 0, 1, 2, … unless a file could not be read. */
  readonly positions: ArrayLike<number>
}

export interface Predicted {
  readonly lane: string
  /** Before the update, one per image. */
  readonly classes: ArrayLike<number>
  /** The softmax's largest, 0..1. */
  readonly confidences: ArrayLike<number>
}

export interface PredictedStep extends StepImages {
  readonly images: number
  /** By lane. */
  readonly lanes: ReadonlyMap<string, { readonly classes: ArrayLike<number>; readonly confidences: ArrayLike<number> }>
  /** Lanes whose predictions cannot be read. */
  readonly unread: readonly string[]
  /** What of it cannot be read and is left out here: a lane, or all of its images; null = nothing. */
  readonly damage: string | null
}

const bytes = z.instanceof(Uint8Array)
const imagesRow = z.object({
  step: z.number().int(),
  domain: z.number().int(),
  images: z.number().int(),
  samples: bytes,
  labels: bytes,
  positions: bytes.nullable(),
})
const laneRow = z.object({ step: z.number().int(), classes: bytes, confidences: bytes })
const stepRow = z.object({ step: z.number().int() })
const coverageRow = z.object({
  steps: z.number().int(),
  firstStep: z.number().int().nullable(),
  lastStep: z.number().int().nullable(),
})
export type Coverage = z.output<typeof coverageRow>

export class PredictionsTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  /** `ids[i]` names image i across machines. */
  insert(
    run: number,
    { step, domain, samples, labels, positions }: StepImages,
    ids: readonly string[],
    lanes: readonly Predicted[],
  ): void {
    const inOrder = Array.from(positions).every((position, i) => position === i)
    const named = this.db.prepare('INSERT OR IGNORE INTO run_images (run, sample, name) VALUES (?, ?, ?)')
    for (const [i, id] of ids.entries()) named.run(run, samples[i], id)
    this.db
      .prepare(
        'INSERT INTO step_images (run, step, domain, images, samples, labels, positions) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        run,
        step,
        domain,
        samples.length,
        pack(samples),
        pack(Array.from(labels, (label) => label + 1)),
        inOrder ? null : pack(positions),
      )
    const insert = this.db.prepare(
      'INSERT INTO predictions (run, lane, step, classes, confidences) VALUES (?, ?, ?, ?, ?)',
    )
    for (const { lane, classes, confidences } of lanes)
      insert.run(run, lane, step, pack(classes), packShares(confidences))
  }

  /** Which steps of a run have predictions. */
  coverage(run: number): Coverage {
    const row = this.db
      .prepare('SELECT count(*) AS steps, min(step) AS firstStep, max(step) AS lastStep FROM step_images WHERE run = ?')
      .get(run)
    return parseRow(coverageRow, row, 'step_images')
  }

  /** At most `limit` steps from `from` on and before `to`, in order, with the predictions of some lanes. What is damaged of one keeps no other from being read. */
  steps(
    run: number,
    lanes: readonly string[],
    { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: number },
  ): PredictedStep[] {
    const rows = this.db
      .prepare(
        'SELECT step, domain, images, samples, labels, positions FROM step_images WHERE run = ? AND step >= ? AND step < ? ORDER BY step LIMIT ?',
      )
      .all(run, from, to, limit)
      .map((row) => [parseRow(stepRow, row, 'step_images').step, row] as const)
    const last = rows.at(-1)?.[0] ?? from
    const own = lanes.map((lane) => {
      const found = this.db
        .prepare(
          'SELECT step, classes, confidences FROM predictions WHERE run = ? AND lane = ? AND step >= ? AND step <= ? ORDER BY step',
        )
        .all(run, lane, from, last)
        .map((row) => [parseRow(stepRow, row, 'predictions').step, row] as const)
      return [lane, new Map(found)] as const
    })
    return rows.map(([step, row]) =>
      predictedStep(
        step,
        row,
        own.map(([lane, found]) => [lane, found.get(step)]),
      ),
    )
  }

  /** What images are called, by their place in the input's list. */
  ids(run: number, samples: Iterable<number>): Map<number, string> {
    const find = this.db.prepare('SELECT name FROM run_images WHERE run = ? AND sample = ?').pluck()
    return new Map(Array.from(samples, (sample) => [sample, z.string().catch('').parse(find.get(run, sample))]))
  }
}

/** A lane without a row has none of this step. */
function predictedStep(
  step: number,
  imagesOf: unknown,
  lanesOf: readonly (readonly [lane: string, row: unknown])[],
): PredictedStep {
  const damages: string[] = []
  const unread: string[] = []
  /** Null, and noted, where it is damaged. */
  const readable = <T>(read: () => T): T | null => {
    try {
      return read()
    } catch (thrown) {
      if (!(thrown instanceof PalmError) || thrown.code !== 'store-damaged') throw thrown
      damages.push(`${thrown.message} ${thrown.detail ?? ''}`)
      return null
    }
  }
  const own = readable(() => {
    const { domain, images, samples, labels, positions } = parseRow(imagesRow, imagesOf, 'step_images')
    return {
      domain,
      images,
      samples: unpack(samples, images),
      labels: Int32Array.from(unpack(labels, images), (label) => label - 1),
      positions: positions ? unpack(positions, images) : Int32Array.from({ length: images }, (_, i) => i),
    }
  })
  const lanes = lanesOf.flatMap(([lane, row]) => {
    if (row === undefined || !own) return []
    const predicted = readable(() => {
      const { classes, confidences } = parseRow(laneRow, row, 'predictions')
      return { classes: unpack(classes, own.images), confidences: unpackShares(confidences, own.images) }
    })
    if (!predicted) unread.push(lane)
    return predicted ? [[lane, predicted] as const] : []
  })
  const none = { domain: 0, images: 0, samples: [], labels: [], positions: [] }
  return { step, ...(own ?? none), lanes: new Map(lanes), unread, damage: damages[0] ?? null }
}
