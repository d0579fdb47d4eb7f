// Opens what every entry needs: the data folder, the store in it and the run service over it.
import { join } from 'node:path'
import { dataFolderPath, databaseName, followMove, prepareDataFolder } from '#app/services/data/data-folder.ts'
import { openRuns, type Runs } from '#app/services/runs/runs.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import type { DeviceSlot } from '#contract/runs/device-slots.ts'
import { openStore } from '#store/store.ts'
import type { Store } from '#store/store.ts'
import { version } from './version.ts'

export interface WorkspaceOptions {
  /** As chosen by the user; null = PALM_DATA or the platform's place. */
  readonly data: string | null
  readonly resourcesFolder: string
  readonly startSession: StartSession
  readonly workers: number | null
  readonly preview: boolean
  /** What of this machine computes one run at a time each; absent = all of it counts as one. */
  readonly findSlots?: () => Promise<readonly DeviceSlot[]>
}

/** The place that the environment or the command names; the data is there or where it was moved to. */
export const startPlace = (data: string | null): string => dataFolderPath(process.env, process.platform, data)

export interface Workspace {
  readonly dataFolder: string
  readonly resourcesFolder: string
  readonly store: Store
  readonly runs: Runs
}

/** Throws `input-unreadable`, `store-damaged`, `disk-full`. Whoever opens it closes `runs`, then `store`. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  return openWorkspaceIn(followMove(startPlace(options.data)), options)
}

/** The same in exactly this folder. */
export async function openWorkspaceIn(folder: string, options: Omit<WorkspaceOptions, 'data'>): Promise<Workspace> {
  const dataFolder = await prepareDataFolder(folder)
  const store = openStore(join(dataFolder, databaseName))
  const { resourcesFolder, startSession, workers, preview, findSlots } = options
  const runs = openRuns({
    store,
    dataFolder,
    resourcesFolder,
    startSession,
    findSlots,
    workers,
    preview,
    now: Date.now,
    program: version(),
  })
  runs.sessions.recover()
  return { dataFolder, resourcesFolder, store, runs }
}
