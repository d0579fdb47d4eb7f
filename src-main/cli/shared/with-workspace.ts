// What every command shares: where text goes, and a workspace that is closed again.
import type { Workspace } from '#app/wiring/workspace.ts'
import type { DamagedRow } from '#contract/data/damage.ts'
import type { ParsedCommand } from './command.ts'
import type { CliParts } from './parts.ts'

export const out = (text: string): void => void process.stdout.write(text)
export const outJson = (value: unknown): void => out(`${JSON.stringify(value, null, 2)}\n`)

/** On stderr, beside a list that goes without them. */
export function tellDamaged(rows: readonly DamagedRow[]): void {
  if (rows.length === 0) return
  const entries = rows.length === 1 ? 'One entry is' : `${rows.length} entries are`
  process.stderr.write(`${entries} damaged and left out: palm damage lists them.\n`)
}

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
