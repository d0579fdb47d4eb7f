// A workspace with its sweeps, closed again.
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { Workspace } from '#app/wiring/workspace.ts'
import type { ParsedCommand } from './command.ts'
import type { CliParts } from './parts.ts'

/** Closes what it opened, also after an error. */
export async function withSweeps(
  parsed: ParsedCommand,
  parts: CliParts,
  workers: number | null,
  work: (workspace: Workspace, sweeps: SweepService) => Promise<number>,
): Promise<number> {
  const workspace = await parts.open(parsed.values.get('data') ?? null, workers)
  const sweeps = parts.sweeps(workspace)
  try {
    return await work(workspace, sweeps)
  } finally {
    await sweeps.close()
    await workspace.runs.sessions.close()
    workspace.store.close()
  }
}
