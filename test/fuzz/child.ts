// A process that reads mutated files of one reader, one after the other, and says of each what came of it: node child.ts ORDER, where ORDER is JSON.
// What it does is told in a file whose first bytes are the number of the file in hand, so that whoever watches knows it even of a process that hangs.
import childProcess from 'node:child_process'
import {
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import vm from 'node:vm'
import { PalmError } from '#contract/errors.ts'
import type { Device } from '#engine/compute/device.ts'
import { FuzzRandom } from './fuzz-random.ts'
import { fuzzFile, layDown, pickUp, type FuzzFile, type FuzzReader } from './reader.ts'
import { onDevice, readers, type ReaderName } from './readers/all.ts'
import { needsOf } from './readers/images.ts'

export interface FuzzOrder {
  readonly reader: ReaderName
  readonly seed: number
  readonly from: number
  readonly to: number
  /** Of its own; empty. */
  readonly folder: string
  /** Growth of memory below which nothing is said: what the process itself may need in passing. */
  readonly floorBytes: number
}

export interface FuzzVerdict {
  readonly index: number
  readonly what: string
  readonly outcome: 'read' | 'refused' | 'failed'
  readonly reason: string
  readonly ms: number
  /** Growth of resident memory at its peak, against three times of what is honest: 3 = as much as is allowed. */
  readonly ratio: number
}

const order = JSON.parse(process.argv[2] ?? '{}') as FuzzOrder
const { floorBytes, folder } = order
const scratch = join(folder, 'files')
mkdirSync(scratch)
const canary = join(folder, 'canary')
const progress = openSync(join(folder, 'progress'), 'w')
const verdicts = openSync(join(folder, 'verdicts'), 'a')

// Whoever starts a process or evaluates a text is caught in the act.
let executed: string | null = null
for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'] as const) {
  ;(childProcess as unknown as Record<string, unknown>)[name] = () => {
    executed = `child_process.${name}`
    throw new Error(`a reader called ${executed}`)
  }
}
for (const name of ['runInContext', 'runInNewContext', 'runInThisContext', 'compileFunction'] as const) {
  ;(vm as unknown as Record<string, unknown>)[name] = () => {
    executed = `vm.${name}`
    throw new Error(`a reader called ${executed}`)
  }
}
// oxlint-disable-next-line no-eval -- it is taken away
globalThis.eval = () => {
  executed = 'eval'
  throw new Error('a reader called eval')
}

let rejection: unknown = null
process.on('unhandledRejection', (reason) => void (rejection = reason ?? 'unhandled rejection'))
process.on('uncaughtException', (error) => void (rejection = error))

const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined)
const status = () => readFileSync('/proc/self/status', 'utf8')
const linux = existsSync('/proc/self/clear_refs')
const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status())?.[1] ?? 0) * 1024
const resident = () => (linux ? kilobytes('VmRSS') : process.memoryUsage().rss)
/** Linux alone can forget the highest mark; elsewhere it is that of the whole process. */
const forgetPeak = () => void (linux && writeFileSync('/proc/self/clear_refs', '5'))
const peak = () => (linux ? kilobytes('VmHWM') : process.resourceUsage().maxRSS * 1024)

async function measured(
  reader: FuzzReader,
  file: FuzzFile,
  random: FuzzRandom,
): Promise<{ thrown: unknown; failed: boolean; growth: number; ms: number }> {
  const path = layDown(scratch, file)
  forgetPeak()
  const before = resident()
  const start = performance.now()
  let thrown: unknown = null
  let failed = false
  try {
    await reader.read(path, file, random)
  } catch (error) {
    thrown = error
    failed = true
  }
  const ms = performance.now() - start
  const growth = Math.max(0, peak() - before)
  pickUp(scratch, file)
  return { thrown, failed, growth, ms }
}

/** After an honest round, so that what is compiled and loaded once does not count; the less of two more, because whatever else goes on only adds. */
async function honestGrowth(reader: FuzzReader): Promise<number> {
  const least = reader.honest.map(() => Infinity)
  for (let round = 0; round < 3; round++) {
    for (const [i, file] of reader.honest.entries()) {
      const { failed, thrown, growth } = await measured(reader, file, new FuzzRandom('honest', round, i))
      if (failed) throw new Error(`the honest file ${file.name} of ${reader.name} is refused`, { cause: thrown })
      if (round > 0) least[i] = Math.min(least[i] ?? Infinity, growth)
    }
  }
  return Math.max(0, ...least)
}

