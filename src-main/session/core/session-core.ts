// What every session has, whatever its images come from: the run's options and rows, a recorder for what it says, a control for what
// it is told. What it resumes from is in resume.ts.
import type { DeviceKind } from '#contract/devices.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { DeviceSources } from '#engine/compute/open-device.ts'
import type { Store } from '#store/store.ts'
import { Control } from './control.ts'
import { Recorder } from './recorder.ts'
import type { SessionLink, StartMessage } from './session-link.ts'

export interface SessionCore {
  readonly start: StartMessage
  readonly run: number
  readonly options: RunOptions
  readonly store: Store
  readonly link: SessionLink
  readonly recorder: Recorder
  readonly control: Control
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Of the program. */
  readonly version: string
  /** What there is to compute on; absent = what this machine offers. */
  readonly sources: (() => Promise<DeviceSources>) | undefined
  /** What it computes on, once that is open. */
  device: DeviceKind | null
}

/** @throws PalmError `run-not-found` */
export function sessionCore(
  start: StartMessage,
  link: SessionLink,
  store: Store,
  now: () => number,
  version: string,
  sources?: () => Promise<DeviceSources>,
): SessionCore {
  const { run } = start
  return {
    start,
    run,
    options: store.runs.options(run),
    store,
    link,
    recorder: new Recorder(store, run, link, now),
    control: new Control(link),
    now,
    version,
    sources,
    device: null,
  }
}
