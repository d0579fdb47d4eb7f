// The devices of a machine that compute at the same time: `cpu`, `webgpu`, `cuda:0` … A worker serves them, and the app gives each a run.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { probeDevice } from '#app/services/machine/doctor.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import { driverFile } from '#contract/device-proof.ts'
import { PalmError } from '#contract/errors.ts'
import { deviceChoices, type DeviceChoice, type OfferedDevice } from '#contract/devices.ts'
import type { DeviceSlot } from '#contract/runs/device-slots.ts'

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
  const found = devicesIn(offers, (await nvidiaCards()).length)
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

/** What of this machine computes one run at a time each. @throws PalmError where it cannot be tried */
export async function deviceSlots(probe: StartSession): Promise<readonly DeviceSlot[]> {
  const processor: DeviceSlot = { id: 'cpu', kind: 'cpu', name: '', card: null }
  // A process that looks takes seconds of a machine that computes.
  if (!mayHaveCard()) return [processor]
  const { offers, ok } = await probeDevice(probe)
  if (!ok) throw new PalmError('device-missing', 'What there is to compute with could not be tried.')
  const cards = await nvidiaCards()
  const found = devicesIn(offers, cards.length).map(({ name: id, choice, card }): DeviceSlot => {
    const offered = offers.find(({ kind }) => kind === choice)
    const one = card !== null && cards.length > 1 ? cards[card] : undefined
    return { id, kind: offered?.kind ?? 'cpu', name: (one ?? offered)?.name ?? '', card: one?.id ?? null }
  })
  return found.length > 0 ? found : [processor]
}

/** False only where that is certain: the system shows neither an NVIDIA driver nor a device that draws. */
const mayHaveCard = (): boolean =>
  process.platform !== 'linux' || existsSync(driverFile) || existsSync('/dev/dri') || existsSync('/dev/dxg')

/** What CUDA calls the cards that this process may see; null = as it counts them. */
function cardsSeen(environment: NodeJS.ProcessEnv = process.env): readonly string[] | null {
  const seen = environment['CUDA_VISIBLE_DEVICES']
  return seen === undefined || seen === '' ? null : seen.split(',').map((card) => card.trim())
}

/** What CUDA calls the card of that number among those that this process may see. */
export const cudaName = (card: number): string => cardsSeen()?.[card] ?? String(card)

interface Card {
  /** As CUDA takes it, whatever the order in which it counts. */
  readonly id: string
  /** '' = not known. */
  readonly name: string
}

/** NVIDIA's cards that this process may see. */
async function nvidiaCards(): Promise<readonly Card[]> {
  const all: Card[] = []
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', ['--query-gpu=uuid,name', '--format=csv,noheader'])
    for (const line of stdout.split('\n')) {
      const [id = '', ...name] = line.split(',')
      if (id.trim() !== '') all.push({ id: id.trim(), name: name.join(',').trim() })
    }
  } catch {
    // Not there, or it has no driver to ask.
  }
  const seen = cardsSeen()?.filter((card) => card !== '-1')
  return seen?.map((id) => all.find((card) => card.id === id) ?? { id, name: '' }) ?? all
}
