// A card held against the processor's numbers before it is first used, and again whenever it, its driver, its library or this program has changed. What it
// showed is noted in the data folder, where the host looks it up before it starts the next session. A processor is where the numbers come from: `palm doctor`
// proves it, a session does not.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  deviationsInWords,
  keptProofFile,
  keptProofsSchema,
  type DeviceProof,
  type KeptProof,
  type ProvenSubject,
} from '#contract/device-proof.ts'
import { kindName } from '#contract/devices.ts'
import { PalmError } from '#contract/errors.ts'
import type { Device } from '#engine/compute/device.ts'

/** Subjects that are remembered: both precisions of a few cards. */
const mostKept = 20

/** From the note, else made now (seconds on a card's first use). @throws PalmError `device-wrong` */
export async function proveOnce(device: Device, dataFolder: string, subject: ProvenSubject): Promise<DeviceProof> {
  const kept = await readKept(join(dataFolder, keptProofFile))
  const known = kept.find((one) => sameSubject(one.subject, subject))?.proof
  const proof = known ?? (await proven(device, subject))
  if (!known) await noteProof(dataFolder, subject, proof)
  if (proof.deviations.length > 0) throw wrongDevice(device, proof)
  return proof
}

/** The cases are computed when they are loaded, which is half of a session's start: only where a card is proven. */
async function proven(device: Device, { precision }: ProvenSubject): Promise<DeviceProof> {
  const { proveDevice } = await import('#engine/parity/device/device-proof.ts')
  return proveDevice(device, precision)
}

/** In the place of what was noted of the same subject before. */
export async function noteProof(dataFolder: string, subject: ProvenSubject, proof: DeviceProof): Promise<void> {
  const path = join(dataFolder, keptProofFile)
  const others = (await readKept(path)).filter((one) => !sameSubject(one.subject, subject))
  await keep(path, [{ subject, proof }, ...others].slice(0, mostKept))
}

const sameSubject = (a: ProvenSubject, b: ProvenSubject): boolean =>
  (Object.keys(b) as (keyof ProvenSubject)[]).every((key) => a[key] === b[key])

async function readKept(path: string): Promise<KeptProof[]> {
  try {
    return keptProofsSchema.parse(JSON.parse(await readFile(path, 'utf8'))).proofs
  } catch {
    return [] // none yet, or of another version: made anew
  }
}

async function keep(path: string, proofs: readonly KeptProof[]): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify({ proofs }))
  await rename(`${path}.new`, path)
}

const wrongDevice = ({ kind }: Device, proof: DeviceProof): PalmError =>
  new PalmError(
    'device-wrong',
    `${kindName(kind)} computes other numbers than the processor: ${deviationsInWords(proof)}. It is not used until its driver or this program changes.`.replace(
      /^./,
      (first) => first.toUpperCase(),
    ),
    JSON.stringify(proof.deviations.slice(0, 50)),
  )
