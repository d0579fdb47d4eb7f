// A text that tells somebody else what this program runs on and what failed last, to be pasted into a mail or an issue. Without `personal`
// no folder, file or user of this machine is in it.
import { freemem, homedir, loadavg, userInfo } from 'node:os'
import type { DoctorReport } from '#contract/app/app-info.ts'
import { deviceLine } from '#contract/devices.ts'
import type { Settings } from '#contract/app/settings.ts'
import type { LogEntry } from '#contract/log.ts'

export interface ReportParts {
  readonly version: string
  readonly host: string
  readonly doctor: DoctorReport
  readonly settings: Settings
  readonly dataBytes: number
  readonly runs: number
  readonly log: readonly LogEntry[]
  readonly personal: boolean
}

const errorsTold = 10
const gib = (bytes: number): string =>
  bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`

export function systemReport({ version, host, doctor, settings, dataBytes, runs, log, personal }: ReportParts): string {
  const { tensorflow, gigaflops } = doctor
  const { theme, language, device, threads, workers, precision, notifications } = settings
  const failed = log.filter(({ level }) => level !== 'info').slice(-errorsTold)
  const lines = [
    `PALM Studio ${version} (${host})`,
    `System: ${doctor.platform}`,
    `Node: ${doctor.node}${process.versions['electron'] ? `, Electron ${process.versions['electron']}` : ''}`,
    `Processor: ${doctor.cpu}, ${doctor.cores} cores, load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
    `Memory: ${gib(doctor.memoryBytes)}, ${gib(freemem())} free`,
    `Device: ${doctor.device ? deviceLine({ ...doctor.device, from: 0 }) : 'none'}`,
    ...doctor.offers.flatMap(({ kind, problem }) => (problem === null ? [] : [`Not there: ${kind}: ${problem}`])),
    `TensorFlow: ${tensorflow ? `${tensorflow.version} on ${tensorflow.device}${personal ? ` (${tensorflow.library})` : ''}` : 'does not load'}`,
    `Convolution: ${gigaflops ? `${gigaflops.forward.toFixed(0)} GFLOP/s forward, ${gigaflops.backward.toFixed(0)} backward` : 'not measured'}`,
    `Data folder: ${gib(dataBytes)}, ${runs} runs${personal ? ` (${doctor.dataFolder})` : ''}`,
    `Settings: ${Object.entries({
      theme,
      language,
      device,
      threads: threads ?? 'auto',
      workers: workers ?? 'auto',
      precision,
      notifications,
    })
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
    '',
    doctor.problems.length === 0 ? 'Problems found: none' : 'Problems found:',
    ...doctor.problems.map(({ what, fix }) => `- ${what} ${fix}`),
    '',
    failed.length === 0 ? 'Last errors: none' : `Last errors (${failed.length}):`,
    ...failed.flatMap(({ at, source, code, message, detail }) => [
      `- ${new Date(at).toISOString()} ${source}${code ? ` [${code}]` : ''}: ${message}`,
      ...(detail
        ? detail
            .trim()
            .split('\n')
            .slice(-12)
            .map((line) => `    ${line}`)
        : []),
    ]),
  ]
  const text = lines.join('\n')
  return `${personal ? text : withoutPlaces(text, [doctor.dataFolder, homedir()], nameOfUser())}\n`
}

/** Takes folders, files and the user's name out. Where a path begins the rest of its line goes: nobody knows where a name with spaces ends. */
export function withoutPlaces(text: string, folders: readonly string[], user: string | null): string {
  let clean = text
  for (const folder of folders) if (folder.length > 1) clean = clean.replaceAll(folder, '<path>')
  clean = clean.replaceAll(/(?:file:\/\/|<path>|(?<![\w/.:<>-])(?:[A-Za-z]:[\\/]|\\\\|\/(?=[^\s/]))).*/g, '<path> …')
  return user !== null && user.length > 2
    ? clean.replaceAll(new RegExp(`\\b${user.replaceAll(/[^\w]/g, '.')}\\b`, 'g'), '<user>')
    : clean
}

function nameOfUser(): string | null {
  try {
    return userInfo().username
  } catch {
    return null
  }
}
