// A lab's queue for the app: its client is loaded when somebody connects, and what images and models hold is read in a process of its own.
import { join } from 'node:path'
import { placeOfEnvironment } from '#app/services/lab/lab-address.ts'
import { LabPassword } from '#app/services/lab/lab-password.ts'
import { LabService } from '#app/services/lab/lab-service.ts'
import { LabSweep } from '#app/services/lab/lab-sweep.ts'
import type { KeyStore } from '#app/services/machine/key-store.ts'
import type { Log } from '#app/services/machine/log.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import { contentInProcess } from '#app/services/processes/task-process.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import { filesOf } from './lab-contents.ts'
import { version } from './version.ts'
import type { Workspace } from './workspace.ts'

export interface AppLabParts {
  readonly workspace: Workspace
  readonly sweeps: SweepService
  readonly session: StartSession
  readonly keys: KeyStore
  readonly log: Log
  readonly isMoving: () => boolean
  /** How often the queue’s counts are made anew; absent: as usual. */
  readonly superviseSeconds?: number
}

const everyMs = 1000

export function appLab({ workspace, sweeps, session, keys, log, isMoving, ...rest }: AppLabParts): LabService {
  const { store, dataFolder } = workspace
  const environment = placeOfEnvironment()
  return new LabService({
    store,
    sweeps,
    environment,
    log,
    isMoving,
    everyMs,
    password: new LabPassword(keys, join(dataFolder, 'keys'), environment),
    async open(address) {
      const { LabQueue } = await import('#app/services/lab/lab-queue.ts')
      return LabQueue.open(address, { worker: null, ...rest })
    },
    labOf: (queue, told, signal) =>
      new LabSweep({
        queue,
        store,
        sweeps,
        filesOf,
        told,
        signal,
        program: version(),
        abilities: {
          inputContent: (input, source) => contentInProcess(session, { input, source }, workspace, signal),
          modelContent: (model) => contentInProcess(session, { model }, workspace, signal),
        },
      }),
  })
}
