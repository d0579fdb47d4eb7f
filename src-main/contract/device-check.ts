// `palm doctor --check`: one device held at length against stored numbers, with what is told on the way.
import { z } from 'zod'
import { deviceProofSchema } from './device-proof.ts'
import { deviceKindSchema, usedDeviceSchema } from './devices.ts'

export const checkRequestSchema = z.strictObject({
  kind: deviceKindSchema,
  /** Folders of stored traces (docs/parity.md). */
  parity: z.array(z.string().max(4096)).max(20),
})
export type CheckRequest = z.output<typeof checkRequestSchema>

export const checkProgressSchema = z.object({
  /** `operations`, `networks`, or a parity folder's method. */
  what: z.string(),
  done: z.number().int().nonnegative(),
  total: z.number().int().nonnegative(),
})
export type CheckProgress = z.output<typeof checkProgressSchema>

export const checkResultSchema = z.object({
  device: usedDeviceSchema,
  proof: deviceProofSchema,
  parity: z.array(
    z.object({
      folder: z.string(),
      /** Quantities that were compared. */
      compared: z.number().int(),
      /** Beyond their limits. */
      over: z.array(
        z.object({ method: z.string(), quantity: z.string(), largest: z.number().nullable(), limit: z.number() }),
      ),
    }),
  ),
  seconds: z.number(),
})
export type CheckResult = z.output<typeof checkResultSchema>

export const isRight = ({ proof, parity }: CheckResult): boolean =>
  proof.deviations.length === 0 && parity.every(({ compared, over }) => compared > 0 && over.length === 0)
