// Sweeps and estimates, with what they ask of other rooms: inputs, models and the speed of the machine.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { probeDevice } from '#app/services/machine/doctor.ts'
import { chosenDevice, readSettings, sessionSettings } from '#app/services/machine/settings.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import { RunEstimates } from '#app/services/runs/run-estimate.ts'
import type { SweepAbilities } from '#app/services/sweeps/sweep-planner.ts'
import type { Shard } from '#app/services/sweeps/shards.ts'
import { SweepService } from '#app/services/sweeps/sweeps.ts'
import { paperTablesSchema } from '#contract/sweeps/sweep.ts'
import { modelCost, refusalsOf } from '#session/open-model.ts'
import { fingerprintInput } from '#stream/inputs/inspect.ts'
import { foldersIn } from './inputs.ts'
import type { Workspace } from './workspace.ts'

const speeds = new WeakMap<StartSession, Map<string, Promise<number | null>>>()

/** Of what a run would be computed on. Measured once a program, for it takes seconds of the processor; again where it could not be, or a run took its share meanwhile. */
function gigaflopsBy(probe: StartSession, { store, runs }: Workspace): Promise<number | null> {
  const settings = readSettings(store)
  const wanted = sessionSettings(settings, chosenDevice(null, false, settings, process.env), null)
  const key = JSON.stringify(wanted)
  const measured = speeds.get(probe) ?? new Map<string, Promise<number | null>>()
  speeds.set(probe, measured)
  const known = measured.get(key)
  if (known) return known
  const speed = probeDevice(probe, wanted).then(
    (found) => (found.ok ? found.forwardGigaflops : null),
    () => null,
  )
  if (runs.sessions.activeRuns.length > 0) return speed
  measured.set(key, speed)
  void speed.then((found) => found === null && measured.delete(key))
  return speed
}

/** The sweeps of a workspace, with what other layers know. `shard`: the part of every sweep that is computed here. */
export function sweepsOf(workspace: Workspace, probe: StartSession, shard: Shard | null = null): SweepService {
  const { resourcesFolder, store, runs } = workspace
  const abilities: SweepAbilities = {
    fingerprintInput: (input, source) =>
      fingerprintInput(input, foldersIn(resourcesFolder, source ? 'source' : 'images')),
    inspectModel: (model) => modelCost(model, resourcesFolder),
    refusals: (model, lanes, hasSource) => refusalsOf(model, resourcesFolder, lanes, hasSource),
    gigaflops: () => gigaflopsBy(probe, workspace),
    paperTables: async () =>
      paperTablesSchema.parse(
        JSON.parse(await readFile(join(resourcesFolder, 'paper', 'palm-aaai-2025.json'), 'utf8')),
      ),
  }
  return new SweepService({ store, runs, abilities, now: Date.now, shard })
}

/** What a run will take, from the runs of a workspace. */
export function estimatesOf(workspace: Workspace, probe: StartSession): RunEstimates {
  const { store, runs, dataFolder, resourcesFolder } = workspace
  return new RunEstimates({
    store,
    runs: runs.sessions,
    dataFolder,
    abilities: {
      sampleModel: () => modelCost({ kind: 'sample' }, resourcesFolder),
      gigaflops: () => gigaflopsBy(probe, workspace),
    },
  })
}
