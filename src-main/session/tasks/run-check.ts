// One device at length, in a process of its own: every operation, small networks, and the parity folders that there are. A card's note is made anew with it.
import { readFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CheckProgress, CheckRequest, CheckResult } from '#contract/device-check.ts'
import { PalmError, toWireError, type WireError } from '#contract/errors.ts'
import type { ToSession } from '#contract/session-protocol.ts'
import { openDevice, type DeviceSources } from '#engine/compute/open-device.ts'
import { noteProof } from '#session/core/proven-device.ts'
import { factsOf, machineSources, subjectOf } from '#session/core/session-device.ts'
import type { SessionLink } from '#session/core/session-link.ts'

interface CheckParts {
  readonly dataFolder: string
  /** This program's version. */
  readonly program: string
  readonly told: (progress: CheckProgress) => void
  readonly sources: DeviceSources
}

/** @throws PalmError `device-missing`, `native-missing`, `input-unreadable` for a parity folder */
export async function checkDevice({ kind, parity }: CheckRequest, parts: CheckParts): Promise<CheckResult> {
  const began = performance.now()
  const { proveAtLength } = await import('#engine/parity/device/device-proof.ts')
  const { runParity } = await import('#engine/parity/parity.ts')
  const { device } = await openDevice({ choice: kind, prefer: null, without: [] }, parts.sources)
  const facts = await factsOf(device)
  const { precision } = facts
  const proof = await proveAtLength(device, precision, (what, done, total) => parts.told({ what, done, total }))
  if (kind !== 'cpu') await noteProof(parts.dataFolder, await subjectOf(device, facts, parts.program), proof)
  const folders: CheckResult['parity'] = []
  // Operations that are wrong would only be wrong again, for a long time.
  if (proof.deviations.length === 0)
    for (const folder of parity) {
      await readFile(join(folder, 'index.json')).catch((cause: unknown) => {
        throw new PalmError('input-unreadable', `${folder} is no parity folder: it has no index.json.`, String(cause))
      })
      const { rows } = await runParity(
        device,
        (name) => readFileSync(join(folder, name)),
        (method, done, total) => parts.told({ what: `${folder}: ${method}`, done, total }),
      )
      const over = rows.filter((row) => row.over)
      folders.push({
        folder,
        compared: rows.length,
        over: over.map(({ method, quantity, largest, limit }) => ({
          method,
          quantity,
          largest: Number.isFinite(largest) ? largest : null,
          limit,
        })),
      })
    }
  const tf32Deviation = precision === 'tf32' ? proof.network : null
  return {
    device: { ...facts, from: 0, tf32Deviation },
    proof,
    parity: folders,
    seconds: (performance.now() - began) / 1000,
  }
}

/** Answers with `checked`, or with the reason in `ended`; tells how far it is with `checking`. */
export async function runCheck(
  { request, dataFolder }: Extract<ToSession, { type: 'check' }>,
  link: SessionLink,
  program: string,
): Promise<void> {
  let error: WireError | null = null
  try {
    const result = await checkDevice(request, {
      dataFolder,
      program,
      told: (progress) => link.send({ type: 'checking', progress }),
      sources: await machineSources(),
    })
    link.send({ type: 'checked', result })
  } catch (thrown) {
    error = toWireError(thrown)
  }
  link.send({ type: 'ended', status: error ? 'failed' : 'done', error })
}
