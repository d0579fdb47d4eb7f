// What was found on this machine and what is missing, with what to do. The measuring happens in a short-lived process of its
// own, because this one never computes; this file only puts the findings together.
import { cpus, platform, release, totalmem } from 'node:os'
import type { DoctorReport } from '#contract/app/app-info.ts'
import { deviceProbeSchema, type DeviceProbe } from '#contract/device-probe.ts'
import { deviationsInWords } from '#contract/device-proof.ts'
import { deviceLine } from '#contract/devices.ts'
import type { SessionSettings, StartSession } from '#app/services/processes/session-process.ts'
import { describeExit } from '#app/services/processes/supervisor.ts'
import { measuredTf32 } from './device-notes.ts'

/** The state of the native library as the set-up step left it. */
export interface NativeStatus {
  readonly ok: boolean
  /** It is being supplied right now. */
  readonly settingUp: boolean
  readonly reason: string | null
  readonly library: string | null
  /** There is nothing but WebGPU in software: a hundred times slower. */
  readonly software?: boolean
}

export interface DoctorParts {
  readonly dataFolder: string
  /** Null when it can be written, else why not. */
  readonly dataProblem: string | null
  readonly native: NativeStatus
  readonly probe: () => Promise<DeviceProbe>
}

/** A probe that takes longer hangs. */
const probePatienceMs = 120_000

/** Runs the measuring process (entry/probe.ts) and takes its one message; without settings on what PALM_DEVICE says, or what is there. Never rejects. */
export function probeDevice(startProcess: StartSession, settings?: SessionSettings): Promise<DeviceProbe> {
  return new Promise((resolve) => {
    const child = startProcess(settings)
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
          offers: [],
          error: {
            ...died,
            message:
              'What computes could not be tried: the process that loads TensorFlow’s library and opens the graphics card ended without an answer.',
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
  problems.push(...problemsOf(probe, parts.native))
  const tensorflow = probe.offers.find(({ kind, problem }) => kind !== 'webgpu' && problem === null)
  return {
    ok: problems.length === 0,
    node: process.versions.node,
    platform: `${platform()} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    tensorflow: tensorflow
      ? {
          version: tensorflow.library.replace(/^TensorFlow /, ''),
          library: parts.native.library ?? 'as installed with the package',
          device: probe.offers.some(({ kind, problem }) => kind === 'cuda' && problem === null) ? 'cuda' : 'cpu',
        }
      : null,
    device: probe.ok ? probe.device : null,
    offers: probe.offers,
    tf32Deviation: measuredTf32(parts.dataFolder),
    proof: probe.ok
      ? { checks: probe.proof.checks, largest: probe.proof.largest, deviations: probe.proof.deviations.length }
      : null,
    gigaflops: probe.ok ? { forward: probe.forwardGigaflops, backward: probe.backwardGigaflops } : null,
    dataFolder: parts.dataFolder,
    problems,
  }
}

function problemsOf(probe: DeviceProbe, native: NativeStatus): { what: string; fix: string }[] {
  const supply =
    native.reason ??
    'Run `npm start` once: it supplies the native TensorFlow library. PALM_LIBTENSORFLOW=/path uses one that you have.'
  if (!probe.ok) return [{ what: probe.error.message, fix: supply }]
  const { device, proof } = probe
  const found: { what: string; fix: string }[] = []
  if (device.software)
    found.push({
      what: 'There is no graphics card that WebGPU can use and no TensorFlow: runs are computed by WebGPU in software, a hundred times slower than TensorFlow on the processor.',
      fix: supply,
    })
  if (proof.deviations.length > 0)
    found.push({
      what: `The device (${deviceLine({ ...device, from: 0 })}) computes other numbers than the processor: ${deviationsInWords(proof)}.`,
      fix:
        device.kind === 'cpu'
          ? 'Numbers of this machine cannot be trusted. Run `npm start` (it repairs the set-up) and try again.'
          : 'It is not used where the device is chosen automatically: runs go to what is left. A new driver or library gets another try.',
    })
  return found
}
