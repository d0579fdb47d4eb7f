// What a device showed when it was held against the processor's numbers (engine/parity/device), and the note of it in the data folder.
import { z } from 'zod'
import { precisionSchema } from './devices.ts'

const deviationSchema = z.strictObject({
  /** The operation, or the part of a network's step, that differs. */
  what: z.string(),
  /** Largest difference relative to the largest expected number; null = another shape, no number, or it failed. */
  deviation: z.number().nullable(),
  limit: z.number(),
  failure: z.string().nullable(),
})

export const deviceProofSchema = z.strictObject({
  checks: z.number().int(),
  /** Beyond their limits; empty = the device may be used. */
  deviations: z.array(deviationSchema).max(10_000),
  /** The largest one within its limit. */
  largest: z.number(),
  /** The largest one of the small network's numbers: what a run's may be off by. Null = it was not computed, or an older version's note. */
  network: z.number().nullable().default(null),
})
export type DeviceProof = z.output<typeof deviceProofSchema>

/** What a proof holds for: anything else here, and it is made anew. */
export const provenSubjectSchema = z.strictObject({
  device: z.string(),
  driver: z.string(),
  library: z.string(),
  precision: precisionSchema,
  program: z.string(),
  /** Absent in notes of older versions, which knew one card. */
  card: z.string().default(''),
})
export type ProvenSubject = z.output<typeof provenSubjectSchema>

export const keptProofSchema = z.strictObject({ subject: provenSubjectSchema, proof: deviceProofSchema })
export type KeptProof = z.output<typeof keptProofSchema>

/** As it is kept: one for each subject, the newest first; an older version kept one alone. */
export const keptProofsSchema = z.union([
  z.strictObject({ proofs: z.array(keptProofSchema).max(100) }),
  keptProofSchema.transform((one) => ({ proofs: [one] })),
])

/** In the data folder. */
export const keptProofFile = 'device-proof.json'

/** What NVIDIA's driver says of itself. */
export const driverFile = '/proc/driver/nvidia/version'

/** In words: which operations differ and by how much. */
export function deviationsInWords({ deviations }: DeviceProof): string {
  const [first, ...more] = deviations.map(
    ({ what, deviation, limit, failure }) =>
      `${what} ${deviation === null ? (failure === null ? 'gives no such numbers' : `fails (${failure})`) : `by ${deviation.toExponential(1)}, where ${limit.toExponential(0)} is allowed`}`,
  )
  if (first === undefined) return ''
  return more.length === 0 ? first : `${first}, and ${more.length} more`
}
