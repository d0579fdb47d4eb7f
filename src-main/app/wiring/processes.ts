// The processes that the program starts outside Electron.
import { forkSessions } from '#app/hosts/node.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import { environmentOf, processEnvironment } from '#engine/compute/environment.ts'
import { programFile } from './program-files.ts'

/** Of a run or a task, and of the measuring of the machine. */
export interface Processes {
  readonly session: StartSession
  readonly probe: StartSession
}

export function forkedProcesses(): Processes {
  return {
    session: forkSessions(programFile('session'), processEnvironment, environmentOf),
    probe: forkSessions(programFile('probe'), processEnvironment, environmentOf),
  }
}
