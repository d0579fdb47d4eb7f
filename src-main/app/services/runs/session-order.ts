// What a session is told of the device: the one that was asked for, the one that the run began on, and those that are ruled out.
import { devicesOf, type DeviceChoice, type DeviceOrder, type RuledOut } from '#contract/devices.ts'
import { refusedDevices } from '#app/services/machine/device-notes.ts'
import { chosenDevice, readSettings, sessionSettings } from '#app/services/machine/settings.ts'
import type { SessionSettings } from '#app/services/processes/session-process.ts'
import type { RunSessionsParts } from './run-sessions-parts.ts'

export interface SessionOrder {
  readonly wanted: SessionSettings
  readonly device: DeviceOrder
  /** The kind that it will ask for first, where it is known: what a run that goes on was computed on. */
  readonly asks: DeviceChoice
}

/** `asked`: for this session only; null = as the run's options and the settings say. `without`: devices that failed the run since it was started or resumed. */
export function sessionOrder(
  { store, dataFolder, program }: RunSessionsParts,
  run: number,
  asked: DeviceChoice | null,
  without: RuledOut,
): SessionOrder {
  const settings = readSettings(store)
  const before = store.runs.plan(run)
  const last = before ? devicesOf(before).at(-1) : undefined
  const choice = chosenDevice(asked ?? store.runs.get(run).options.device, before !== null, settings, process.env)
  const wanted = sessionSettings(settings, choice, before)
  return {
    wanted,
    asks: choice === 'auto' ? (last?.kind ?? choice) : choice,
    device: {
      choice,
      prefer: last ? { kind: last.kind, software: last.software } : null,
      without: [...refusedDevices(dataFolder, program, wanted.precision), ...without],
    },
  }
}
