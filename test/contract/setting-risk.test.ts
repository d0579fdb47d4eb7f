// Settings judged without labels: how sure their answers are, and how varied beside BN-1's.
import { expect, test } from 'vitest'
import { SettingRisks, type Answered } from '#contract/tables/setting-risk.ts'

const answered = (classes: readonly number[], confidence: number): Answered => ({
  classes,
  confidences: classes.map(() => confidence),
})
/** Every class equally often. */
const even = Array.from({ length: 40 }, (_, i) => i % 4)

test('a surer setting has less risk, until it forgets classes', () => {
  const risks = new SettingRisks(3, 4)
  const halfForgotten = even.map((c) => c % 2)
  for (let batch = 0; batch < 5; batch++)
    risks.add(answered(even, 0.7), [answered(even, 0.75), answered(even, 0.8), answered(halfForgotten, 0.99)])
  const [timid, bold, tooBold] = risks.result()
  expect(risks.images).toBe(200)
  expect(timid).toMatchObject({ riskPct: expect.closeTo(25, 6), unsurePct: expect.closeTo(25, 6), lessVariedPct: 0 })
  expect(bold?.riskPct).toBeCloseTo(20, 6)
  // Two classes of four: half of the entropy that there can be.
  expect(tooBold?.lessVariedPct).toBeCloseTo(50, 6)
  expect(tooBold?.riskPct).toBeCloseTo(1 + 150, 6)
})

test('variety is BN-1’s on the same batch: a stream of one class after the other is nobody’s fault, and more variety no merit', () => {
  const risks = new SettingRisks(2, 4)
  const one = new Array<number>(40).fill(2)
  risks.add(answered(one, 0.5), [answered(one, 0.6), answered(even, 0.6)])
  for (const { riskPct, lessVariedPct } of risks.result()) {
    expect(lessVariedPct).toBe(0)
    expect(riskPct).toBeCloseTo(40, 6)
  }
})

test('batches of one image, and none, say what they can', () => {
  const risks = new SettingRisks(1, 1000)
  expect(risks.result()).toEqual([])
  risks.add(answered([7], 0.5), [answered([8], 0.25)])
  expect(risks.result()).toEqual([{ riskPct: 75, unsurePct: 75, lessVariedPct: 0 }])
})
