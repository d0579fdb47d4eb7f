// The devices of a machine that a worker serves at the same time: `cpu`, `webgpu`, `cuda:0` …
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { probeDevice } from '#app/services/machine/doctor.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import { PalmError } from '#contract/errors.ts'
import { deviceChoices, type DeviceChoice, type OfferedDevice } from '#contract/devices.ts'

export interface WorkerDevice {
  /** As it was asked for, and as it is called in lists. */
  readonly name: string
  readonly choice: DeviceChoice
  /** Of NVIDIA's cards, counted from 0; null = the first one, or none is meant. */
  readonly card: number | null
}

/** `cpu`, `cuda:1`; null = that is none. */
export function workerDevice(name: string): WorkerDevice | null {
  const card = /^cuda:(\d{1,3})$/.exec(name)?.[1]
  if (card !== undefined) return { name, choice: 'cuda', card: Number(card) }
  const choice = deviceChoices.find((one) => one === name)
  return choice ? { name, choice, card: null } : null
}

/** Every device that can be used: each NVIDIA card, else a card through WebGPU, and the processor. @throws PalmError `device-missing` where there is none */
export async function allDevices(probe: StartSession): Promise<readonly WorkerDevice[]> {
  const { offers } = await probeDevice(probe)
  const found = devicesIn(offers, await cardCount())
  if (found.length === 0)
    throw new PalmError('device-missing', 'This machine has nothing that can compute: palm doctor says why.')
  return found
}

/** WebGPU beside CUDA is the same card once more, and in software the same processor. */
export function devicesIn(offers: readonly OfferedDevice[], cards: number): readonly WorkerDevice[] {
  const usable = new Map(offers.flatMap((offer) => (offer.problem === null ? [[offer.kind, offer] as const] : [])))
  const of = (name: string): WorkerDevice[] => [workerDevice(name)].flatMap((device) => device ?? [])
  if (usable.has('cuda'))
    return [...Array.from({ length: Math.max(1, cards) }, (_, i) => of(`cuda:${i}`)).flat(), ...of('cpu')]
  const webgpu = usable.get('webgpu')
  return [...(webgpu && !webgpu.software ? of('webgpu') : []), ...(usable.has('cpu') ? of('cpu') : [])]
}

/** What CUDA calls the cards that this process may see: the number of one within them, to what a session is started with. */
export function cardsSeen(environment: NodeJS.ProcessEnv = process.env): readonly string[] | null {
  const seen = environment['CUDA_VISIBLE_DEVICES']
  return seen === undefined || seen === '' ? null : seen.split(',').map((card) => card.trim())
}

async function cardCount(): Promise<number> {
  const seen = cardsSeen()
  if (seen) return seen.filter((card) => card !== '-1').length
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', ['--query-gpu=index', '--format=csv,noheader'])
    return stdout.split('\n').filter((line) => /^\d+$/.test(line.trim())).length
  } catch {
    return 0
  }
}
