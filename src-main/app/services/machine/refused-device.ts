// Whether a session found that the NVIDIA GPU computes wrong numbers (session/core/proven-device.ts). Then sessions begin without it, until the driver or
// this program is another. Other cards' drivers are not known here: a session that opens such a card reads the note itself.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deviationsInWords, driverFile, keptProofFile, keptProofsSchema } from '#contract/device-proof.ts'
import { kindName, type Precision, type RuledOut } from '#contract/devices.ts'

/** `program`: this program's version. */
export function refusedDevices(dataFolder: string, program: string, precision: Precision): RuledOut {
  const text = textOf(join(dataFolder, keptProofFile))
  if (text === '') return []
  try {
    const { proofs } = keptProofsSchema.parse(JSON.parse(text))
    const driver = textOf(driverFile).trim()
    const wrong = proofs.find(
      ({ subject, proof }) =>
        subject.device === 'cuda' &&
        subject.program === program &&
        subject.driver === driver &&
        subject.precision === precision &&
        proof.deviations.length > 0,
    )
    if (!wrong) return []
    const reason = `${kindName('cuda')} computes other numbers than the processor (${deviationsInWords(wrong.proof)}) and is not used until its driver or this program changes.`
    return [{ kind: 'cuda', reason: reason.replace(/^./, (first) => first.toUpperCase()) }]
  } catch {
    return [] // of another version
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
