// PALM's own kappa (ours): grows while predictions stay diverse, shrinks and asks for a pull back when they do not.
import { expect, test } from 'vitest'
import { KappaTuning, meanPredictionEntropy, tuningRules } from '#engine/methods/palm/tuning.ts'

/** Logits of samples that are surely of these classes. */
const sure = (labels: readonly number[], classes = 4) =>
  Float32Array.from(labels.flatMap((label) => Array.from({ length: classes }, (_, c) => (c === label ? 20 : 0))))
const diverse = sure([0, 1, 2, 3])
const narrow = sure([0, 0, 0, 1])

test('the entropy of the mean prediction', () => {
  expect(meanPredictionEntropy(diverse, 4)).toBeCloseTo(Math.log(4), 5)
  expect(meanPredictionEntropy(sure([2, 2]), 4)).toBeCloseTo(0, 5)
})

test('kappa grows while the lane sees as many classes as the unadapted model', () => {
  const tuning = new KappaTuning()
  for (let i = 0; i < tuningRules.early; i++) expect(tuning.observe(diverse, diverse, 4)).toBe(1)
  expect(tuning.kappa).toBeCloseTo(tuningRules.start * tuningRules.growEarly ** tuningRules.early, 9)
  for (let i = 0; i < 1000; i++) tuning.observe(diverse, diverse, 4)
  expect(tuning.kappa).toBe(tuningRules.most)
})

test('where classes are forgotten kappa shrinks, down to its least, and the weights are drawn back', () => {
  const tuning = new KappaTuning()
  expect(tuning.observe(narrow, diverse, 4)).toBe(tuningRules.keep)
  expect(tuning.kappa).toBeLessThan(tuningRules.start)
  for (let i = 0; i < 100; i++) tuning.observe(narrow, diverse, 4)
  expect(tuning.kappa).toBe(tuningRules.least)
  // A stream of few classes is nothing odd: the unadapted model sees no more.
  const few = new KappaTuning()
  expect(few.observe(narrow, narrow, 4)).toBe(1)
})
