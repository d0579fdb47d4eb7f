// `npm run fuzz -- --differential`: every kind, a line of a table for each, and the first disagreement of each as the file that shows it.
import { mkdirSync } from 'node:fs'
import { differential, kinds } from './differential.ts'

/** Returns how many kinds disagreed or could not be compared. */
export async function runDifferential(chosen: readonly string[] | null, from: number, count: number, keep: string) {
  const unknown = chosen?.find((name) => !kinds.some((kind) => kind.name === name))
  if (unknown !== undefined) throw new Error(`There is no kind ${unknown}: ${kinds.map(({ name }) => name).join(', ')}`)
  mkdirSync(keep, { recursive: true })
  let failed = 0
  process.stdout.write('| kind | compared | disagreements | seconds |\n| --- | ---: | ---: | ---: |\n')
  for (const kind of kinds.filter(({ name }) => chosen === null || chosen.includes(name))) {
    const missing = (await kind.missing?.()) ?? null
    if (missing !== null) {
      failed += 1
      process.stderr.write(`${kind.name} was not compared: ${missing}\n`)
      continue
    }
    try {
      const { compared, disagreement, seconds } = await differential(kind, { from, count, keep })
      process.stdout.write(`| ${kind.name} | ${compared} | ${disagreement ? 1 : 0} | ${seconds.toFixed(0)} |\n`)
      if (!disagreement) continue
      failed += 1
      process.stderr.write(
        `${kind.name} ${disagreement.seed}: ${disagreement.what}\n  again: npm run fuzz -- --differential --kind ${kind.name} --seed ${disagreement.seed} --count 1\n`,
      )
    } finally {
      await kind.close?.()
    }
  }
  return failed
}
