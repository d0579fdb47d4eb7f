// `palm parity DIR [--json]`: our methods against a folder of stored traces. Exit code 1 when a deviation is over its limit.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { runParity } from '#engine/parity/parity.ts'

/** @throws PalmError `input-unreadable`, `native-missing`. @returns the exit code */
export async function parityCommand(args: readonly string[]): Promise<number> {
  const folder = args.find((arg) => !arg.startsWith('--'))
  if (folder === undefined) throw new PalmError('bad-request', 'palm parity needs a folder: palm parity DIR')
  const report = runParity(loadDevice(), (name) => {
    try {
      return readFileSync(join(folder, name))
    } catch (cause) {
      throw new PalmError(
        'input-unreadable',
        `${join(folder, name)} cannot be read: is ${folder} a parity folder?`,
        String(cause),
        { cause },
      )
    }
  })
  if (args.includes('--json')) {
    process.stdout.write(`${JSON.stringify(report)}\n`)
    return report.ok ? 0 : 1
  }
  const names = Math.max(15, ...report.rows.map((row) => row.method.length + 2))
  const width = Math.max(...report.rows.map((row) => row.quantity.length))
  process.stdout.write(
    `${'method'.padEnd(names)}${'mode'.padEnd(7)}${'quantity'.padEnd(width + 2)}${'largest'.padStart(10)}${'limit'.padStart(10)}\n`,
  )
  for (const row of report.rows) {
    const line = `${row.method.padEnd(names)}${row.mode.padEnd(7)}${row.quantity.padEnd(width + 2)}${row.largest.toExponential(1).padStart(10)}${row.limit.toExponential(0).padStart(10)}`
    process.stdout.write(`${line}  ${row.over ? `OVER (${row.where})` : 'ok'}\n`)
  }
  if (report.missing.length > 0) process.stdout.write(`Not implemented yet: ${report.missing.join(', ')}\n`)
  process.stdout.write(report.ok ? 'All within their limits.\n' : 'Over a limit: see above.\n')
  return report.ok ? 0 : 1
}
