// Sweeps and estimates, with what they ask of other rooms: inputs, models and the speed of the machine.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { probeDevice } from '#app/services/machine/doctor.ts'
import { chosenDevice, readSettings, sessionSettings } from '#app/services/machine/settings.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import { RunEstimates } from '#app/services/runs/run-estimate.ts'
import type { SweepAbilities } from '#app/services/sweeps/sweep-planner.ts'
import { SweepService } from '#app/services/sweeps/sweeps.ts'
import { paperTablesSchema } from '#contract/sweeps/sweep.ts'
import { modelCost, refusalsOf } from '#session/open-model.ts'
import { fingerprintInput } from '#stream/inputs/inspect.ts'
import { foldersIn } from './inputs.ts'
import type { Workspace } from './workspace.ts'

/** Of what a run would be computed on. */
async function gigaflopsBy(probe: StartSession, store: Workspace['store']): Promise<number | null> {
  const settings = readSettings(store)
  const choice = chosenDevice(null, false, settings, process.env)
  const found = await probeDevice(probe, sessionSettings(settings, choice, null)).catch(() => null)
  return found?.ok ? found.forwardGigaflops : null
}

/** The sweeps of a workspace, with what other layers know. */
export function sweepsOf(workspace: Workspace, probe: StartSession): SweepService {
  const { resourcesFolder, store, runs } = workspace
  const abilities: SweepAbilities = {
    fingerprintInput: (input, source) =>
      fingerprintInput(input, foldersIn(resourcesFolder, source ? 'source' : 'images')),
    inspectModel: (model) => modelCost(model, resourcesFolder),
    refusals: (model, lanes, hasSource) => refusalsOf(model, resourcesFolder, lanes, hasSource),
    gigaflops: () => gigaflopsBy(probe, store),
    paperTables: async () =>
      paperTablesSchema.parse(
        JSON.parse(await readFile(join(resourcesFolder, 'paper', 'palm-aaai-2025.json'), 'utf8')),
      ),
  }
  return new SweepService({ store, runs, abilities, now: Date.now })
}

/** What a run will take, from the runs of a workspace. */
export function estimatesOf(
  { store, runs, dataFolder, resourcesFolder }: Workspace,
  probe: StartSession,
): RunEstimates {
  return new RunEstimates({
    store,
    runs: runs.sessions,
    dataFolder,
    abilities: {
      sampleModel: () => modelCost({ kind: 'sample' }, resourcesFolder),
      gigaflops: () => gigaflopsBy(probe, store),
    },
  })
}
