// The devices of a run in order, with the one that it goes on with now.
import { devicesOf, type DeviceKind, type UsedDevice } from '#contract/devices.ts'
import type { RunPlan } from '#contract/tables/report.ts'
import { isLive } from '#contract/inputs/input-kinds.ts'
import type { ErrorCode, WireError } from '#contract/errors.ts'
import { sessionDevice, type DeviceFacts, type SessionDevice } from './session-device.ts'
import type { SessionCore } from './session-core.ts'

export interface RunDevice extends Pick<SessionDevice, 'device'> {
  readonly devices: readonly UsedDevice[]
}

/** Opens the device that the run is ordered on. `before`: its plan, where it goes on. @throws PalmError as `sessionDevice` */
export async function openRunDevice(core: SessionCore, before: RunPlan | null): Promise<RunDevice> {
  const { start, store, run, version, sources } = core
  const { device, facts } = await sessionDevice(start, {
    program: version,
    sources,
    opened: (kind) => {
      core.device = kind
    },
  })
  return { device, devices: withDevice(before, facts, store.runs.get(run).step) }
}

/** `step`: the first one that is computed on it now. */
export function withDevice(before: RunPlan | null, facts: DeviceFacts, step: number): UsedDevice[] {
  const known = before ? devicesOf(before) : []
  const last = known.at(-1)
  if (!last) return [{ ...facts, from: 0 }]
  if (isSame(last, facts)) return [...known.slice(0, -1), { ...last, ...facts, because: last.because, from: last.from }]
  const because = facts.because ?? 'The run was resumed on it.'
  const earlier = known.filter(({ from }) => from < step)
  return [...earlier, { ...facts, because, from: earlier.length === 0 ? 0 : step }]
}

/** Older versions did not record names and drivers. */
function isSame(a: DeviceFacts, b: DeviceFacts): boolean {
  const sameText = (one: string, other: string): boolean => one === other || one === ''
  return (
    a.kind === b.kind &&
    a.software === b.software &&
    a.precision === b.precision &&
    a.library === b.library &&
    sameText(a.name, b.name) &&
    sameText(a.driver, b.driver)
  )
}

/** Of a card: the processor has another driver, and other memory. */
const failures: readonly ErrorCode[] = ['device-wrong', 'device-lost', 'out-of-memory']

/** Whether the run can go on without the device that failed: it is a card, the choice is the program's, and no frames are lost. @returns the card */
export function deviceToLeave(core: SessionCore, error: WireError): DeviceKind | null {
  const { device, start, options, store, run } = core
  if (start.device.choice !== 'auto') return null
  if (device === null || device === 'cpu' || !failures.includes(error.code)) return null
  return isLive(options.input) && store.runs.plan(run) !== null ? null : device
}

/** What a person can do about it: go on with batches of half the size, or, where a device was asked for by name, on another one. */
export function withRemedy(core: SessionCore, error: WireError): WireError {
  // What goes on by itself needs nobody's help.
  if (!failures.includes(error.code) || deviceToLeave(core, error) !== null) return error
  const { start, run, options, store } = core
  const remedies: string[] = []
  const mayHalve = error.code === 'out-of-memory' && !isLive(options.input) && options.window === null
  if (mayHalve && !store.cells.holds(run))
    remedies.push(
      `“palm resume ${run} --halve-batch” or “Halve the batch and go on” takes batches of half the size from here on, whose numbers are others than those of whole ones; that is recorded with the run.`,
    )
  if (start.device.choice !== 'auto' && start.device.choice !== 'cpu')
    remedies.push(
      isLive(options.input)
        ? 'Choose “automatic” as the device and start again.'
        : `What was recorded is kept: “palm resume ${run} --device auto” goes on with what is left, as does “Resume” with the device “automatic”.`,
    )
  return { ...error, message: [error.message, ...remedies].join(' ') }
}
