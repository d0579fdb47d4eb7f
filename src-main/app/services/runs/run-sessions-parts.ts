// What the sessions of runs are given.
import type { StartSession } from '#app/services/processes/session-process.ts'
import type { DeviceSlot } from '#contract/runs/device-slots.ts'
import type { Records } from './records.ts'

export interface RunSessionsParts {
  readonly store: Records
  readonly dataFolder: string
  readonly resourcesFolder: string
  readonly startSession: StartSession
  /** What of this machine computes one run at a time each; absent = all of it counts as one. */
  readonly findSlots?: (() => Promise<readonly DeviceSlot[]>) | undefined
  /** Worker threads of a session; null = chosen by the number of cores. */
  readonly workers: number | null
  /** Whether somebody looks at the images. */
  readonly preview: boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** This program's version. */
  readonly program: string
}