/** An honest JPEG takes four to five times its pixels in this decoder (98 million: 4.1 times); two of them are counted as honest, so that 3x means six. */
const jpegCopies = 2
const total = ({ bytes, beside = {} }: FuzzFile) =>
  Object.values(beside).reduce((sum, part) => sum + part.length, bytes.length)
const reasonOf = (thrown: unknown) =>
  (thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)).slice(0, 300)
const pollution = () =>
  Object.keys(Object.prototype).length > 0 || ({} as { polluted?: unknown }).polluted !== undefined

async function judge(reader: FuzzReader, index: number, honest: number): Promise<FuzzVerdict> {
  const file = fuzzFile(reader, order.seed, index)
  const own = () => new FuzzRandom(order.seed, reader.name, index, 'reading')
  let { thrown, failed, growth, ms } = await measured(reader, file, own())
  const pixels = ['jpeg', 'png', 'webp', 'bmp', 'gif', 'tiff'].includes(reader.name)
    ? (await needsOf(file.bytes)) * (reader.name === 'jpeg' ? jpegCopies : 1)
    : 0
  const base = Math.max(floorBytes, honest, total(file), pixels)
  // What the collector had not yet got to is not the file's: it is asked again, with a clean heap. The least counts, because whatever else goes on only adds.
  for (let again = 0; again < 4 && growth > 3 * base; again++) {
    // Memory of native code goes back when its finalizers have run, after the collector.
    for (let turn = 0; turn < 3; turn++) {
      collect()
      await new Promise((resolve) => setImmediate(resolve))
    }
    growth = Math.min(growth, (await measured(reader, file, own())).growth)
  }
  // A late rejection or an event of a stream that nobody listens to.
  await new Promise((resolve) => setImmediate(resolve))
  const wrong = ((): string | null => {
    if (executed !== null || existsSync(canary)) return `it executed: ${executed ?? 'the canary is there'}`
    if (readdirSync(scratch).length > 0) return `it wrote ${readdirSync(scratch).join(', ')}`
    if (pollution()) return 'it changed Object.prototype'
    if (rejection !== null) return `an error outside of the call: ${reasonOf(rejection)}`
    if (failed && !(thrown instanceof PalmError))
      return `${reasonOf(thrown)} ${thrown instanceof Error ? (thrown.stack ?? '').split('\n').slice(1, 4).join(' ').replaceAll(/\s+/g, ' ') : ''}`
    if (thrown instanceof PalmError && thrown.code === 'internal') return `internal: ${thrown.message}`
    if (growth > 3 * base)
      return `it took ${(growth / 2 ** 20).toFixed(0)} MiB, where ${(base / 2 ** 20).toFixed(1)} MiB are honest`
    return null
  })()
  executed = null
  rejection = null
  return {
    index,
    what: file.what,
    outcome: wrong !== null ? 'failed' : failed ? 'refused' : 'read',
    reason: wrong ?? (failed ? reasonOf(thrown) : ''),
    ms,
    ratio: growth / base,
  }
}

// The warnings of a decoder are not for the reader of a table.
console.log = () => undefined
console.warn = () => undefined
let device: Device | null = null
if (onDevice.has(order.reader)) {
  try {
    device = (await import('#engine/compute/backend.ts')).loadDevice()
  } catch {
    device = null
  }
}
syncBuiltinESMExports()
const giveUp = (thrown: unknown): never => {
  process.stderr.write(`${reasonOf(thrown)} ${thrown instanceof Error ? reasonOf(thrown.cause) : ''}\n`)
  process.exit(3)
}
const reader = await Promise.resolve()
  .then(() => readers[order.reader](canary, device))
  .catch(giveUp)
const honest = await honestGrowth(reader).catch(giveUp)
for (let index = order.from; index < order.to; index++) {
  writeSync(progress, String(index).padStart(12), 0)
  if (index % 100 === 0) collect()
  writeSync(verdicts, `${JSON.stringify(await judge(reader, index, honest))}\n`)
}
writeSync(progress, 'done'.padStart(12), 0)
fsyncSync(verdicts)
process.exit(0)
