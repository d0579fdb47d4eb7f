// What every command shares: the parts that the entry wires in, where text goes, and a workspace that is closed again.
import type { DoctorParts } from '#app/services/machine/doctor.ts'
import type { ModelLibrary } from '#app/services/models/model-library.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { InputInfo } from '#contract/inputs/input-info.ts'
import type { WireError } from '#contract/errors.ts'
import type { ExportRequest, ExportResult } from '#contract/models/export.ts'
import type { ModelDetailsReport } from '#contract/models/library.ts'
import type { InputOptions, ModelOptions } from '#contract/runs/run-options.ts'
import type { Workspace } from '#entry/workspace.ts'
import type { ParsedCommand } from './options.ts'

/** What the entry wires in. */
export interface CliParts {
  open(data: string | null, workers: number | null): Promise<Workspace>
  classesOf(model: ModelOptions): Promise<number>
  models(workspace: Workspace): ModelLibrary
  describeModel(model: ModelOptions, batch: number): Promise<ModelDetailsReport>
  inspectInput(input: InputOptions, model: ModelOptions | null): Promise<InputInfo>
  exportCheckpoint(workspace: Workspace, request: ExportRequest): Promise<ExportResult>
  doctor(data: string | null): Promise<DoctorParts>
  sweeps(workspace: Workspace): SweepService
  printError(error: WireError): void
}

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
