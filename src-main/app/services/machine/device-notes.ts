// What sessions noted of cards (session/core/proven-device.ts): whether the NVIDIA GPU computes wrong numbers, so that sessions begin without it until the driver
// or this program is another, and how far TF32 was off. Other cards' drivers are not known here: a session that opens such a card reads the note itself.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  deviationsInWords,
  driverFile,
  keptProofFile,
  keptProofsSchema,
  type KeptProof,
} from '#contract/device-proof.ts'
import { kindName, type Precision, type RuledOut } from '#contract/devices.ts'

/** `program`: this program's version. */
export function refusedDevices(dataFolder: string, program: string, precision: Precision): RuledOut {
  const wrong = notesOfNvidia(dataFolder, precision).find(
    ({ subject, proof }) => subject.program === program && proof.deviations.length > 0,
  )
  if (!wrong) return []
  const reason = `${kindName('cuda')} computes other numbers than the processor (${deviationsInWords(wrong.proof)}) and is not used until its driver or this program changes.`
  return [{ kind: 'cuda', reason: reason.replace(/^./, (first) => first.toUpperCase()) }]
}

/** How far TF32 was off on the NVIDIA card, relative to the largest number; null = not measured with this driver. */
export function measuredTf32(dataFolder: string): number | null {
  return notesOfNvidia(dataFolder, 'tf32').find(({ proof }) => proof.network !== null)?.proof.network ?? null
}

/** Made with the driver that there is now, the newest first. */
function notesOfNvidia(dataFolder: string, precision: Precision): readonly KeptProof[] {
  try {
    const { proofs } = keptProofsSchema.parse(JSON.parse(textOf(join(dataFolder, keptProofFile))))
    const driver = textOf(driverFile).trim()
    return proofs.filter(
      ({ subject }) => subject.device === 'cuda' && subject.driver === driver && subject.precision === precision,
    )
  } catch {
    return [] // none yet, or of another version
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
