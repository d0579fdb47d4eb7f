// `npm run fuzz`: mutated files for every reader, and a table of what came of them. Ends with 1 when any failed.
import { parseArgs } from 'node:util'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { fuzzWebHost } from './messages/hosts.ts'
import { fuzz } from './supervise.ts'
import { readerNames, type ReaderName } from './readers/all.ts'
import { kinds } from './differential/differential.ts'
import { runDifferential } from './differential/run-differential.ts'

const help = `npm run fuzz -- [--reader NAME[,NAME…]] [--count N] [--seed N] [--only INDEX] [--keep DIR] [--json]
npm run fuzz -- --differential [--kind NAME[,NAME…]] [--count N] [--seed N] [--keep DIR]
npm run fuzz -- --messages [--count N] [--seed N]

  --reader   ${readerNames.join(', ')} (default: all)
  --count    files per reader (default 10000)
  --seed     the same seed gives the same files (default 1)
  --only     this one file of the reader: a failure again
  --keep     where failing files go (default: palm-fuzz in the system's folder for temporary files)

  --differential  whole files, read by us and by the tools that others read them with, until they disagree
  --messages      messages of a hostile page to the web host (default 100000)
  --kind     ${kinds.map(({ name }) => name).join(', ')} (default: all)
  --count    files per kind (default 2000); --seed: the first one's
`

const { values } = parseArgs({
  options: {
    reader: { type: 'string' },
    count: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    keep: { type: 'string' },
    json: { type: 'boolean' },
    differential: { type: 'boolean' },
    messages: { type: 'boolean' },
    kind: { type: 'string' },
    help: { type: 'boolean' },
  },
})
const whole = (text: string | undefined, usual: number, name: string) => {
  const value = Number(text ?? usual)
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} takes a whole number`)
  return value
}

if (values.help) process.stdout.write(help)
else if (values.messages) {
  const count = whole(values.count, 100_000, 'count')
  const { faults, handled, refused } = await fuzzWebHost(whole(values.seed, 1, 'seed'), count)
  process.stdout.write(`${count} messages, ${handled} handed on, ${refused} refused, ${faults.length} faults\n`)
  for (const fault of faults.slice(0, 40)) process.stderr.write(`${fault}\n`)
  process.exitCode = faults.length > 0 ? 1 : 0
} else if (values.differential) {
  const failed = await runDifferential(
    values.kind?.split(',') ?? null,
    whole(values.seed, 1, 'seed'),
    whole(values.count, 2000, 'count'),
    values.keep ?? join(tmpdir(), 'palm-fuzz'),
  )
  process.exitCode = failed > 0 ? 1 : 0
} else {
  const chosen: readonly ReaderName[] = (values.reader?.split(',') as ReaderName[] | undefined) ?? readerNames
  const unknown = chosen.filter((name) => !readerNames.includes(name))
  if (unknown.length > 0) {
    process.stderr.write(`There is no reader ${unknown.join(', ')}.\n\n${help}`)
    process.exit(2)
  }
  const seed = whole(values.seed, 1, 'seed')
  const only = values.only === undefined ? null : whole(values.only, 0, 'only')
  const keep = values.keep ?? join(tmpdir(), 'palm-fuzz')
  let failed = 0
  process.stdout.write(
    '| reader | files | read | refused | failed | slowest ms | peak memory | seconds |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n',
  )
  for (const reader of chosen) {
    const result = await fuzz(reader, {
      seed,
      count: only === null ? whole(values.count, 10_000, 'count') : 1,
      from: only ?? 0,
      keep,
    })
    failed += result.failures.length
    process.stdout.write(
      `| ${reader} | ${result.files} | ${result.read} | ${result.refused} | ${result.failures.length} | ${result.slowestMs.toFixed(0)} | ${result.largestRatio.toFixed(2)} | ${result.seconds.toFixed(0)} |\n`,
    )
    if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
    for (const { index, what, reason } of result.failures.slice(0, 40))
      process.stderr.write(
        `${reader} ${index} (${what}): ${reason}\n  again: npm run fuzz -- --reader ${reader} --seed ${seed} --only ${index}\n`,
      )
  }
  if (failed > 0) process.stderr.write(`${failed} files failed; they are in ${keep}.\n`)
  process.exitCode = failed > 0 ? 1 : 0
}
