// What the commands need from the rest of the program, wired for a plain Node process.
import { dataFolderPath, followMove, prepareDataFolder } from '#app/services/data/data-folder.ts'
import { probeDevice, type DoctorParts } from '#app/services/machine/doctor.ts'
import type { ModelLibrary } from '#app/services/models/model-library.ts'
import { checkInProcess } from '#app/services/processes/task-process.ts'
import type { Shard } from '#app/services/sweeps/shards.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { Workspace } from '#app/wiring/workspace.ts'
import type { CheckProgress, CheckRequest, CheckResult } from '#contract/device-check.ts'
import type { Precision } from '#contract/devices.ts'
import type { InputInfo } from '#contract/inputs/input-info.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { ExportRequest, ExportResult } from '#contract/models/export.ts'
import type { ModelDetailsReport } from '#contract/models/library.ts'
import type { ModelOptions } from '#contract/runs/run-options.ts'
import type { InputOptions } from '#contract/inputs/input-kinds.ts'
import { exportFrom } from '#app/wiring/abilities.ts'
import { inspectInputOf } from '#app/wiring/inputs.ts'
import { openLabSweep, openQueue, runWorker, type WorkerOptions } from '#app/wiring/lab.ts'
import { describeModelFile, modelLibraryOf, inspectModelFile } from '#app/wiring/models.ts'
import { nativeStatus } from '#app/wiring/native-status.ts'
import { forkedProcesses, sessionsOnCard } from '#app/wiring/processes.ts'
import { sourceFolders, tracesFolders } from '#app/wiring/program-files.ts'
import { sweepsOf } from '#app/wiring/sweeps.ts'
import { allDevices, deviceSlots, type WorkerDevice } from '#app/wiring/machine-devices.ts'

/** The rest of the program as the commands see it. */
export interface CliParts {
  open(data: string | null, workers: number | null): Promise<Workspace>
  classesOf(model: ModelOptions): Promise<number>
  models(workspace: Workspace): ModelLibrary
  describeModel(model: ModelOptions, batch: number): Promise<ModelDetailsReport>
  inspectInput(input: InputOptions, model: ModelOptions | null): Promise<InputInfo>
  exportCheckpoint(workspace: Workspace, request: ExportRequest): Promise<ExportResult>
  doctor(data: string | null): Promise<DoctorParts>
  /** One device at length, in a process of its own. */
  check(
    where: { readonly data: string | null; readonly precision: Precision },
    request: CheckRequest,
    told: (progress: CheckProgress) => void,
  ): Promise<CheckResult>
  /** Where folders of stored traces would be. */
  parityFolders(): readonly string[]
  /** `shard`: the part of every sweep that is computed here; null = all. */
  sweeps(workspace: Workspace, shard: Shard | null): SweepService
  /** Only to look at. */
  queue(address: string | null, told: (note: string) => void): ReturnType<typeof openQueue>
  labSweep: typeof openLabSweep
  worker(
    options: Omit<WorkerOptions, 'resourcesFolder' | 'startSession' | 'startOnCard'>,
    signal: AbortSignal,
  ): Promise<number>
  /** Everything here that can compute. */
  devices(): Promise<readonly WorkerDevice[]>
  readonly printError: (error: WireError) => void
}

export function cliParts(printError: (error: WireError) => void): CliParts {
  const processes = forkedProcesses()
  return {
    async open(data, workers) {
      // Only now: help and doctor shall work also where the database's addon cannot be loaded.
      const { openWorkspace } = await import('#app/wiring/workspace.ts')
      return openWorkspace({
        data,
        workers,
        preview: false,
        resourcesFolder: sourceFolders.resources,
        startSession: processes.session,
        findSlots: () => deviceSlots(processes.probe),
      })
    },
    classesOf: async (model) => (await inspectModelFile(sourceFolders.resources, model)).classes,
    models: modelLibraryOf,
    describeModel: (model, batch) => describeModelFile(sourceFolders.resources, model, batch),
    inspectInput: (input, model) => inspectInputOf(sourceFolders.resources, input, model),
    exportCheckpoint: (workspace, request) => exportFrom(workspace, processes.session, request),
    sweeps: (workspace, shard) => sweepsOf(workspace, processes.probe, shard),
    queue: (address, told) => openQueue(address, null, told),
    labSweep: openLabSweep,
    worker: (options, signal) =>
      runWorker(
        {
          ...options,
          resourcesFolder: sourceFolders.resources,
          startSession: processes.session,
          startOnCard: sessionsOnCard,
        },
        signal,
      ),
    devices: () => allDevices(processes.probe),
    async check({ data, precision }, request, told) {
      const dataFolder = followMove(dataFolderPath(process.env, process.platform, data))
      await prepareDataFolder(dataFolder)
      return checkInProcess(processes.session, { request, dataFolder, precision }, told)
    },
    parityFolders: tracesFolders,
    async doctor(data) {
      let dataFolder = dataFolderPath(process.env, process.platform, data)
      let dataProblem: string | null = null
      try {
        dataFolder = followMove(dataFolder)
        await prepareDataFolder(dataFolder)
      } catch (thrown) {
        dataProblem = toWireError(thrown).message
      }
      return { dataFolder, dataProblem, native: nativeStatus(), probe: () => probeDevice(processes.probe) }
    },
    printError,
  }
}
