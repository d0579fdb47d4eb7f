// Which device computes which run, where that turns out otherwise than it was asked for.
import { expect, test } from 'vitest'
import { MachineSlots } from '#app/services/runs/machine-slots.ts'
import type { DeviceKind } from '#contract/devices.ts'
import type { DeviceSlot } from '#contract/runs/device-slots.ts'

const slot = (id: string, kind: DeviceKind): DeviceSlot => ({ id, kind, name: '', card: null })
const run = (id: number) => ({ kind: 'run', run: id }) as const
const found = async (...slots: DeviceSlot[]): Promise<MachineSlots> => {
  const machine = new MachineSlots(async () => slots)
  await machine.find()
  return machine
}
const uses = (machine: MachineSlots) => machine.used().map(({ id, use }) => [id, use])

test('what could only be computed on the processor leaves the card to others', async () => {
  const machine = await found(slot('cuda:0', 'cuda'), slot('cpu', 'cpu'))
  const hold = machine.take('auto', [], run(1))
  expect(machine.take('auto', [], run(2))).toBeNull()
  hold?.computesOn('cpu')
  expect(uses(machine)).toEqual([
    ['cuda:0', null],
    ['cpu', run(1)],
  ])
  expect(machine.take('cuda', [], run(2))?.slot.id).toBe('cuda:0')
  hold?.release()
  expect(machine.blocker('cpu', [])).toBeNull()
})

test('a card that is ruled out is no device, for whoever asks', async () => {
  const machine = await found(slot('cuda:0', 'cuda'), slot('cpu', 'cpu'))
  const wrong = [{ kind: 'cuda', reason: 'It computes wrong numbers.' }] as const
  machine.take('auto', [...wrong], run(1))
  expect(uses(machine)).toEqual([
    ['cuda:0', null],
    ['cpu', run(1)],
  ])
  expect(machine.blocker('auto', [...wrong])).toEqual(run(1))
  expect(machine.used([], [...wrong]).map(({ id }) => id)).toEqual(['cpu'])
  // One whose card fails goes on at once, beside what is there.
  expect(machine.share('auto', [...wrong], run(2)).slot.id).toBe('cpu')
})

test('runs of other programs count where they are known to be, and everywhere until that is known', async () => {
  const machine = await found(slot('webgpu', 'webgpu'), slot('cpu', 'cpu'))
  const there = (kind: DeviceKind | null) => machine.used([{ run: 9, kind }]).map(({ use }) => use !== null)
  expect([there('cpu'), there('webgpu'), there(null)]).toEqual([
    [false, true],
    [true, false],
    [true, true],
  ])
})

test('a look that fails is made again, and one at a time computes until then', async () => {
  let looks = 0
  const machine = new MachineSlots(async () => {
    looks += 1
    if (looks === 1) throw new Error('The driver does not answer.')
    return [slot('webgpu', 'webgpu'), slot('cpu', 'cpu')]
  })
  const hold = machine.take('cpu', [], run(1))
  await machine.find()
  expect([machine.isKnown, machine.take('auto', [], run(2))]).toEqual([false, null])
  hold?.computesOn('cpu')
  await machine.find()
  await machine.find()
  expect([looks, machine.isKnown, hold?.slot.id]).toEqual([2, true, 'cpu'])
  expect(machine.take('auto', [], run(2))?.slot.id).toBe('webgpu')
})
