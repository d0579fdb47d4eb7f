// A sweep on several machines: what lies in their common queue, and what is told of it. Everything that comes out of the queue is parsed here: a cell is data, and
// names no place of a machine but hashes of contents.
import { z } from 'zod'
import { wireErrorSchema } from '#contract/errors.ts'
import { inputOptionsSchema } from '#contract/inputs/input-kinds.ts'
import { laneOptionsSchema } from '#contract/methods/methods.ts'
import { modelOptionsSchema, runOptionsSchema } from '#contract/runs/run-options.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const name = z.string().min(1).max(200)

/** Images, known by their names, classes and bytes. `options.path` is their name only. */
export const queuedInputSchema = z.strictObject({
  name,
  /** Over names, classes and the bytes of every image. */
  content: hash,
  /** Over names, classes and sizes: what a cell's key is made of, and quicker to compare. */
  print: hash,
  options: inputOptionsSchema,
})
export type QueuedInput = z.output<typeof queuedInputSchema>

/** A model, known by its network, weights and what its file says of images and classes. `options.path` is its name only. */
export const queuedModelSchema = z.strictObject({ name, content: hash, print: hash, options: modelOptionsSchema })
export type QueuedModel = z.output<typeof queuedModelSchema>

/** What cells of one queue need: whoever has all of it can compute them. */
export const queuedContentsSchema = z.strictObject({
  /** Version of the program and of the meaning of results: machines with another one leave the cells alone. */
  program: z.string().min(1).max(40),
  revision: z.number().int(),
  input: queuedInputSchema,
  model: queuedModelSchema,
  source: queuedInputSchema.nullable(),
})
export type QueuedContents = z.output<typeof queuedContentsSchema>

/** The stream of some cells. `run` has no lanes; its input, model and source are those of the contents. */
export const queuedStreamSchema = z.strictObject({
  run: runOptionsSchema.omit({ lanes: true, input: true, model: true, source: true }),
})
export type QueuedStream = z.output<typeof queuedStreamSchema>

/** One lane on a stream. */
export const queuedCellSchema = z.strictObject({
  key: hash,
  stream: hash,
  label: z.string().min(1).max(80),
  options: laneOptionsSchema,
})
export type QueuedCell = z.output<typeof queuedCellSchema>

/** Files of a content that travel with the queue; `path` is relative, with `/`. */
export const filesSchema = z
  .array(
    z.strictObject({
      path: z
        .string()
        .min(1)
        .max(1000)
        .refine((path) => !/(^|\/)\.{0,2}(\/|$)|[\\:\0]/.test(path), 'is no relative path'),
      hash,
      size: z.number().int().nonnegative(),
    }),
  )
  .max(20_000)
export type QueuedFiles = z.output<typeof filesSchema>

/** A machine that takes cells, or one of its devices. Everything here was written by others and is only shown. */
const labWorkerSchema = z.object({
  name: z.string(),
  host: z.string(),
  /** What it computes on, as far as it has said; empty = not yet. */
  device: z.string(),
  /** It was heard from lately. */
  live: z.boolean(),
  startedAt: z.number(),
  /** The last sign of life. */
  heardAt: z.number(),
  /** What it computes now; null = nothing. */
  cell: z.string().nullable(),
  /** Cells that it has sent. */
  done: z.number().int(),
})

/** A cell that failed three times by itself. */
const asideCellSchema = z.object({
  key: hash,
  label: z.string(),
  /** Who tried last. */
  worker: z.string(),
  error: wireErrorSchema,
  at: z.number(),
})

/** Of the cells that were set aside, the newest so many are told. */
export const mostAside = 100

/** What a queue holds. */
export const labStateSchema = z.object({
  waiting: z.number().int(),
  active: z.number().int(),
  done: z.number().int(),
  /** Cells that failed three times and were set aside. */
  aside: z.number().int(),
  asideCells: z.array(asideCellSchema),
  workers: z.array(labWorkerSchema),
  /** Cells a minute over the last ten minutes; null = none yet. */
  perMinute: z.number().nullable(),
  etaMs: z.number().nullable(),
})
export type LabState = z.output<typeof labStateSchema>
