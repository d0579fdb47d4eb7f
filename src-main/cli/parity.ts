// `palm parity DIR`: our methods against a folder of stored traces. Exit code 1 when a deviation is over its limit.
import { exitCodes, type Command, type ParsedCommand } from './shared/command.ts'
import { json } from './shared/options.ts'
import { out } from './shared/with-workspace.ts'

export const parity: Command = {
  name: 'parity',
  operands: 'DIR',
  summary: 'hold this engine against traces of the published code',
  options: { json },
  run: parityCommand,
}

async function parityCommand(parsed: ParsedCommand): Promise<number> {
  // Only here: no other command loads the native library into its own process.
  const { parityReport } = await import('#app/wiring/parity.ts')
  const report = parityReport(parsed.operands[0] ?? '')
  if (parsed.switches.has('json')) {
    out(`${JSON.stringify(report)}\n`)
    return report.ok ? exitCodes.ok : exitCodes.failed
  }
  const names = Math.max(15, ...report.rows.map((row) => row.method.length + 2))
  const width = Math.max(...report.rows.map((row) => row.quantity.length))
  out(
    `${'method'.padEnd(names)}${'mode'.padEnd(7)}${'quantity'.padEnd(width + 2)}${'largest'.padStart(10)}${'limit'.padStart(10)}\n`,
  )
  for (const row of report.rows) {
    const line = `${row.method.padEnd(names)}${row.mode.padEnd(7)}${row.quantity.padEnd(width + 2)}${row.largest.toExponential(1).padStart(10)}${row.limit.toExponential(0).padStart(10)}`
    out(`${line}  ${row.over ? `OVER (${row.where})` : 'ok'}\n`)
  }
  if (report.missing.length > 0) out(`Not implemented yet: ${report.missing.join(', ')}\n`)
  out(report.ok ? 'All within their limits.\n' : 'Over a limit: see above.\n')
  return report.ok ? exitCodes.ok : exitCodes.failed
}
