// Runs the fuzzing of a reader in a process of its own, watches it (time of a file, memory of the process), starts it again behind a file that killed it,
// and keeps what failed.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processorMs } from '#test/helpers/processor.ts'
import type { FuzzOrder, FuzzVerdict } from './child.ts'
import { fuzzFile } from './reader.ts'
import { readers, type ReaderName } from './readers/all.ts'

export interface FuzzSettings {
  readonly count: number
  readonly seed: number
  /** First number; the others follow. */
  readonly from?: number
  /** Where failing files go; null = nowhere. */
  readonly keep: string | null
  /** Of the processor. */
  readonly secondsPerFile?: number
  readonly ceilingBytes?: number
}

export interface FuzzSummary {
  readonly reader: ReaderName
  readonly files: number
  readonly read: number
  readonly refused: number
  readonly failures: readonly (
    | FuzzVerdict
    | { readonly index: number; readonly what: string; readonly outcome: 'failed'; readonly reason: string }
  )[]
  readonly slowestMs: number
  readonly largestRatio: number
  readonly seconds: number
}

/** A process at work needs so much in passing, whatever it reads; growth is held against this or the honest file's, whichever is more. */
export const floorBytes = 24 * 2 ** 20
/** By its processor time, not by the clock, a file takes too long: others may have the processors. One that does nothing at all is given so many times as much. */
const idleFactor = 20
/** The heap may not grow beyond this: what wants more dies, and is found. */
const heapMegabytes = 768

export async function fuzz(reader: ReaderName, settings: FuzzSettings): Promise<FuzzSummary> {
  const { count, seed, from = 0, secondsPerFile = 20, ceilingBytes = 1.5 * 2 ** 30 } = settings
  const started = performance.now()
  const verdicts: FuzzVerdict[] = []
  const failures: { index: number; what: string; outcome: 'failed'; reason: string }[] = []
  for (let next = from; next < from + count;) {
    const folder = mkdtempSync(join(tmpdir(), 'palm-fuzz-'))
    try {
      const end = await watch(
        { reader, seed, from: next, to: from + count, folder, floorBytes },
        secondsPerFile,
        ceilingBytes,
      )
      if (existsSync(join(folder, 'verdicts')))
        for (const line of readFileSync(join(folder, 'verdicts'), 'utf8').split('\n'))
          if (line.endsWith('}')) verdicts.push(JSON.parse(line) as FuzzVerdict)
      if (end === null) break
      const text = existsSync(join(folder, 'progress')) ? readFileSync(join(folder, 'progress'), 'utf8').trim() : ''
      if (!/^\d+$/.test(text)) throw new Error(`The process for ${reader} did not begin: ${end}`)
      const index = Number(text)
      failures.push({ index, what: '', outcome: 'failed', reason: end })
      if (failures.length > 50) throw new Error(`${reader}: more than fifty files killed the process; the last: ${end}`)
      next = index + 1
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const all = [...verdicts.filter(({ outcome }) => outcome === 'failed'), ...failures]
  if (settings.keep !== null && all.length > 0)
    await keepFiles(
      reader,
      seed,
      all.map(({ index }) => index),
      settings.keep,
    )
  return {
    reader,
    files: verdicts.length + failures.length,
    read: verdicts.filter(({ outcome }) => outcome === 'read').length,
    refused: verdicts.filter(({ outcome }) => outcome === 'refused').length,
    failures: all,
    slowestMs: verdicts.reduce((most, { ms }) => Math.max(most, ms), 0),
    largestRatio: verdicts.reduce((most, { ratio }) => Math.max(most, ratio), 0),
    seconds: (performance.now() - started) / 1000,
  }
}

/** Without what keeps freed memory on the heap for TensorFlow: a reader's hunger would hide in it. A test that loaded the device before leaves that in ours. */
const plainEnvironment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MALLOC_')))

/** Null when it came to its end; else why it did not. */
function watch(order: FuzzOrder, secondsPerFile: number, ceilingBytes: number): Promise<string | null> {
  const child = spawn(
    process.execPath,
    [
      '--expose-gc',
      `--max-old-space-size=${heapMegabytes}`,
      '--max-semi-space-size=4',
      join(import.meta.dirname, 'child.ts'),
      JSON.stringify(order),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...plainEnvironment(), TF_CPP_MIN_LOG_LEVEL: '2' } },
  )
  const at = () => ({ clock: performance.now(), processor: processorMs(child.pid ?? 0) })
  let told = ''
  child.stderr.on('data', (data: Buffer) => void (told = `${told}${data.toString()}`.slice(-4000)))
  let killed: string | null = null
  let last = ''
  let since = at()
  const progress = () =>
    existsSync(join(order.folder, 'progress')) ? readFileSync(join(order.folder, 'progress'), 'utf8') : ''
  const timer = setInterval(() => {
    const now = progress()
    if (now !== last) {
      last = now
      since = at()
    }
    // Before the first file it loads the program and a device.
    const most = 1000 * (now === '' ? 120 : secondsPerFile)
    const { clock, processor } = at()
    if (processor - since.processor > most || clock - since.clock > idleFactor * most)
      killed = `it hung for more than ${secondsPerFile} s`
    const memory = residentOf(child.pid)
    if (memory > ceilingBytes) killed = `its process took ${(memory / 2 ** 20).toFixed(0)} MiB`
    if (killed !== null) child.kill('SIGKILL')
  }, 100)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearInterval(timer)
      if (killed !== null) resolve(killed)
      else if (code === 0 && progress().trim() === 'done') resolve(null)
      else resolve(`the process died (${signal ?? code}): ${told.trim().split('\n').slice(-12).join(' | ')}`)
    })
  })
}

function residentOf(pid: number | undefined): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0 // gone, or no Linux
  }
}

async function keepFiles(reader: ReaderName, seed: number, indices: readonly number[], folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const made = await readers[reader]('/tmp/palm-fuzz-canary', null)
  for (const index of indices.slice(0, 100)) {
    const { name, bytes, beside = {} } = fuzzFile(made, seed, index)
    writeFileSync(join(folder, `${reader}-${seed}-${index}-${name}`), bytes)
    for (const [part, data] of Object.entries(beside))
      writeFileSync(join(folder, `${reader}-${seed}-${index}-${part}`), data)
  }
}
