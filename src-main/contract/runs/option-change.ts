// Options that may change while a run is under way: which, within what bounds, and what a run's record says of a change. A change applies from one step
// on and is part of what a run computes, so a resumed or branched run applies it at the same step.
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import { descriptorOf, schemaOf, type LaneOptions } from '#contract/methods/methods.ts'

const count = z.number().int().nonnegative()

export const optionChangeSchema = z.object({
  id: count,
  lane: z.string(),
  option: z.string(),
  from: z.number(),
  to: z.number(),
  step: count, // the first one that it applies to
  at: z.number(), // ms since the epoch
})
export type OptionChange = z.output<typeof optionChangeSchema>

/** What somebody asks for: this option of this lane shall be so. */
export const optionRequestSchema = z.strictObject({
  lane: z.string().max(32),
  option: z.string().max(64),
  value: z.number().finite(),
})
export type OptionRequest = z.output<typeof optionRequestSchema>

/** Names of what may change of a lane that runs with these options; [] when nothing may. */
export const adjustableOptions = (options: LaneOptions): readonly string[] => descriptorOf(options.method).live(options)

/** The value of an option that may change. */
export function optionValue(options: LaneOptions, option: string): number {
  const value = (options as Readonly<Record<string, unknown>>)[option]
  if (!adjustableOptions(options).includes(option) || typeof value !== 'number') {
    const may = adjustableOptions(options)
    throw new PalmError(
      'bad-request',
      `“${option}” of ${descriptorOf(options.method).name} cannot change during a run; ${may.length > 0 ? `these can: ${may.join(', ')}` : 'nothing of it can'}.`,
    )
  }
  return value
}

/** The same options but for one value. @throws PalmError `bad-request` where it may not change or is out of bounds */
export function adjusted(options: LaneOptions, option: string, value: number): LaneOptions {
  optionValue(options, option)
  const parsed = schemaOf(options.method).safeParse({ ...options, [option]: value })
  if (!parsed.success)
    throw new PalmError(
      'bad-request',
      `${option} cannot be ${value}: ${parsed.error.issues[0]?.message ?? 'it is out of bounds'}.`,
    )
  return parsed.data as LaneOptions
}

/** Options by lane as they are in a step, all changes up to it done. */
export function optionsAt(
  lanes: readonly { readonly id: string; readonly options: LaneOptions }[],
  changes: readonly OptionChange[],
  step: number,
): Map<string, LaneOptions> {
  const now = new Map(lanes.map(({ id, options }) => [id, options]))
  for (const change of changes) {
    const options = now.get(change.lane)
    if (options && change.step <= step) now.set(change.lane, adjusted(options, change.option, change.to))
  }
  return now
}

/** A request as a change of these options from `step` on; null where it changes nothing. @throws PalmError `bad-request` */
export function changeOf(
  now: ReadonlyMap<string, LaneOptions>,
  { lane, option, value }: OptionRequest,
  step: number,
  at: number,
): Omit<OptionChange, 'id'> | null {
  const options = now.get(lane)
  if (!options)
    throw new PalmError('bad-request', `This run has no lane “${lane}”; it has ${[...now.keys()].join(', ')}.`)
  adjusted(options, option, value)
  const from = optionValue(options, option)
  return from === value ? null : { lane, option, from, to: value, step, at }
}
