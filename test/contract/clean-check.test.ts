// When a model counts as guessing: the binomial tail against exact sums, and the borders.
import { describe, expect, test } from 'vitest'
import { atLeast, nearChance } from '#contract/runs/clean-check.ts'
import { isGuessing, type FirstLook } from '#contract/runs/first-look.ts'

describe('the check on clean images', () => {
  test('the tail is the binomial one', () => {
    expect(atLeast(0, 10, 0.1)).toBe(1)
    expect(atLeast(1, 3, 0.5)).toBeCloseTo(7 / 8, 12)
    expect(atLeast(3, 3, 0.5)).toBeCloseTo(1 / 8, 12)
    expect(atLeast(10, 10, 0.1)).toBeCloseTo(1e-10, 12)
    expect(atLeast(2, 64, 0.001)).toBeCloseTo(1 - 0.999 ** 64 - 64 * 0.001 * 0.999 ** 63, 12)
  })

  test('a model that guesses, or does worse, is found; one that knows something is not', () => {
    expect(nearChance({ labelled: 64, correct: 6 }, 10)).toBe(true)
    expect(nearChance({ labelled: 64, correct: 0 }, 10)).toBe(true)
    expect(nearChance({ labelled: 64, correct: 20 }, 10)).toBe(false)
    expect(nearChance({ labelled: 64, correct: 1 }, 1000)).toBe(true)
    expect(nearChance({ labelled: 64, correct: 4 }, 1000)).toBe(false)
    expect(nearChance({ labelled: 64, correct: 36 }, 2)).toBe(true)
    expect(nearChance({ labelled: 64, correct: 50 }, 2)).toBe(false)
  })

  test('a few images tell nothing', () => expect(nearChance({ labelled: 29, correct: 0 }, 10)).toBe(false))
})

describe('the look before a run', () => {
  const of = (labelled: number, correct: number, modelClasses: number, more: Partial<FirstLook['different']> = {}) =>
    isGuessing({ check: { labelled, correct }, modelClasses, different: { labels: 5, answers: 5, ...more } })

  test('finds guessing where the check on clean images does, and among fewer images where hardly any is right', () => {
    expect([of(64, 6, 10), of(64, 20, 10)]).toEqual([true, false])
    expect([of(9, 0, 10), of(10, 0, 10), of(12, 1, 10), of(12, 4, 10), of(29, 3, 10)]).toEqual([
      false,
      true,
      false,
      false,
      true,
    ])
  })

  test('finds one answer to images of several classes, however many it fits', () => {
    expect(of(40, 30, 2, { answers: 1 })).toBe(true)
    expect(of(40, 40, 2, { answers: 1, labels: 1 })).toBe(false)
    expect(isGuessing({ check: null, modelClasses: 10, different: { labels: 0, answers: 1 } })).toBe(false)
  })
})
