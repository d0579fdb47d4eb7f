// A workspace with its sweeps, closed again.
import type { Shard } from '#app/services/sweeps/shards.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { Workspace } from '#app/wiring/workspace.ts'
import type { ParsedCommand } from './command.ts'
import type { CliParts } from './parts.ts'

interface Where {
  readonly workers?: number | null
  /** The data folder; absent = `--data`, else the usual one. */
  readonly data?: string
  readonly shard?: Shard
}

/** Closes what it opened, also after an error. */
export async function withSweeps(
  parsed: ParsedCommand,
  parts: CliParts,
  { workers = null, data, shard }: Where,
  work: (workspace: Workspace, sweeps: SweepService) => Promise<number>,
): Promise<number> {
  const workspace = await parts.open(data ?? parsed.values.get('data') ?? null, workers)
  const sweeps = parts.sweeps(workspace, shard ?? null)
  try {
    return await work(workspace, sweeps)
  } finally {
    await sweeps.close()
    await workspace.runs.sessions.close()
    workspace.store.close()
  }
}
