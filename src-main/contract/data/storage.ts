// Disk use, and what is kept of a run's checkpoints: the policy and what it takes away. Never the last checkpoint of a lane, never one that another run
// comes from.
import { z } from 'zod'
import type { CheckpointInfo } from '#contract/tables/report.ts'

const count = z.number().int().nonnegative()
const bytes = z.number().nonnegative()

export const keepPolicySchema = z.discriminatedUnion('keep', [
  /** One after every domain: as they are made. */
  z.strictObject({ keep: z.literal('all') }),
  /** The last so many of each lane. */
  z.strictObject({ keep: z.literal('last'), count: z.number().int().min(1).max(10_000) }),
  /** Every k-th of each lane, counted from the first, and the last. */
  z.strictObject({ keep: z.literal('every'), k: z.number().int().min(2).max(10_000) }),
])
export type KeepPolicy = z.output<typeof keepPolicySchema>

export const spaceOfRunSchema = z.object({
  run: count,
  checkpoints: count, // how many
  checkpointBytes: bytes,
  stateBytes: bytes, // to resume from
  stepBytes: bytes, // numbers and layer reports
  otherBytes: bytes,
})
export type SpaceOfRun = z.output<typeof spaceOfRunSchema>

export const spaceOfFileSchema = z.object({
  fileBytes: bytes, // with what is not written back into it yet
  freeBytes: bytes, // in the file, unused
  /** Whether free space can be given back a little at a time; else the file must be written anew once. */
  releasable: z.boolean(),
})
export type SpaceOfFile = z.output<typeof spaceOfFileSchema>

export const storageUsageSchema = z.object({
  file: spaceOfFileSchema,
  runs: z.array(spaceOfRunSchema),
  policy: keepPolicySchema,
})
export type StorageUsage = z.output<typeof storageUsageSchema>

/** What a policy would take away. */
export const storagePlanSchema = z.object({
  runs: count,
  checkpoints: count,
  bytes,
  left: z
    .number()
    .int()
    .nonnegative() /* runs that are left alone, because they are under way or the guard may need theirs */,
})
export type StoragePlan = z.output<typeof storagePlanSchema>

/** Those that go, of one run. `branchedAt`: steps that other runs come from. */
export function toForget(
  checkpoints: readonly CheckpointInfo[],
  policy: KeepPolicy,
  branchedAt: readonly number[],
): CheckpointInfo[] {
  if (policy.keep === 'all') return []
  return [...Map.groupBy(checkpoints, ({ lane }) => lane).values()].flatMap((own) => {
    const ordered = own.toSorted((a, b) => a.step - b.step)
    return ordered.filter(({ step }, i) => {
      const last = i === ordered.length - 1
      const kept = policy.keep === 'last' ? i >= ordered.length - policy.count : i % policy.k === 0
      return !last && !kept && !branchedAt.includes(step)
    })
  })
}
