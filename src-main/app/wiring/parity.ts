// Our methods against a folder of stored traces, on this process's own device.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { runParity } from '#engine/parity/parity.ts'

/** Throws `input-unreadable`, `native-missing`. */
export function parityReport(folder: string): ReturnType<typeof runParity> {
  return runParity(loadDevice(), (name) => {
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
}
