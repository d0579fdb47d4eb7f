// The device of a session, held against the processor's numbers before it is first used, and again whenever its driver, its library or this program has
// changed. What it showed is noted in the data folder, where the host looks it up before it starts the next session. A processor is where the numbers come
// from: `palm doctor` proves it, a session does not.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  deviationsInWords,
  driverFile,
  keptProofFile,
  keptProofSchema,
  type DeviceProof,
  type KeptProof,
  type ProvenSubject,
} from '#contract/device-proof.ts'
import { PalmError } from '#contract/errors.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import type { Device } from '#engine/compute/device.ts'
import { chosenCompute } from '#engine/compute/environment.ts'
import { proveDevice } from '#engine/parity/device/device-proof.ts'

/** `program`: this program's version. @throws PalmError `native-missing`, `device-wrong` */
export async function provenDevice(dataFolder: string, program: string): Promise<Device> {
  const device = loadDevice()
  if (device.kind === 'cpu') return device
  const driver = (await readFile(driverFile, 'utf8').catch(() => '')).trim()
  await proveOnce(device, dataFolder, { driver, program })
  return device
}

/** @throws PalmError `device-wrong` */
export async function proveOnce(
  device: Device,
  dataFolder: string,
  { driver, program }: Pick<ProvenSubject, 'driver' | 'program'>,
): Promise<void> {
  const { precision } = chosenCompute(process.env, device.kind)
  const subject: ProvenSubject = { device: device.kind, driver, library: device.version, precision, program }
  const path = join(dataFolder, keptProofFile)
  const kept = await readKept(path)
  const known = kept && JSON.stringify(kept.subject) === JSON.stringify(subject) ? kept.proof : null
  const proof = known ?? (await proveDevice(device, precision))
  if (!known) await keep(path, { subject, proof })
  if (proof.deviations.length > 0) throw wrongDevice(device, proof)
}

async function readKept(path: string): Promise<KeptProof | null> {
  try {
    return keptProofSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null // none yet, or of another version: it is made anew
  }
}

async function keep(path: string, kept: KeptProof): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(kept))
  await rename(`${path}.new`, path)
}

const wrongDevice = (device: Device, proof: DeviceProof): PalmError =>
  new PalmError(
    'device-wrong',
    `The GPU (${device.kind}) computes other numbers than the processor: ${deviationsInWords(proof)}. It is not used until its driver or this program changes. Start the run again: with the device “automatic” it is computed on the processor.`,
    JSON.stringify(proof.deviations.slice(0, 50)),
  )
