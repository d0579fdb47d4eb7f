// A process of its own that reads one weights file as `palm models inspect` does, and says how much memory that took at most: node read-large.ts PATH
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { modelOptionsSchema } from '#contract/runs/run-options.ts'
import { PalmError } from '#contract/errors.ts'
import { modelDetails } from '#session/open-model.ts'

const path = process.argv[2] as string
const of = (name: string) =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
writeFileSync('/proc/self/clear_refs', '5')
const before = of('VmRSS')
let said = ''
try {
  said = (await modelDetails(modelOptionsSchema.parse({ kind: 'file', path }), '', [], 100)).info.architecture
} catch (thrown) {
  if (!(thrown instanceof PalmError)) throw thrown
  said = thrown.code
}
process.stdout.write(JSON.stringify({ said, ratio: (of('VmHWM') - before) / statSync(path).size }))
