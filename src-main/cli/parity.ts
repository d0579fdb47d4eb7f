// `palm parity DIR`: our methods against a folder of stored traces. Exit code 1 when a deviation is over its limit.
import { exitCodes, type Command, type ParsedCommand } from './shared/command.ts'
import { deviceLine } from '#contract/devices.ts'
import { device, json } from './shared/options.ts'
import { deviceFrom, deviceOfEnvironment } from './shared/values.ts'
import { out } from './shared/with-workspace.ts'

export const parity: Command = {
  name: 'parity',
  operands: 'DIR',
  summary: 'hold this engine against traces of the published code',
  options: {
    device: { ...device, help: 'what computes: auto, cpu, cuda, webgpu (default: PALM_DEVICE, else cpu)' },
    json,
  },
  run: parityCommand,
}

async function parityCommand(parsed: ParsedCommand): Promise<number> {
  // Only here: no other command loads the native library into its own process.
  const { parityReport } = await import('#app/wiring/parity.ts')
  const { report, device: used } = await parityReport(
    parsed.operands[0] ?? '',
    deviceFrom(parsed) ?? deviceOfEnvironment() ?? 'cpu',
  )
  if (parsed.switches.has('json')) {
    out(`${JSON.stringify({ ...report, device: used })}\n`)
    return report.ok ? exitCodes.ok : exitCodes.failed
  }
  out(`On ${deviceLine(used)}.\n`)
  const names = Math.max(15, ...report.rows.map((row) => row.method.length + 2))
  const width = Math.max(...report.rows.map((row) => row.quantity.length))
  out(
    `${'method'.padEnd(names)}${'mode'.padEnd(7)}${'quantity'.padEnd(width + 2)}${'largest'.padStart(10)}${'limit'.padStart(10)}\n`,
  )
  for (const row of report.rows) {
    const line = `${row.method.padEnd(names)}${row.mode.padEnd(7)}${row.quantity.padEnd(width + 2)}${row.largest.toExponential(1).padStart(10)}${row.limit.toExponential(0).padStart(10)}`
    out(`${line}  ${row.over ? `OVER (${row.where})` : 'ok'}\n`)
  }
  for (const { method, mode, step, tensor, ours, theirs, reach } of report.ties)
    out(
      `Tie: ${method}, ${mode}, step ${step}: the score of ${tensor} is ${theirs.toFixed(5)} of eta in the trace and ${ours.toFixed(5)} here, both within ${reach.toExponential(0)} of it, so that ${ours > 1 ? 'the trace adapts it and ours does not' : 'ours adapts it and the trace does not'}. ${mode === 'chain' ? 'The chain is compared up to there' : 'It is left out of that step'}.\n`,
    )
  if (report.missing.length > 0) out(`Not implemented yet: ${report.missing.join(', ')}\n`)
  out(report.ok ? 'All within their limits.\n' : 'Over a limit: see above.\n')
  return report.ok ? exitCodes.ok : exitCodes.failed
}
