// What was found on this machine and what is missing, with what to do. The measuring happens in a short-lived process of its
// own, because this one never computes; this file only puts the findings together.
import { cpus, platform, release, totalmem } from 'node:os'
import type { DoctorReport } from '#contract/app/app-info.ts'
import { deviceProbeSchema, type DeviceProbe } from '#contract/device-probe.ts'
import { deviationsInWords } from '#contract/device-proof.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import { describeExit } from '#app/services/processes/supervisor.ts'

/** The state of the native library as the set-up step left it. */
export interface NativeStatus {
  readonly ok: boolean
  /** It is being supplied right now. */
  readonly settingUp: boolean
  readonly reason: string | null
  readonly library: string | null
}

export interface DoctorParts {
  readonly dataFolder: string
  /** Null when it can be written, else why not. */
  readonly dataProblem: string | null
  readonly native: NativeStatus
  readonly probe: () => Promise<DeviceProbe>
}

/** A probe that takes longer hangs. */
const probePatienceMs = 60_000

/** Runs the measuring process (entry/probe.ts) and takes its one message. Never rejects. */
export function probeDevice(startProcess: StartSession): Promise<DeviceProbe> {
  return new Promise((resolve) => {
    const child = startProcess()
    const patience = setTimeout(() => child.kill(), probePatienceMs)
    let found: DeviceProbe | null = null
    child.onMessage((message) => {
      const parsed = deviceProbeSchema.safeParse(message)
      if (parsed.success) found = parsed.data
    })
    child.onExit((exit) => {
      clearTimeout(patience)
      const died = describeExit(exit)
      resolve(
        found ?? {
          ok: false,
          error: {
            ...died,
            message:
              'The native TensorFlow library could not be tried: the process that loads it ended without an answer.',
          },
        },
      )
    })
  })
}

/** The oldest Node that can load the database's addon. */
const oldestNode = [22, 14] as const

const enoughMemoryBytes = 4 * 2 ** 30

export async function examine(parts: DoctorParts): Promise<DoctorReport> {
  const problems: { what: string; fix: string }[] = []
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    problems.push({
      what: `Node ${process.versions.node} is too old (${oldestNode.join('.')} or newer is needed).`,
      fix: 'Start with `npm start`: it fetches a newer Node for this program alone.',
    })
  }
  if (totalmem() < enoughMemoryBytes) {
    problems.push({
      what: `This machine has ${(totalmem() / 2 ** 30).toFixed(1)} GiB of memory.`,
      fix: 'Use small batches (--batch 50) and fewer lanes.',
    })
  }
  if (parts.dataProblem !== null)
    problems.push({ what: parts.dataProblem, fix: 'Choose another folder with --data DIR or PALM_DATA.' })

  const probe = await parts.probe()
  if (!probe.ok) {
    problems.push({
      what: probe.error.message,
      fix:
        parts.native.reason ??
        'Run `npm start` once: it supplies the native TensorFlow library. PALM_LIBTENSORFLOW=/path uses one that you have.',
    })
  }
  if (probe.ok && probe.proof.deviations.length > 0) {
    problems.push({
      what: `The device (${probe.device}) computes other numbers than the processor: ${deviationsInWords(probe.proof)}.`,
      fix:
        probe.device === 'cpu'
          ? 'Numbers of this machine cannot be trusted. Run `npm start` (it repairs the set-up) and try again.'
          : 'Runs are computed on the processor where the device is chosen automatically. Another driver or library is tried anew.',
    })
  }
  return {
    ok: problems.length === 0,
    node: process.versions.node,
    platform: `${platform()} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    tensorflow: probe.ok
      ? {
          version: probe.version,
          library: parts.native.library ?? 'as installed with the package',
          device: probe.device,
        }
      : null,
    proof: probe.ok
      ? { checks: probe.proof.checks, largest: probe.proof.largest, deviations: probe.proof.deviations.length }
      : null,
    gigaflops: probe.ok ? { forward: probe.forwardGigaflops, backward: probe.backwardGigaflops } : null,
    dataFolder: parts.dataFolder,
    problems,
  }
}
