// Class numbers as people and programs write them.

const whole = /^[+-]?\d+(?:\.0*)?(?:e[+-]?\d+)?$/i
/** No model has more classes. */
const most = 1e7

/** The number that a word is: `7`, `007`, `+7`, `7.0` (pandas), `7.000e+00` (NumPy); null for any other word, and for one with a fraction. */
export function wholeNumber(word: string): number | null {
  const text = word.trim()
  if (!whole.test(text)) return null
  const value = Number(text)
  return Number.isInteger(value) && Math.abs(value) < most ? value : null
}
