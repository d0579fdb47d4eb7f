// What every command shares: where text goes, and a workspace that is closed again.
import type { Workspace } from '#app/wiring/workspace.ts'
import type { ParsedCommand } from './command.ts'
import type { CliParts } from './parts.ts'

export const out = (text: string): void => void process.stdout.write(text)
export const outJson = (value: unknown): void => out(`${JSON.stringify(value, null, 2)}\n`)

/** Closes what it opened, also after an error. */
export async function withWorkspace(
  parsed: ParsedCommand,
  parts: CliParts,
  workers: number | null,
  work: (workspace: Workspace) => number | Promise<number>,
): Promise<number> {
  const workspace = await parts.open(parsed.values.get('data') ?? null, workers)
  try {
    return await work(workspace)
  } finally {
    await workspace.runs.sessions.close()
    workspace.store.close()
  }
}
