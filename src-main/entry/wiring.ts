// What the entries have in common: where things lie, how processes are started outside Electron, and the parts of other layers that the
// services are given instead of importing them.
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { z } from 'zod'
import { forkSessions } from '../app/hosts/node.ts'
import type { AppParts } from '../app/services/app.ts'
import { probeDevice, type NativeStatus } from '../app/services/doctor.ts'
import { SweepService, type SweepAbilities } from '../app/services/sweeps.ts'
import type { StartSession } from '../app/services/session-process.ts'
import type { ModelInfo } from '../contract/report.ts'
import type { ModelOptions } from '../contract/run-options.ts'
import { paperTablesSchema } from '../contract/sweep.ts'
import { processEnvironment } from '../engine/compute/environment.ts'
import { exportCheckpoint } from '../session/export.ts'
import { inspectModel, modelCost, refusalsOf } from '../session/open-model.ts'
import { fingerprintInput, inspectInput } from '../stream/inputs/inspect.ts'
import { version } from './version.ts'
import type { Workspace } from './workspace.ts'
import { cacheFolder } from '../../build/setup/places.mjs'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Of a checkout: sources run in place. */
export const sourceFolders = { resources: here('../../resources'), renderer: here('../../out/renderer') }

export const appVersion = version

export function forkedProcesses(): { session: StartSession; probe: StartSession } {
  return { session: forkSessions(here('./session.ts'), processEnvironment), probe: forkSessions(here('./probe.ts'), processEnvironment) }
}

const nativeSchema = z.object({ ok: z.boolean(), library: z.string(), reason: z.string().nullable() })

/** As the set-up left it (build/setup/native.mjs writes the file). Without one, whether it works shows when a run starts. */
export function nativeStatus(): NativeStatus {
  const file = join(cacheFolder(), 'native.json')
  if (process.env.PALM_TFJS_BINDING) return { ok: existsSync(process.env.PALM_TFJS_BINDING), settingUp: false, reason: null, library: process.env.PALM_TFJS_BINDING }
  try {
    const { ok, library, reason } = nativeSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    return { ok, settingUp: false, library: library || null, reason }
  } catch {
    return { ok: true, settingUp: false, library: null, reason: null }
  }
}

export function inspectModelFile(resourcesFolder: string, model: ModelOptions): Promise<ModelInfo> {
  return inspectModel(model, resourcesFolder)
}

export function exportFrom(workspace: Workspace, run: number, checkpoint: number): Promise<Uint8Array> {
  return exportCheckpoint(workspace.store, workspace.resourcesFolder, run, checkpoint)
}

/** The sweeps of a workspace, with what other layers know. */
export function sweepsOf(workspace: Workspace, probe: StartSession): SweepService {
  const { resourcesFolder, store, runs } = workspace
  const abilities: SweepAbilities = {
    fingerprintInput: (input, source) => fingerprintInput(input.kind === 'sample' ? join(resourcesFolder, 'sample', source ? 'source' : 'images') : input.path, input.kind === 'sample' ? 'EuroSAT sample' : null),
    inspectModel: (model) => modelCost(model, resourcesFolder),
    refusals: (model, lanes, hasSource) => refusalsOf(model, resourcesFolder, lanes, hasSource),
    gigaflops: async () => {
      const found = await probeDevice(probe).catch(() => null)
      return found?.ok ? found.forwardGigaflops : null
    },
    paperTables: async () => paperTablesSchema.parse(JSON.parse(await readFile(join(resourcesFolder, 'paper', 'palm-aaai-2025.json'), 'utf8'))),
  }
  return new SweepService({ store, runs, abilities, now: Date.now })
}

/** The parts of the app that come from other layers. */
export function abilities(workspace: Workspace, probe: StartSession): Pick<AppParts, 'inspectInput' | 'inspectModel' | 'exportCheckpoint' | 'probe'> {
  return {
    inspectInput,
    inspectModel: (model) => inspectModelFile(workspace.resourcesFolder, model),
    exportCheckpoint: (run, checkpoint) => exportFrom(workspace, run, checkpoint),
    probe: () => probeDevice(probe),
  }
}
