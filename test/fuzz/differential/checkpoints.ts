// Generated checkpoints against `torch.load(weights_only=True)`: the weights of the network in them must be the same to the bit, what stands beside it must be
// named, and what may be a layer must be refused by its name. The suite compares with PyTorch's recorded answers, `npm run fuzz` with PyTorch itself.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { PalmError } from '#contract/errors.ts'
import { describeModel, hashTensors } from '#engine/models/load.ts'
import { readWeightsFile } from '#engine/models/weights-file.ts'
import type { DifferentialKind } from './differential.ts'
import { drawCheckpoint, type DrawnCheckpoint } from './draw-checkpoint.ts'

export const recordedAt = join(import.meta.dirname, '../../golden/checkpoints.json')
const { hashes: recorded } = JSON.parse(readFileSync(recordedAt, 'utf8')) as {
  hashes: Readonly<Record<string, string>>
}
const python = process.env.PALM_PYTHON ?? 'python3'

/** One process that reads files as PyTorch does. */
export class Torch {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>
  private readonly lines: AsyncIterator<string>

  constructor() {
    this.child = spawn(python, [join(import.meta.dirname, 'checkpoints.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.child.on('error', () => this.child.stdout.destroy())
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]()
  }

  /** The next line; empty when the process has ended. */
  async line(): Promise<Readonly<Record<string, string>>> {
    const { value, done } = await this.lines.next()
    return done === true ? {} : (JSON.parse(value) as Readonly<Record<string, string>>)
  }

  async hashOf(file: string, { path, names }: DrawnCheckpoint): Promise<string> {
    this.child.stdin.write(`${JSON.stringify({ file, path, names })}\n`)
    const { hash, refused } = await this.line()
    return hash ?? `refused: ${refused}`
  }

  close(): void {
    this.child.stdin.end()
  }
}

let torch: Torch | null = null
const live = process.env.VITEST === undefined

export const checkpoints: DifferentialKind = {
  name: 'checkpoints',
  async missing() {
    if (!live) return null
    torch = new Torch()
    if ((await torch.line()).torch !== undefined) return null
    torch.close()
    torch = null
    return `${python} has no PyTorch: python3 -m pip install torch, or PALM_PYTHON=the Python that has it`
  },
  async one(seed, keep) {
    const drawn = drawCheckpoint(seed)
    const name = `checkpoint-${seed}.pth`
    const path = join(keep, name)
    writeFileSync(path, drawn.bytes)
    const theirs = torch ? await torch.hashOf(path, drawn) : (recorded[seed] ?? 'not recorded')
    const what = disagreement(drawn, theirs, await ours(drawn, name))
    if (what === null) rmSync(path)
    return what
  },
  close() {
    torch?.close()
    torch = null
    return Promise.resolve()
  },
}

type Ours = { readonly hash: string; readonly remarks: string } | PalmError

async function ours({ bytes }: DrawnCheckpoint, name: string): Promise<Ours> {
  try {
    const file = await readWeightsFile(bytes, name, () => Promise.reject(new Error('no parts')))
    const { values, remarks } = describeModel(file, { fileName: name })
    return { hash: hashTensors(values).slice(0, 16), remarks: remarks?.join(' ') ?? '' }
  } catch (thrown) {
    if (thrown instanceof PalmError) return thrown
    throw thrown
  }
}

function disagreement({ besides, unclear }: DrawnCheckpoint, theirs: string, mine: Ours): string | null {
  // What PyTorch does not read has no right answer.
  if (theirs.startsWith('refused')) return `PyTorch does not read it (${theirs}): the generator is wrong`
  if (mine instanceof PalmError) {
    const expected = unclear !== null && mine.message.includes(`“${unclear}”`)
    return expected ? null : `PyTorch reads it, ours does not: ${mine.message}`
  }
  if (unclear !== null) return `“${unclear}” may be a layer, and ours left it out`
  if (mine.hash !== theirs) return `the weights are others than PyTorch’s (${mine.hash} and ${theirs})`
  const untold = besides.find((name) => !mine.remarks.includes(name))
  return untold === undefined
    ? null
    : `“${untold}” was left out, and that is not said: ${mine.remarks || '(nothing is)'}`
}
