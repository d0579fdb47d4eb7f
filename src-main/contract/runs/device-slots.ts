// The parts of a machine that compute one run at a time each: its NVIDIA cards, else its card through WebGPU, and its processor. Which of them a run may take
// follows from the device that it asks for; both the program and a page's buttons go by this.
import { z } from 'zod'
import { deviceKindSchema, type DeviceChoice, type DeviceKind } from '#contract/devices.ts'

const id = z.number().int().positive()

export const deviceSlotSchema = z.object({
  /** `cpu`, `webgpu`, `cuda:0` …; `machine`, without a kind: nobody has looked yet what there is, and one run at a time computes on whatever that is. */
  id: z.string(),
  kind: deviceKindSchema.nullable(),
  /** Of the card, as its driver calls it; '' = not known. */
  name: z.string(),
  /** What CUDA calls the card, where there are several; null = it need not be said. */
  card: z.string().nullable(),
})
export type DeviceSlot = z.output<typeof deviceSlotSchema>

export const wholeMachine: DeviceSlot = { id: 'machine', kind: null, name: '', card: null }

/** What computes on a slot. */
export const slotUseSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run'), run: id }),
  /** Also between its runs. */
  z.object({ kind: z.literal('sweep'), sweep: id }),
  /** A run of another window or command on the same data folder. */
  z.object({ kind: z.literal('elsewhere'), run: id }),
])
export type SlotUse = z.output<typeof slotUseSchema>

/** Null = it is free. */
export const usedSlotSchema = deviceSlotSchema.extend({ use: slotUseSchema.nullable() })
export type UsedSlot = z.output<typeof usedSlotSchema>

/** In this order, the first kind that there is. A card that is asked for through WebGPU is CUDA's first one, where CUDA has it; in software it is the processor. */
const orders = {
  auto: ['cuda', 'webgpu', 'cpu'],
  cuda: ['cuda', 'cpu'],
  webgpu: ['webgpu', 'cuda', 'cpu'],
  cpu: ['cpu'],
} as const satisfies Record<DeviceChoice, readonly DeviceKind[]>

/** Those that a run which asks for `choice` may compute on: one of them, whichever is free. Never none, where there are slots at all. */
export function slotsFor<Slot extends DeviceSlot>(choice: DeviceChoice, slots: readonly Slot[]): readonly Slot[] {
  const kind = orders[choice].find((one) => slots.some((slot) => slot.kind === one))
  if (!kind) return slots
  const found = slots.filter((slot) => slot.kind === kind)
  return choice === 'webgpu' ? found.slice(0, 1) : found
}

/** What such a run has to wait for; null = nothing: it can begin. */
export function waitsFor(choice: DeviceChoice, slots: readonly UsedSlot[]): SlotUse | null {
  const wanted = slotsFor(choice, slots)
  return wanted.some(({ use }) => use === null) ? null : (wanted[0]?.use ?? null)
}
