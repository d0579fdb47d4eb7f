// The processes that the program starts outside Electron.
import { existsSync } from 'node:fs'
import { forkSessions } from '#app/hosts/node.ts'
import { keepSessions } from '#app/services/processes/kept-sessions.ts'
import type { SessionSettings, StartSession } from '#app/services/processes/session-process.ts'
import { driverFile } from '#contract/device-proof.ts'
import { environmentOf, processEnvironment } from '#engine/compute/environment.ts'
import { programFile } from './program-files.ts'
import { cudaName } from './machine-devices.ts'

/** Of a run or a task, and of the measuring of the machine. */
export interface Processes {
  readonly session: StartSession
  readonly probe: StartSession
}

/** One set for this process: what is kept for the next order is kept for all. */
let forked: Processes | null = null

export function forkedProcesses(): Processes {
  return (forked ??= {
    session: keepSessions(forkSessions(programFile('session'), processEnvironment, environmentOf), environmentInWords),
    probe: forkSessions(programFile('probe'), processEnvironment, environmentOf),
  })
}

/**
 * All that a process of these settings is started with: the same text, the same environment. Null where it may take an NVIDIA card, which one order has and the
 * next may not. Without a driver there is none to hide, a session is told its device in its order, and a run may follow a task.
 */
export function environmentInWords(settings?: SessionSettings): string | null {
  const environment: NodeJS.ProcessEnv = { ...process.env, ...(settings ? environmentOf(settings) : {}) }
  if (process.platform === 'linux' && !existsSync(driverFile)) {
    delete environment['CUDA_VISIBLE_DEVICES']
    delete environment['PALM_DEVICE']
  } else if (settings?.device !== 'cpu') return null
  return JSON.stringify(environment)
}

/** Sessions that see one NVIDIA card: the one of that number among those that this process may see. */
export function sessionsOnCard(number: number): StartSession {
  const card = cudaName(number)
  return forkSessions(programFile('session'), processEnvironment, (settings) => environmentOf({ ...settings, card }))
}
