// Whether a session found that the GPU computes wrong numbers (session/core/proven-device.ts). Then sessions begin on the processor, until the driver or
// this program is another: the next one tries again.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { driverFile, keptProofFile, keptProofSchema } from '#contract/device-proof.ts'
import type { SessionSettings } from '#app/services/processes/session-process.ts'

/** The same settings, or those of the processor where the choice is left to us and the GPU is known to be wrong. `program`: this program's version. */
export function withoutRefused(settings: SessionSettings, dataFolder: string, program: string): SessionSettings {
  return settings.device === 'auto' && isRefused(dataFolder, program) ? { ...settings, device: 'cpu' } : settings
}

function isRefused(dataFolder: string, program: string): boolean {
  const text = textOf(join(dataFolder, keptProofFile))
  if (text === '') return false
  try {
    const { subject, proof } = keptProofSchema.parse(JSON.parse(text))
    return proof.deviations.length > 0 && subject.program === program && subject.driver === textOf(driverFile).trim()
  } catch {
    return false // of another version
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
