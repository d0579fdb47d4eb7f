// Our methods against a folder of stored traces, in this process.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DeviceChoice, UsedDevice } from '#contract/devices.ts'
import { PalmError } from '#contract/errors.ts'
import { openDevice } from '#engine/compute/open-device.ts'
import { runParity } from '#engine/parity/parity.ts'
import { factsOf, machineSources } from '#session/core/session-device.ts'

/** On a device that need not have proven itself: this is a proof. @throws PalmError `input-unreadable`, `native-missing`, `device-missing` */
export async function parityReport(
  folder: string,
  choice: DeviceChoice,
): Promise<{ readonly device: UsedDevice; readonly report: Awaited<ReturnType<typeof runParity>> }> {
  const { device, because } = await openDevice({ choice, prefer: null, without: [] }, await machineSources())
  const report = await runParity(device, (name) => {
    try {
      return readFileSync(join(folder, name))
    } catch (cause) {
      throw new PalmError(
        'input-unreadable',
        `${join(folder, name)} cannot be read: is ${folder} a parity folder?`,
        String(cause),
        { cause },
      )
    }
  })
  return { device: { ...(await factsOf(device)), because, from: 0 }, report }
}
