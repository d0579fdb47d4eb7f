// Messages between the supervisor (services) and a session process, over Node's fork channel or Electron's parentPort, as structured
// clones. Both sides parse what arrives, and what does not fit is answered and logged. The session process owns the run's tensors and is
// the only writer of the run's rows.
import { z } from 'zod'
import { copyOrderSchema, copyProgressSchema } from './data/data-place.ts'
import { checkProgressSchema, checkRequestSchema, checkResultSchema } from './device-check.ts'
import { deviceKindSchema, deviceOrderSchema } from './devices.ts'
import { wireErrorSchema } from './errors.ts'
import { exportRequestSchema, exportResultSchema } from './models/export.ts'
import { tensorsAnswerSchema, tensorsRequestSchema } from './columns/layers.ts'
import { compareRequestSchema, compareResultSchema } from './compare/compare-checkpoints.ts'
import { inputOptionsSchema } from './inputs/input-kinds.ts'
import { lookRequestSchema, shownLookSchema } from './runs/first-look.ts'
import { modelOptionsSchema } from './runs/run-options.ts'
import { optionChangeSchema, optionRequestSchema } from './runs/option-change.ts'
import { webcamAnswerSchema, webcamControlSchema, webcamFrameSchema } from './webcam.ts'
import { runEventSchema, runStatusSchema } from './tables/report.ts'

const messageId = z.number().int().nonnegative()

export const toSessionSchema = z.discriminatedUnion('type', [
  /** Before an order: the process shall stay for another one. It says `idle` after `ended`; without this it goes. */
  z.strictObject({ type: z.literal('stay') }),
  z.strictObject({
    type: z.literal('start'),
    run: z.number().int().positive(), // the row exists already, with its options
    dataFolder: z.string(),
    resourcesFolder: z.string(),
    /** Worker threads for decoding and corrupting; null = chosen by the number of cores. */
    workers: z.number().int().min(1).max(64).nullable(),
    /** Send preview images (nobody looks at them in a headless run). */
    preview: z.boolean(),
    device: deviceOrderSchema,
    /** From its next step on every batch is taken in twice as many parts. */
    halve: z.boolean().optional(),
  }),
  /** Instead of a run: writes a checkpoint as a model file. */
  z.strictObject({
    type: z.literal('export'),
    request: exportRequestSchema,
    dataFolder: z.string(),
    resourcesFolder: z.string(),
  }),
  /** Instead of a run: looks at the values of a lane's tensors. */
  z.strictObject({
    type: z.literal('tensors'),
    request: tensorsRequestSchema,
    dataFolder: z.string(),
    resourcesFolder: z.string(),
  }),
  /** Instead of a run: holds two checkpoints against each other; or writes the database file anew. */
  z.strictObject({
    type: z.literal('compare'),
    request: compareRequestSchema,
    dataFolder: z.string(),
    resourcesFolder: z.string(),
  }),
  /** Instead of a run: shows a model a few images. */
  z.strictObject({
    type: z.literal('look'),
    request: lookRequestSchema,
    dataFolder: z.string(),
    resourcesFolder: z.string(),
  }),
  /** Instead of a run: reads every byte of an input or a model, by which other machines know them. */
  z.strictObject({
    type: z.literal('content'),
    of: z.union([
      z.strictObject({ input: inputOptionsSchema, source: z.boolean() }),
      z.strictObject({ model: modelOptionsSchema }),
    ]),
    resourcesFolder: z.string(),
  }),
  z.strictObject({ type: z.literal('rewrite'), dataFolder: z.string() }),
  /** Instead of a run: copies a data folder and checks the copy. */
  z.strictObject({ type: z.literal('copy'), order: copyOrderSchema }),
  /** Instead of a run: holds a device at length against stored numbers. */
  z.strictObject({ type: z.literal('check'), request: checkRequestSchema, dataFolder: z.string() }),
  /** Of a run over a webcam; answered by `answer` with the same `id`. */
  z.strictObject({ type: z.literal('frame'), id: messageId, frame: webcamFrameSchema }),
  z.strictObject({ type: z.literal('control'), control: webcamControlSchema }),
  z.strictObject({ type: z.literal('pause') }),
  z.strictObject({ type: z.literal('continue') }),
  /** Of a paused run: one batch, then it is paused again. */
  z.strictObject({ type: z.literal('step') }),
  /** From the next step on; answered by `adjusted` with the same `id` when it is recorded. */
  z.strictObject({ type: z.literal('adjust'), id: messageId, change: optionRequestSchema }),
  z.strictObject({ type: z.literal('stop') }),
])
export type ToSession = z.output<typeof toSessionSchema>

export const fromSessionSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** After the transaction that recorded it. `preview` events do not advance `seq`: they carry the last one. */
  z.object({ type: z.literal('event'), event: runEventSchema }),
  z.object({
    type: z.literal('answer'),
    id: messageId,
    answer: webcamAnswerSchema.nullable(),
    error: wireErrorSchema.nullable(),
  }),
  /** `change` null without an error: the option has that value already. */
  z.object({
    type: z.literal('adjusted'),
    id: messageId,
    change: optionChangeSchema.nullable(),
    error: wireErrorSchema.nullable(),
  }),
  /** The session did not understand a message, or cannot do what it asks: `of` is its type, `id` its number, where it has them. */
  z.object({ type: z.literal('refused'), of: z.string().nullable(), id: messageId.nullable(), error: wireErrorSchema }),
  z.object({ type: z.literal('exported'), result: exportResultSchema }),
  z.object({ type: z.literal('tensors'), result: tensorsAnswerSchema }),
  z.object({ type: z.literal('looked'), result: shownLookSchema }),
  z.object({ type: z.literal('compared'), result: compareResultSchema }),
  z.object({ type: z.literal('content'), content: z.string() }),
  z.object({ type: z.literal('copying'), progress: copyProgressSchema }),
  z.object({ type: z.literal('checking'), progress: checkProgressSchema }),
  z.object({ type: z.literal('checked'), result: checkResultSchema }),
  /**
   * The last message: why the session ends. The process exits by itself afterwards, unless it was told to stay and nothing failed. `leaves`: a device that failed where the choice is the
   * program's: nothing was recorded of an end, the run shall go on without it.
   */
  z.object({
    type: z.literal('ended'),
    status: runStatusSchema,
    error: wireErrorSchema.nullable(),
    leaves: deviceKindSchema.nullable().optional(),
  }),
  /** All that the order had taken is given back: the process takes another one. */
  z.object({ type: z.literal('idle') }),
])
export type FromSession = z.output<typeof fromSessionSchema>
