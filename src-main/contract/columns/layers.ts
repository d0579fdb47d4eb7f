// What the layer map asks for: a stretch of a lane's layer reports as columns, the values of all tensors of a checkpoint as histograms, and the model's
// network by block. Arrays travel as base64 of little-endian numbers, whose sizes are checked where they arrive.
import { z } from 'zod'
import { layerQuantities } from './layer-columns.ts'

const count = z.number().int().nonnegative()

/** The most columns of one answer. */
export const mostColumns = 2000
const mostCells = 1_000_000

/** Steps [from, to) as equal columns; `tensor`: of this one alone. */
export const layersRequestSchema = z
  .strictObject({
    run: z.number().int().positive(),
    lane: z.string().max(200),
    from: count,
    to: count,
    columns: z.number().int().min(1).max(mostColumns),
    tensor: count.nullable().default(null),
  })
  .refine(({ from, to, columns }) => to > from && columns <= to - from, {
    message: 'from must lie before to, with a step for each column',
  })
export type LayersRequest = z.output<typeof layersRequestSchema>

/** Length of base64 text of so many bytes. */
export const base64Length = (bytes: number): number => 4 * Math.ceil(bytes / 3)

const rangeSchema = z.object({ least: z.number(), most: z.number() }).nullable() // of the values above 0; null without any

/** `class LayerColumns` on its way. `until`: the steps before it are in it, as far as they are in [from, to). */
export const layersAnswerSchema = z
  .object({
    from: count,
    to: count,
    columns: z.number().int().min(1).max(mostColumns),
    tensors: count,
    until: count,
    /** Steps whose report in the database cannot be read, and is left out; the first of them. */
    damaged: z.object({ steps: count, first: count }).nullable(),
    steps: z.string(), // float32, columns
    means: z.record(z.enum(layerQuantities), z.string()), // float32, columns x tensors
    moved: z.string(), // float32, columns x tensors
    states: z.string(), // uint8, columns x tensors
    ranges: z.record(z.enum(layerQuantities), rangeSchema),
  })
  .superRefine((answer, context) => {
    const cells = answer.columns * answer.tensors
    const wrong = (name: string, text: string, bytes: number) =>
      text.length !== base64Length(bytes) &&
      context.addIssue({ code: 'custom', message: `${name} has the wrong size`, path: [name] })
    if (cells > mostCells) context.addIssue({ code: 'custom', message: 'too many cells' })
    wrong('steps', answer.steps, 4 * answer.columns)
    wrong('moved', answer.moved, 4 * cells)
    wrong('states', answer.states, cells)
    for (const quantity of layerQuantities) wrong(quantity, answer.means[quantity], 4 * cells)
  })
export type LayersAnswer = z.output<typeof layersAnswerSchema>
export const fitsAnswer = (columns: number, tensors: number): boolean => columns * tensors <= mostCells

/** `now`: the newest state that is written down of a lane, be it a checkpoint or the one a run is resumed from. */
export const tensorsRequestSchema = z.strictObject({
  run: z.number().int().positive(),
  lane: z.string().max(200),
  checkpoint: z.union([z.literal('now'), count]),
})
export type TensorsRequest = z.output<typeof tensorsRequestSchema>

export const histogramBins = 64

const statisticsSchema = z.object({
  mean: z.number(),
  std: z.number(),
  min: z.number(),
  max: z.number(),
  bins: z.array(count).length(histogramBins),
})
export type TensorStatistics = z.output<typeof statisticsSchema>

/** `low` and `high`: the ends of the bins, the same for both. `source` null: the model has no such tensor; `now` null: not finite. */
export const tensorValuesSchema = z.object({
  name: z.string(),
  shape: z.array(count),
  low: z.number(),
  high: z.number(),
  source: statisticsSchema.nullable(),
  now: statisticsSchema.nullable(),
  change: z.number().nullable(), // ||theta - theta0|| / ||theta0||
})
export type TensorValues = z.output<typeof tensorValuesSchema>

/** Of every tensor that the lane adapts. `step` and `checkpoint`: what stands for `now`; both null where nothing is written down yet. */
export const tensorsAnswerSchema = z.object({
  step: count.nullable(),
  checkpoint: count.nullable(),
  tensors: z.array(tensorValuesSchema),
})
export type TensorsAnswer = z.output<typeof tensorsAnswerSchema>

/** A larger network is not kept: the map then shows the blocks alone. */
export const mostBlocks = 400
export const mostOpsOfBlock = 40

/** The model's graph by block, network order. `more`: ops beyond those listed. An edge that `skips` goes round what lies between (a residual). */
export const networkSchema = z.object({
  blocks: z
    .array(
      z.object({
        name: z.string(),
        ops: z.array(z.object({ op: z.string(), tensors: z.array(z.string()) })).max(mostOpsOfBlock),
        more: count,
      }),
    )
    .max(mostBlocks),
  edges: z.array(z.object({ from: count, to: count, skips: z.boolean() })).max(8 * mostBlocks),
})
export type Network = z.output<typeof networkSchema>
