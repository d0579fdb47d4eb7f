// A sweep on several machines: the lab's queue with what it asks of other rooms about inputs and models.
import { readdirSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { labAddress } from '#app/services/lab/lab-address.ts'
import { largestFilesBytes } from '#app/services/lab/lab-files.ts'
import { LabLibrary, type ContentAbilities } from '#app/services/lab/lab-library.ts'
import { LabQueue } from '#app/services/lab/lab-queue.ts'
import { LabSweep, type LabSweepParts } from '#app/services/lab/lab-sweep.ts'
import { LabWorker, type WorkerEvent } from '#app/services/lab/lab-worker.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { DeviceChoice } from '#contract/devices.ts'
import { isPlaced } from '#contract/inputs/input-kinds.ts'
import { modelCost } from '#session/open-model.ts'
import { modelContent, modelFiles, type FilePart } from '#session/model-content.ts'
import { inputContent } from '#stream/inputs/content.ts'
import { fingerprintInput } from '#stream/inputs/inspect.ts'
import { foldersIn } from './inputs.ts'
import { version } from './version.ts'
import { openWorkspaceIn, startPlace, type Workspace } from './workspace.ts'

/** Larger inputs are on a shared disk, or copied by hand. */
const largestInputBytes = 64 * 2 ** 20
const mostFiles = 20_000
/** What a worker's silence may be, in seconds; three signs of life fall into it. */
const silenceSeconds = 30

const contentAbilities = (resourcesFolder: string): ContentAbilities => {
  const folders = (source: boolean) => foldersIn(resourcesFolder, source ? 'source' : 'images')
  return {
    inputPrint: async (input, source) => (await fingerprintInput(input, folders(source))).hash,
    inputContent: (input, source) => inputContent(input, folders(source)),
    modelPrint: async (model) => (await modelCost(model, resourcesFolder)).hash,
    modelContent: (model) => modelContent(model, resourcesFolder),
  }
}

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
  readonly device: DeviceChoice | null
  readonly workers: number | null
  readonly untilEmpty: boolean
  readonly resourcesFolder: string
  readonly startSession: StartSession
  readonly told: (event: WorkerEvent) => void
  readonly note: (note: string) => void
}

/** Takes cells until `signal` says so. @returns how many it sent. @throws PalmError for a fault of this machine, and where the queue cannot be reached */
export async function runWorker(options: WorkerOptions, signal: AbortSignal): Promise<number> {
  const { name, library, device, untilEmpty, resourcesFolder, startSession, workers } = options
  const root = options.data ?? join(startPlace(null), 'worker')
  await mkdir(join(root, 'contents'), { recursive: true })
  removeLeft(root)
  const folder = await mkdtemp(join(root, `cells-${process.pid}-`))
  const { queue, shown } = await openQueue(options.address, name, options.note)
  const workspace = await openWorkspaceIn(folder, { resourcesFolder, startSession, workers, preview: false })
  try {
    options.note(`${name} takes cells from ${shown}.`)
    const worker = new LabWorker({
      queue,
      library: new LabLibrary({
        folders: library,
        cache: join(root, 'contents'),
        files: queue.files,
        abilities: contentAbilities(resourcesFolder),
        told: options.note,
      }),
      store: workspace.store,
      runs: workspace.runs,
      folder,
      device,
      program: version(),
      heartbeatMs: (silenceSeconds * 1000) / 3,
      untilEmpty,
      told: options.told,
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

/** What an input or a model is read from, where it is not too much to be sent. */
const filesOf: LabSweepParts['filesOf'] = async (what) => {
  if ('model' in what) {
    if (what.model.kind !== 'file') return null
    const files = await modelFiles(what.model)
    return (await bytesOf(files)) <= largestFilesBytes ? files : null
  }
  return isPlaced(what.input) ? treeOf(what.input.path) : null
}

async function bytesOf(files: readonly FilePart[]): Promise<number> {
  let sum = 0
  for (const { file } of files) sum += (await stat(file)).size
  return sum
}

async function treeOf(path: string): Promise<readonly FilePart[] | null> {
  if ((await stat(path)).isFile()) return within([{ path: basename(path), file: path }])
  const files: FilePart[] = []
  const above = dirname(path)
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    files.push({ path: relative(above, file).split(sep).join('/'), file })
    if (files.length > mostFiles) return null
  }
  return within(files)
}

const within = async (files: readonly FilePart[]): Promise<readonly FilePart[] | null> =>
  (await bytesOf(files)) <= largestInputBytes ? files : null
