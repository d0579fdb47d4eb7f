// Joins the layers that the services may not know: where things lie, which processes compute, who reads inputs and weights.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { z } from 'zod'
import { forkSessions } from '../app/hosts/node.ts'
import type { AppParts } from '../app/services/app.ts'
import { probeDevice } from '../app/services/doctor.ts'
import type { NativeStatus } from '../app/services/doctor.ts'
import { inspectModel } from '../app/services/models.ts'
import type { DescribeModel } from '../app/services/models.ts'
import type { StartSession } from '../app/services/session-process.ts'
import type { ModelInfo } from '../contract/report.ts'
import type { ModelOptions } from '../contract/run-options.ts'
import { processEnvironment } from '../engine/compute/environment.ts'
import { describeModel, hashTensors, readTensors } from '../engine/models/load.ts'
import { elementCount } from '../engine/models/model.ts'
import type { Workspace } from './workspace.ts'

const root = join(import.meta.dirname, '..', '..')

/** Where things lie when the sources run as they are (web host, command). Electron's bundle has its own places. */
export const sourceFolders = { resources: join(root, 'resources'), renderer: join(root, 'out', 'renderer') } as const

export function appVersion(): string {
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).version
}

/** The processes that compute, as children of plain Node. */
export function forkedProcesses(): { readonly session: StartSession; readonly probe: StartSession } {
  const start = (file: string): StartSession => forkSessions(join(import.meta.dirname, file), processEnvironment)
  return { session: start('session.ts'), probe: start('probe.ts') }
}

const statusSchema = z.object({ ok: z.boolean(), library: z.string(), reason: z.string().nullable() }).nullable()

/** As the last set-up left it. Without a set-up nothing is known, and the session says it if the library cannot be loaded. */
export function nativeStatus(): NativeStatus {
  const unknown: NativeStatus = { ok: true, reason: null, library: null }
  try {
    // Plain JavaScript for any Node, outside the sources; not there in a packaged app.
    const setUp: unknown = createRequire(import.meta.url)('../../build/setup/native.mjs')
    const { readNativeStatus } = z.object({ readNativeStatus: z.custom<() => unknown>((value) => typeof value === 'function') }).parse(setUp)
    const status = statusSchema.parse(readNativeStatus())
    return status ? { ok: status.ok, reason: status.reason, library: status.library || null } : unknown
  } catch {
    return unknown
  }
}

/** By the engine's reader, which needs no native library. `hash` is that of the run's record. */
const describe: DescribeModel = (bytes, fileName, options) => {
  const found = describeModel(bytes, { fileName, ...options })
  const size = found.inputSize ?? { width: 0, height: 0 }
  return {
    hash: hashTensors(readTensors(bytes, fileName).tensors),
    architecture: found.name,
    parameters: found.tensors.reduce((sum, { kind, shape }) => (kind === 'bn-mean' || kind === 'bn-variance' ? sum : sum + elementCount(shape)), 0),
    classes: found.classes,
    classNames: [...(found.classNames ?? [])],
    normalization: { mean: [...found.normalization.mean], std: [...found.normalization.std] },
    inputSize: { width: size.width, height: size.height },
  }
}

export function inspectModelFile(resourcesFolder: string, model: ModelOptions): Promise<ModelInfo> {
  return inspectModel(model, resourcesFolder, describe)
}

/** The whole adapted model as the bytes of a .safetensors file. */
export async function exportFrom({ store, resourcesFolder }: Workspace, run: number, checkpoint: number): Promise<Uint8Array> {
  const { exportCheckpoint } = await import('../session/export.ts')
  return exportCheckpoint(store, resourcesFolder, run, checkpoint)
}

/** What a window may ask for beyond runs and settings. */
export function abilities(workspace: Workspace, probe: StartSession): Pick<AppParts, 'inspectInput' | 'inspectModel' | 'exportCheckpoint' | 'probe'> {
  return {
    async inspectInput(path) {
      const { inspectInput } = await import('../stream/inputs/inspect.ts')
      return inspectInput(path)
    },
    inspectModel: (model) => inspectModelFile(workspace.resourcesFolder, model),
    exportCheckpoint: (run, checkpoint) => exportFrom(workspace, run, checkpoint),
    probe: () => probeDevice(probe),
  }
}
