// Which part of a machine a run may take, and what it has to wait for.
import { expect, test } from 'vitest'
import { deviceChoices, type DeviceKind } from '#contract/devices.ts'
import { slotsFor, waitsFor, wholeMachine, type SlotUse, type UsedSlot } from '#contract/runs/device-slots.ts'

const slot = (id: string, kind: DeviceKind, use: SlotUse | null = null): UsedSlot => ({
  id,
  kind,
  name: '',
  card: null,
  use,
})
const ids = (slots: readonly UsedSlot[]) => slots.map(({ id }) => id)

test('cards come first where the choice is the program’s; a card through WebGPU is the one that CUDA has', () => {
  const cards = [slot('cuda:0', 'cuda'), slot('cuda:1', 'cuda'), slot('cpu', 'cpu')]
  expect(deviceChoices.map((choice) => [choice, ids(slotsFor(choice, cards))])).toEqual([
    ['auto', ['cuda:0', 'cuda:1']],
    ['cpu', ['cpu']],
    ['cuda', ['cuda:0', 'cuda:1']],
    ['webgpu', ['cuda:0']],
  ])
  const desktop = [slot('webgpu', 'webgpu'), slot('cpu', 'cpu')]
  expect(deviceChoices.map((choice) => ids(slotsFor(choice, desktop)))).toEqual([
    ['webgpu'],
    ['cpu'],
    ['cpu'],
    ['webgpu'],
  ])
  // In software it is the processor.
  expect(deviceChoices.flatMap((choice) => ids(slotsFor(choice, [slot('cpu', 'cpu')])))).toEqual(
    Array.from(deviceChoices, () => 'cpu'),
  )
  expect(ids(slotsFor('cuda', [{ ...wholeMachine, use: null }]))).toEqual(['machine'])
})

test('a run waits for its own device only, and for the first of several', () => {
  const run = { kind: 'run', run: 3 } as const
  const sweep = { kind: 'sweep', sweep: 2 } as const
  const slots = [slot('cuda:0', 'cuda', run), slot('cuda:1', 'cuda', sweep), slot('cpu', 'cpu')]
  expect([waitsFor('auto', slots), waitsFor('cpu', slots)]).toEqual([run, null])
  expect(waitsFor('auto', [slot('cuda:0', 'cuda', run), slot('cuda:1', 'cuda')])).toBeNull()
  expect(waitsFor('cpu', [{ ...wholeMachine, use: run }])).toEqual(run)
})
