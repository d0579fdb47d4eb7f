// `palm doctor`: what was found on this machine and what is missing; with --check every device at length.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { examine } from '#app/services/machine/doctor.ts'
import type { DoctorReport } from '#contract/app/app-info.ts'
import { isRight, type CheckResult } from '#contract/device-check.ts'
import { deviationsInWords } from '#contract/device-proof.ts'
import { deviceKinds, deviceLine, kindName, type DeviceKind } from '#contract/devices.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import { exitCodes, UsageError, type Command, type ParsedCommand } from './shared/command.ts'
import { json } from './shared/options.ts'
import type { CliParts } from './shared/parts.ts'
import { liveLine } from './shared/progress.ts'
import { deviceFrom } from './shared/values.ts'
import { out, outJson } from './shared/with-workspace.ts'

export const doctor: Command = {
  name: 'doctor',
  operands: '',
  summary: 'say what was found on this machine and what is missing',
  options: {
    check: { help: 'hold every device that is there at length against stored numbers; exit code 1 where one is wrong' },
    device: { value: 'NAME', help: 'with --check: this one alone: cpu, cuda, webgpu' },
    parity: {
      value: 'LIST',
      help: 'with --check: folders of stored traces of the published code too, by commas (default: those that are there)',
    },
    tf32: { help: 'with --check: CUDA with TF32, which measures how far that is off' },
    json,
  },
  run: doctorCommand,
}

async function doctorCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const data = parsed.values.get('data') ?? null
  for (const name of ['device', 'parity'])
    if (parsed.values.has(name) && !parsed.switches.has('check'))
      throw new UsageError(`--${name} goes with --check`, 'palm doctor --help')
  const report = await examine(await parts.doctor(data))
  if (!parsed.switches.has('check')) {
    if (parsed.switches.has('json')) outJson(report)
    else out(reportText(report))
    return report.ok ? exitCodes.ok : exitCodes.failed
  }
  const checked = await check(parsed, parts, report)
  const ok = checked.length > 0 && checked.every((one) => 'device' in one && isRight(one))
  if (parsed.switches.has('json')) outJson({ ...report, checks: checked })
  else out(ok ? 'All within their limits.\n' : 'Not all is right: see above.\n')
  return ok ? exitCodes.ok : exitCodes.failed
}

type Checked = CheckResult | { readonly kind: DeviceKind; readonly error: WireError }

/** Each device in a process of its own, one after the other. */
async function check(parsed: ParsedCommand, parts: CliParts, { offers }: DoctorReport): Promise<Checked[]> {
  const wanted = deviceFrom(parsed)
  const shown = !parsed.switches.has('json')
  const kinds = deviceKinds.filter((kind) =>
    wanted === null || wanted === 'auto'
      ? offers.some((offer) => offer.kind === kind && offer.problem === null)
      : kind === wanted,
  )
  const asked = parsed.values.get('parity')
  const parity =
    asked === undefined
      ? parts.parityFolders().filter((folder) => existsSync(folder))
      : asked.split(',').map((folder) => resolve(folder.trim()))
  // In software they take hours: only when they are asked for.
  const isSlow = (kind: DeviceKind): boolean =>
    asked === undefined && offers.some((offer) => offer.kind === kind && offer.software)
  const results: Checked[] = []
  for (const kind of kinds) {
    const line = liveLine(process.stderr)
    if (shown) out(`\nChecking ${kindName(kind)} …\n`)
    try {
      const precision = kind === 'cuda' && parsed.switches.has('tf32') ? 'tf32' : 'float32'
      const result = await parts.check(
        { data: parsed.values.get('data') ?? null, precision },
        { kind, parity: isSlow(kind) ? [] : parity },
        (at) => line.draw(`  ${at.what}: ${at.done} of ${at.total}`),
      )
      line.clear()
      if (shown) out(resultText(result))
      results.push(result)
    } catch (thrown) {
      line.clear()
      const error = toWireError(thrown)
      if (shown) out(`  ${error.message}\n`)
      results.push({ kind, error })
    }
  }
  if (shown && parity.length === 0) out('\nNo folder of stored traces was compared (--parity DIR; docs/parity.md).\n')
  return results
}

function resultText({ device, proof, parity, seconds }: CheckResult): string {
  const off = proof.network === null ? '' : `; two steps of PALM are off by ${proof.network.toExponential(1)}`
  return [
    `  ${deviceLine(device)}`,
    proof.deviations.length === 0
      ? `  right in ${proof.checks} comparisons, the largest deviation ${proof.largest.toExponential(1)}${off}`
      : `  WRONG in ${proof.deviations.length} of ${proof.checks} comparisons: ${deviationsInWords(proof)}`,
    ...parity.flatMap(({ folder, compared, over }) => [
      `  ${folder}: ${over.length === 0 ? `${compared} quantities within their limits` : `${over.length} of ${compared} quantities OVER their limits`}`,
      ...over.map(
        ({ method, quantity, largest, limit }) =>
          `    ${method}, ${quantity}: ${largest === null ? 'no number' : largest.toExponential(1)}, where ${limit.toExponential(0)} is allowed`,
      ),
    ]),
    ...(proof.deviations.length === 0
      ? []
      : [
          device.kind === 'cpu'
            ? '  Numbers of this machine cannot be trusted: run `npm start`, which repairs the set-up, and check again.'
            : '  It is not used where the device is chosen automatically; a run that asks for it by name is refused. A new driver or library gets another try.',
        ]),
    `  ${seconds.toFixed(0)} s`,
    '',
  ].join('\n')
}

function reportText(report: DoctorReport): string {
  const { gigaflops, device, offers, proof } = report
  const offer = (kind: DeviceKind, title: string): string => {
    const found = offers.find((one) => one.kind === kind)
    if (!found) return `${title}not looked for`
    return `${title}${found.problem ?? deviceLine({ ...found, from: 0, precision: 'float32', tf32Deviation: null, because: null })}`
  }
  return [
    `Node        ${report.node}`,
    `System      ${report.platform}`,
    `Processor   ${report.cpu}, ${report.cores} cores`,
    `Memory      ${(report.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    `Data        ${report.dataFolder}`,
    `TensorFlow  ${report.tensorflow ? `${report.tensorflow.version} (${report.tensorflow.library})` : 'not usable'}`,
    offer('cpu', 'Devices     '),
    offer('cuda', '            '),
    offer('webgpu', '            '),
    `Chosen      ${device ? `${deviceLine({ ...device, from: 0 })}${device.because === null ? '' : `. ${device.because}`}` : 'nothing to compute with'}`,
    ...(gigaflops
      ? [
          `Speed       a 3x3 convolution: ${gigaflops.forward.toFixed(gigaflops.forward < 10 ? 2 : 0)} GFLOP/s forward, ${gigaflops.backward.toFixed(gigaflops.backward < 10 ? 2 : 0)} GFLOP/s backward`,
        ]
      : []),
    ...(proof
      ? [
          `Numbers     ${proof.deviations === 0 ? `right: ${proof.checks} comparisons, the largest deviation ${proof.largest.toExponential(1)}` : `wrong in ${proof.deviations} of ${proof.checks} comparisons`}`,
        ]
      : []),
    '',
    ...(report.ok
      ? ['Nothing is missing.']
      : report.problems.flatMap((problem) => [`Problem: ${problem.what}`, `  Fix: ${problem.fix}`])),
    '',
  ].join('\n')
}
