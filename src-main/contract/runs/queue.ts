// Runs that are lined up: what each will do, and what it waits for. One is at work at a time on each device; the next begins when what it asks for is free.
import { z } from 'zod'
import { deviceChoiceSchema, type DeviceChoice } from '#contract/devices.ts'
import { wireErrorSchema } from '#contract/errors.ts'
import { slotUseSchema, usedSlotSchema, waitsFor } from './device-slots.ts'
import { optionRequestSchema } from './option-change.ts'
import { runOptionsSchema } from './run-options.ts'

const count = z.number().int().nonnegative()
const id = z.number().int().positive()

/** What is done when its turn comes. */
export const queuedWorkSchema = z.discriminatedUnion('kind', [
  /** A new run. */
  z.strictObject({ kind: z.literal('start'), options: runOptionsSchema }),
  /** A run that stopped goes on. */
  z.strictObject({ kind: z.literal('resume'), run: id }),
  /** A new run from a checkpoint of another one. */
  z.strictObject({
    kind: z.literal('branch'),
    run: id,
    step: count,
    options: z.array(optionRequestSchema).max(1000).default([]),
    name: z.string().max(200).default(''),
  }),
  /** What is missing of a sweep, run by run. */
  z.strictObject({ kind: z.literal('sweep'), sweep: id }),
])
export type QueuedWork = z.output<typeof queuedWorkSchema>
export type QueuedWorkInput = z.input<typeof queuedWorkSchema>

/** How long it takes, ms; null = not known. */
export const queueEstimateSchema = z.object({ low: z.number().nonnegative(), high: z.number().nonnegative() })
export type QueueEstimate = z.output<typeof queueEstimateSchema>

/** More waits for nobody. */
export const mostQueued = 200

export const queueItemSchema = z.object({
  id,
  kind: z.enum(['start', 'resume', 'branch', 'sweep']),
  /** '' = as its images are called. */
  name: z.string(),
  inputName: z.string(),
  modelName: z.string(),
  /** Labels of its lanes. */
  methods: z.array(z.string()),
  /** The run that goes on or is branched from; null = a new one. */
  run: id.nullable(),
  /** Of a sweep; null = none. */
  sweep: id.nullable(),
  /** Steps that are done already, or after which it is branched; null = none, or not known. */
  step: count.nullable(),
  addedAt: z.number(),
  /** The device that it will ask for. */
  asks: deviceChoiceSchema,
  estimateMs: queueEstimateSchema.nullable(),
  /** It is passed over until a person lets it go on. */
  held: z.boolean(),
  /** Why it could not begin; it is passed over until a person tries it again. */
  problem: wireErrorSchema.nullable(),
})
export type QueueItem = z.output<typeof queueItemSchema>

export const queueStateSchema = z.object({
  items: z.array(queueItemSchema),
  /**
   * Why nothing begins by itself: a person said so; the program was opened anew and what is there was lined up before; something is wrong that would spoil the
   * next one as well (`trouble`). Null = the next one begins when its turn comes.
   */
  paused: z.enum(['user', 'reopened', 'trouble']).nullable(),
  /** What went wrong; '' = nothing. */
  trouble: z.string(),
  /** The data folder is being moved, and everything waits for that. */
  moving: z.boolean(),
  /** What computes here, and what is computed on it. */
  slots: z.array(usedSlotSchema),
  /** The device that a run asks for which says nothing of it. */
  asks: deviceChoiceSchema,
  /** What must end first, of the first one or of one that were lined up now. */
  waitsFor: z.discriminatedUnion('kind', [...slotUseSchema.options, z.object({ kind: z.literal('move') })]).nullable(),
})
export type QueueState = z.output<typeof queueStateSchema>

export const emptyQueue: QueueState = {
  items: [],
  paused: null,
  trouble: '',
  moving: false,
  slots: [],
  asks: 'auto',
  waitsFor: null,
}

/** The first one that nobody holds back. */
export const nextOf = ({ items }: Pick<QueueState, 'items'>): QueueItem | null =>
  items.find(({ held, problem }) => !held && problem === null) ?? null

/** What must end before this can begin; null = nothing. Sweeps take turns, whatever they compute on. */
export function blockerOf(
  { moving, slots }: Pick<QueueState, 'moving' | 'slots'>,
  { kind, asks }: { readonly kind: QueuedWork['kind']; readonly asks: DeviceChoice },
): QueueState['waitsFor'] {
  if (moving) return { kind: 'move' }
  const sweep = kind === 'sweep' ? slots.find(({ use }) => use?.kind === 'sweep')?.use : undefined
  return sweep ?? waitsFor(asks, slots)
}

/** The first one for which there is a device now. */
export const beginsNow = (state: Pick<QueueState, 'items' | 'moving' | 'slots'>): QueueItem | null =>
  state.items.find((item) => !item.held && item.problem === null && blockerOf(state, item) === null) ?? null

export const queueAddSchema = z.strictObject({
  work: queuedWorkSchema,
  estimateMs: queueEstimateSchema.nullable().default(null),
  /** Before all others. */
  first: z.boolean().default(false),
})
export type QueueAdd = z.output<typeof queueAddSchema>
