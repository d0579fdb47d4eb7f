// The parts of the app that come from other rooms: the services are given them instead of importing stream, engine and session.
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { AppParts } from '#app/services/app.ts'
import { Uploads } from '#app/services/data/uploads.ts'
import { probeDevice } from '#app/services/machine/doctor.ts'
import { chosenDevice, readSettings, sessionSettings } from '#app/services/machine/settings.ts'
import { compareInProcess, rewriteInProcess, tensorsInProcess } from '#app/services/processes/task-process.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import { exportInProcess } from '#app/services/runs/export.ts'
import { ImageService } from '#app/services/runs/images.ts'
import { Looks } from '#app/services/runs/looks.ts'
import { keysOfTemplates } from '#app/services/runs/run-templates.ts'
import type { ExportRequest, ExportResult } from '#contract/models/export.ts'
import { previewsOf } from './input-previews.ts'
import { inspectInputOf, foldersIn } from './inputs.ts'
import { describeModelFile, inspectModelFile, modelLibraryOf } from './models.ts'
import { pictureThread } from './picture-thread.ts'
import type { Processes } from './processes.ts'
import { estimatesOf } from './sweeps.ts'
import type { Workspace } from './workspace.ts'

/** The data folder's own place for exports is made when it is asked for; any other folder must be there. */
export async function exportFrom(
  { dataFolder, resourcesFolder }: Workspace,
  session: StartSession,
  request: ExportRequest,
): Promise<ExportResult> {
  const own = resolve(dataFolder, 'exports')
  if (dirname(resolve(request.path)) === own) await mkdir(own, { recursive: true })
  return exportInProcess(session, request, { dataFolder, resourcesFolder })
}

/** Where a browser's files go; what no run refers to any more is removed in the background. */
function uploadsOf({ store, dataFolder }: Workspace): Uploads {
  const uploads = new Uploads(dataFolder)
  const tidy = async (): Promise<void> => {
    // Where a row cannot be read, nobody knows what it refers to, and all stay.
    const damaged = [store.runs.damaged({ deleted: true }), store.queue.damaged(), store.settings.damaged()]
    if (damaged.some((rows) => rows.length > 0)) return
    await uploads.tidy([
      ...store.runs.list({ deleted: true }).map(({ options }) => JSON.stringify(options)),
      ...store.queue.list().map(({ work }) => JSON.stringify(work)),
      ...keysOfTemplates.map((key) => JSON.stringify(store.settings.get(key) ?? null)),
    ])
  }
  void tidy().catch(() => undefined) // where the store cannot be read, all stay too
  return uploads
}

/** The parts of the app that come from other layers. */
export function abilities(
  workspace: Workspace,
  /** `look`: whose ends are not logged, because most of them are wished for: a form that changes ends its look. */
  processes: Processes & { readonly look: StartSession },
): Pick<
  AppParts,
  | 'inspectInput'
  | 'previewInput'
  | 'looks'
  | 'estimates'
  | 'uploads'
  | 'inspectModel'
  | 'models'
  | 'describeModel'
  | 'exportCheckpoint'
  | 'readTensors'
  | 'images'
  | 'compareCheckpoints'
  | 'rewriteFile'
  | 'probe'
> {
  return {
    inspectInput: (input, model) => inspectInputOf(workspace.resourcesFolder, input, model),
    previewInput: previewsOf(foldersIn(workspace.resourcesFolder, 'images'), workspace.resourcesFolder),
    looks: new Looks(processes.look, workspace),
    estimates: estimatesOf(workspace, processes.probe),
    uploads: uploadsOf(workspace),
    models: modelLibraryOf(workspace),
    describeModel: (model, batch) => describeModelFile(workspace.resourcesFolder, model, batch),
    inspectModel: (model) => inspectModelFile(workspace.resourcesFolder, model),
    exportCheckpoint: (request) => exportFrom(workspace, processes.session, request),
    readTensors: (request) => tensorsInProcess(processes.session, request, workspace),
    images: new ImageService(workspace.store, pictureThread(workspace.resourcesFolder)),
    compareCheckpoints: (request) => compareInProcess(processes.session, request, workspace),
    rewriteFile: () => rewriteInProcess(processes.session, workspace),
    probe: () => {
      const settings = readSettings(workspace.store)
      const choice = chosenDevice(null, false, settings, process.env)
      return probeDevice(processes.probe, sessionSettings(settings, choice, null))
    },
  }
}
