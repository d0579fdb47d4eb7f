// `palm doctor`: what was found on this machine and what is missing.
import { examine } from '#app/services/machine/doctor.ts'
import { exitCodes, type Command, type ParsedCommand } from './shared/command.ts'
import { json } from './shared/options.ts'
import type { CliParts } from './shared/parts.ts'
import { out, outJson } from './shared/with-workspace.ts'

export const doctor: Command = {
  name: 'doctor',
  operands: '',
  summary: 'say what was found on this machine and what is missing',
  options: { json },
  run: doctorCommand,
}

async function doctorCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const report = await examine(await parts.doctor(parsed.values.get('data') ?? null))
  if (parsed.switches.has('json')) outJson(report)
  else {
    const { tensorflow, gigaflops } = report
    out(
      [
        `Node        ${report.node}`,
        `System      ${report.platform}`,
        `Processor   ${report.cpu}, ${report.cores} cores`,
        `Memory      ${(report.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
        `Data        ${report.dataFolder}`,
        `TensorFlow  ${tensorflow ? `${tensorflow.version} on ${tensorflow.device} (${tensorflow.library})` : 'not usable'}`,
        ...(gigaflops
          ? [
              `Speed       a 3x3 convolution: ${gigaflops.forward.toFixed(0)} GFLOP/s forward, ${gigaflops.backward.toFixed(0)} GFLOP/s backward`,
            ]
          : []),
        ...(report.proof
          ? [
              `Numbers     ${report.proof.deviations === 0 ? `right: ${report.proof.checks} comparisons, the largest deviation ${report.proof.largest.toExponential(1)}` : `wrong in ${report.proof.deviations} of ${report.proof.checks} comparisons`}`,
            ]
          : []),
        '',
        ...(report.ok
          ? ['Nothing is missing.']
          : report.problems.flatMap((problem) => [`Problem: ${problem.what}`, `  Fix: ${problem.fix}`])),
        '',
      ].join('\n'),
    )
  }
  return report.ok ? exitCodes.ok : exitCodes.failed
}
