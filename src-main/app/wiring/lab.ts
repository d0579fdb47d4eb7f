// A sweep on several machines: the lab's queue with what it asks of other rooms about inputs and models.
import { readdirSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { labAddress } from '#app/services/lab/lab-address.ts'
import { LabLibrary } from '#app/services/lab/lab-library.ts'
import { LabQueue } from '#app/services/lab/lab-queue.ts'
import { LabSweep } from '#app/services/lab/lab-sweep.ts'
import { LabWorker, type WorkerEvent } from '#app/services/lab/lab-worker.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import { toWireError } from '#contract/errors.ts'
import type { WorkerDevice } from './machine-devices.ts'
import { contentAbilities, filesOf } from './lab-contents.ts'
import { version } from './version.ts'
import { openWorkspaceIn, startPlace, type Workspace } from './workspace.ts'

/** What a worker's silence may be, in seconds; three signs of life fall into it. */
const silenceSeconds = 30

/** What a sweep asks of a lab. Whoever opens it closes `queue`. @throws PalmError `bad-request` */
export async function openLabSweep(
  workspace: Workspace,
  sweeps: SweepService,
  address: string | null,
  told: (note: string) => void,
): Promise<{ readonly queue: LabQueue; readonly lab: LabSweep; readonly shown: string }> {
  const { queue, shown } = await openQueue(address, null, told)
  const lab = new LabSweep({
    queue,
    store: workspace.store,
    sweeps,
    abilities: contentAbilities(workspace.resourcesFolder),
    filesOf,
    program: version(),
    told,
  })
  return { queue, lab, shown }
}

/** Only to look at. @throws PalmError `bad-request` */
export async function openQueue(
  address: string | null,
  worker: string | null,
  told: (note: string) => void,
): Promise<{ readonly queue: LabQueue; readonly shown: string }> {
  const where = labAddress(address)
  if (where.warning !== null) told(where.warning)
  const queue = await LabQueue.open(where, {
    worker,
    heartbeatSeconds: silenceSeconds,
    problem: () => undefined, // pg-boss connects again by itself; whoever asks meanwhile is told
  })
  return { queue, shown: where.shown }
}

export interface WorkerOptions {
  readonly address: string | null
  readonly name: string
  readonly library: readonly string[]
  /** Where its files lie; null = in the usual data folder. */
  readonly data: string | null
  /** Each is served by a session of its own, at the same time; null = one, as the settings say. */
  readonly devices: readonly WorkerDevice[] | null
  readonly workers: number | null
  readonly untilEmpty: boolean
  readonly resourcesFolder: string
  readonly startSession: StartSession
  /** Sessions that see one NVIDIA card only. */
  readonly startOnCard: (card: number) => StartSession
  /** `device`: which of several; null = there is one. */
  readonly told: (event: WorkerEvent, device: string | null) => void
  readonly note: (note: string) => void
}

/** Takes cells until `signal` says so, or all devices have failed. @returns how many it sent. @throws PalmError for a fault of this machine, and where the queue cannot be reached */
export async function runWorker(options: WorkerOptions, signal: AbortSignal): Promise<number> {
  const { data, library, name, note, resourcesFolder } = options
  const root = data ?? join(startPlace(null), 'worker')
  await mkdir(join(root, 'contents'), { recursive: true })
  removeLeft(root)
  const { queue, shown } = await openQueue(options.address, null, note)
  try {
    note(`${name} takes cells from ${shown}.`)
    const shared = new LabLibrary({
      folders: library,
      cache: join(root, 'contents'),
      files: queue.files,
      abilities: contentAbilities(resourcesFolder),
      told: note,
    })
    const devices = options.devices ?? [null]
    const ends = await Promise.allSettled(
      devices.map(async (device) => {
        try {
          return await serve({ ...options, device, root, library: shared, several: devices.length > 1 }, signal)
        } catch (thrown) {
          if (devices.length > 1) note(`${device?.name ?? ''}: ${toWireError(thrown).message}`)
          throw thrown
        }
      }),
    )
    const sent = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
    const [failed] = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []))
    if (sent.length === 0) throw failed
    return sent.reduce((sum, n) => sum + n, 0)
  } finally {
    await queue.close()
  }
}

interface Served extends Omit<WorkerOptions, 'library'> {
  readonly device: WorkerDevice | null
  readonly several: boolean
  readonly root: string
  readonly library: LabLibrary
}

/** One device: a connection, a folder and sessions of its own. */
async function serve(served: Served, signal: AbortSignal): Promise<number> {
  const { device, several, root, library, untilEmpty, resourcesFolder, workers } = served
  const name = several && device ? `${served.name} ${device.name}` : served.name
  const folder = await mkdtemp(join(root, `cells-${process.pid}-`))
  const { queue } = await openQueue(served.address, name, () => undefined)
  const card = device?.card ?? null
  const startSession = card === null ? served.startSession : served.startOnCard(card)
  const workspace = await openWorkspaceIn(folder, { resourcesFolder, startSession, workers, preview: false })
  try {
    const worker = new LabWorker({
      queue,
      library,
      store: workspace.store,
      runs: workspace.runs,
      folder,
      device: device?.choice ?? null,
      program: version(),
      heartbeatMs: (silenceSeconds * 1000) / 3,
      untilEmpty,
      told: (event) => served.told(event, several && device ? device.name : null),
    })
    return await worker.work(signal)
  } finally {
    await queue.close()
    await workspace.runs.sessions.close()
    workspace.store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Folders of workers that were killed. */
function removeLeft(root: string): void {
  for (const name of readdirSync(root)) {
    const pid = /^cells-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(root, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
  }
}
