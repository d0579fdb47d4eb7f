// Joins stretches of steps to the columns that a snapshot carries. Not the columns' format (contract/columns/step-columns.ts) and no SQL (tables/).
import { countColumns, numberColumns, type LaneSteps } from '#contract/columns/step-columns.ts'
import type { Stretch } from './step-stretch.ts'

/** Stretches in order of step; lanes in the order in which they are first met. */
export function gatherSteps(stretches: readonly Stretch[]): LaneSteps[] {
  return [...Map.groupBy(stretches, ({ lane }) => lane)].map(([lane, own]) => laneSteps(lane, own))
}

function laneSteps(lane: string, own: readonly Stretch[]): LaneSteps {
  const count = own.reduce((sum, { rows }) => sum + rows, 0)
  /** A column of all stretches; what one of them lacks stays unknown. */
  const joined = <T extends Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>>(
    into: T,
    part: (stretch: Stretch) => ArrayLike<number> | undefined,
  ): string => {
    let at = 0
    for (const stretch of own) {
      const values = part(stretch)
      if (values) into.set(values, at)
      at += stretch.rows
    }
    return Buffer.from(into.buffer).toString('base64')
  }
  const reals = (part: (stretch: Stretch) => ArrayLike<number> | undefined) =>
    joined(new Float32Array(count).fill(Number.NaN), part)
  const predicted = new Map<string, number>()
  for (const stretch of own)
    for (const [label, images] of stretch.predicted) predicted.set(label, (predicted.get(label) ?? 0) + images)
  const losses = new Set(own.flatMap((stretch) => [...stretch.losses.keys()]))
  return {
    lane,
    count,
    columns: Object.fromEntries([
      ...countColumns.map((name, i) => [name, joined(new Uint32Array(count), ({ counts }) => counts[i])]),
      ...numberColumns.map((name, i) => [name, reals(({ numbers }) => numbers[i])]),
    ]) as LaneSteps['columns'],
    losses: Object.fromEntries([...losses].map((name) => [name, reals((stretch) => stretch.losses.get(name))])),
    predicted: Object.fromEntries(predicted),
  }
}
