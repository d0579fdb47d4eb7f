// Where faults strike: drawn from a seed that whoever checks may set (PALM_SEED), in the suite a few, with PALM_FAULTS=all (`npm run faults`) all of them.
import { NumpyRandom } from '#stream/images/random.ts'

const given = Number(process.env.PALM_SEED ?? 1)
export const seed = Number.isInteger(given) && given >= 0 ? given : 1

export const everything = process.env.PALM_FAULTS === 'all'

/** How often a fault strikes: in the suite, and when all are asked for. */
export const times = (few: number, all: number): number => (everything ? all : few)

/** Draws of their own for each test, so that one test's count does not move another's moments. */
export const chance = (test: number): NumpyRandom => new NumpyRandom(seed * 1000 + test)

/** `count` different whole numbers below `end`, in order. */
export function some(count: number, end: number, random: NumpyRandom): number[] {
  if (count >= end) return Array.from({ length: end }, (_, i) => i)
  const found = new Set<number>()
  while (found.size < count) found.add(random.randint(0, end))
  return [...found].sort((a, b) => a - b)
}

/** Until a fault strikes. */
// oxlint-disable-next-line house/no-sleep -- no state is waited for: a fault comes at any moment
export const moment = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
