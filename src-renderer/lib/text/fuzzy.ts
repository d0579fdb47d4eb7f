// Finds what somebody means by a few letters: every word of the query must be in the text in this order of letters, not side by side.
// Letters at the beginnings of words and side by side count more; accents and case do not count. Pure.

export interface Match {
  readonly score: number
  /** Places in the text, for a mark under the letters that fit. */
  readonly at: readonly number[]
}

const beginsText = 12
const beginsWord = 8
const sideBySide = 5
const anywhere = 1
/** For each letter between two that fit, at most this many. */
const gapCost = 0.3
const longestGap = 10

/** One letter for one letter, so that places stay places. */
const plain = (text: string): readonly string[] =>
  /^[\x20-\x7e]*$/.test(text)
    ? text.toLowerCase().split('')
    : Array.from(text, (letter) => letter.normalize('NFD').charAt(0).toLowerCase())

/** Whether all letters are there in this order at all: most texts lack one, and are not looked at further. */
function fits(word: readonly string[], letters: readonly string[]): boolean {
  let found = 0
  for (const letter of letters) if (letter === word[found]) found += 1
  return found >= word.length
}

/** Null where it does not fit. An empty query fits everything with score 0. */
export const match = (query: string, text: string): Match | null => matchLetters(query, plain(text))

function matchLetters(query: string, letters: readonly string[]): Match | null {
  const words = query.split(/\s+/).filter(Boolean).map(plain)
  if (!words.every((word) => fits(word, letters))) return null
  const at = new Set<number>()
  let score = 0
  for (const word of words) {
    const found = place(word, letters)
    score += found.score
    for (const place of found.at) at.add(place)
  }
  // Of two texts that fit alike the shorter one is meant.
  return { score: score - letters.length * 0.01, at: [...at].sort((a, b) => a - b) }
}

/** One letter of the word at one place of the text, and the best way to get there. */
interface Step {
  readonly at: number
  readonly score: number
  readonly before: Step | null
}

/** The best placement of a word that fits. */
function place(word: readonly string[], letters: readonly string[]): Match {
  let before: Step[] = []
  for (const [i, letter] of word.entries()) {
    const now: Step[] = []
    for (let j = i; j < letters.length; j++) {
      if (letters[j] !== letter) continue
      const own = j === 0 ? beginsText : isWordStart(letters, j) ? beginsWord : anywhere
      if (i === 0) {
        now.push({ at: j, score: own, before: null })
        continue
      }
      let best: Step | null = null
      let bestScore = -Infinity
      for (const step of before) {
        if (step.at >= j) break
        const gap = j - step.at - 1
        const score = step.score + (gap === 0 ? Math.max(own, sideBySide) : own - gapCost * Math.min(gap, longestGap))
        if (score > bestScore) {
          bestScore = score
          best = step
        }
      }
      if (best) now.push({ at: j, score: bestScore, before: best })
    }
    before = now
  }
  const last = before.reduce((best, one) => (one.score > best.score ? one : best))
  const at: number[] = []
  for (let step: Step | null = last; step; step = step.before) at.push(step.at)
  return { score: last.score, at: at.reverse() }
}

const letterOrDigit = /[\p{L}\p{N}]/u
const isWordStart = (letters: readonly string[], at: number): boolean =>
  !letterOrDigit.test(letters[at - 1] ?? ' ') || (/\d/.test(letters[at] ?? '') && !/\d/.test(letters[at - 1] ?? ''))

export interface Choice {
  readonly id: string
  readonly title: string
}

export interface Ranked<T extends Choice> {
  readonly choice: T
  readonly at: readonly number[]
  readonly recent: boolean
}

/** The same choices are looked at with every letter that is typed. */
const known = new WeakMap<Choice, readonly string[]>()
function lettersOf(choice: Choice): readonly string[] {
  let letters = known.get(choice)
  if (!letters) known.set(choice, (letters = plain(choice.title)))
  return letters
}

/** What was chosen lately wins over what fits a little better. */
const recentBonus = 6

/** The best `limit` of them. Without a query: what was chosen lately, newest first, then all in their order. */
export function rank<T extends Choice>(
  query: string,
  choices: readonly T[],
  recent: readonly string[],
  limit: number,
): Ranked<T>[] {
  const age = new Map(recent.map((id, i) => [id, i]))
  if (query.trim() === '') {
    const lately = choices.filter(({ id }) => age.has(id)).sort((a, b) => (age.get(a.id) ?? 0) - (age.get(b.id) ?? 0))
    const others = choices.filter(({ id }) => !age.has(id))
    return [...lately, ...others].slice(0, limit).map((choice) => ({ choice, at: [], recent: age.has(choice.id) }))
  }
  const found: (Ranked<T> & { readonly score: number; readonly order: number })[] = []
  for (const [order, choice] of choices.entries()) {
    const fit = matchLetters(query, lettersOf(choice))
    if (!fit) continue
    const years = age.get(choice.id)
    found.push({
      choice,
      at: fit.at,
      recent: years !== undefined,
      order,
      score: fit.score + (years === undefined ? 0 : recentBonus / (1 + years / 4)),
    })
  }
  return found
    .sort((a, b) => b.score - a.score || a.order - b.order)
    .slice(0, limit)
    .map(({ choice, at, recent: lately }) => ({ choice, at, recent: lately }))
}
