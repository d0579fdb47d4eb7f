// When a model counts as guessing: the binomial tail against exact sums, and the borders.
import { describe, expect, test } from 'vitest'
import { atLeast, nearChance } from '#contract/runs/clean-check.ts'

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
