// A cell is known by what it computes: results of a version that computed otherwise are not taken for those of this one.
import { expect, test } from 'vitest'
import { keyOf } from '#app/services/sweeps/sweep-cells.ts'
import { laneOptionsSchema } from '#contract/methods/methods.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'

const content = { input: 'a'.repeat(64), model: 'b'.repeat(64), source: null }
const run = runOptionsSchema.parse({
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  lanes: [{ id: 'palm', label: 'PALM', options: { method: 'palm' } }],
})
const key = (options: object) => keyOf(run, laneOptionsSchema.parse(options), content)

test('keys are what earlier versions wrote, but for PALM’s preset auto, which answers otherwise since its norm layers remember and its convolutions are cautious', () => {
  // Written by the version before (06345e5), and by one between (3edfca9).
  const before = {
    palm: '60d9171549b3f7113447f5f133cd20297fa36ed03af539e06f58aecd7cb16d55',
    agreement: '6da246905662560d8b14f18c56af82783aade58412c8dc5fab77a8f9ad68d60d',
    mirrored: '02de8e952f482efd041bab53e43dddfed64952ea294c4694336edc6303197b82',
    remembering: '91b5845d50fdb2f07abc4b6da64349e1e65ec87ca7a0773211c12958958e851c',
  }
  expect(key({ method: 'palm' })).toBe(before.palm)
  expect(key({ method: 'palm', tuning: 'agreement' })).toBe(before.agreement)
  const now = key({ method: 'palm', tuning: 'mirrored' })
  expect([before.mirrored, before.remembering]).not.toContain(now)
})

test('an option that is written out at its default is the same cell', () => {
  expect(key({ method: 'palm', tuning: 'fixed', alpha: 0.5 })).toBe(key({ method: 'palm' }))
})
