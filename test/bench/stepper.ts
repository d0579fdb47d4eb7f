// Steps in processes of their own, taken in turn, and what is made of their times.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A process that makes one step a line. Closed by end of input, it answers with its peak memory. */
export class Stepper {
  private readonly lines: AsyncIterator<string>
  private readonly child
  private stderr = ''
  readonly ms: number[] = []
  last: Record<string, unknown> = {}

  constructor(command: string, args: string[], environment: Record<string, string>) {
    this.child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString()).slice(-4000)
    })
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]()
  }

  async next(): Promise<Record<string, unknown>> {
    const line = await this.lines.next()
    if (line.done) throw new Error(`A bench process ended early:\n${this.stderr}`)
    return JSON.parse(line.value) as Record<string, unknown>
  }

  async step(count: boolean): Promise<void> {
    this.child.stdin.write('\n')
    this.last = await this.next()
    if (count) this.ms.push(Number(this.last.ms))
  }

  async end(): Promise<Record<string, unknown>> {
    this.child.stdin.end()
    return this.next()
  }
}

export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}
export const pairedRatio = (a: readonly number[], b: readonly number[]) =>
  median(a.map((ms, i) => ms / (b[i] ?? Number.NaN)))
