// A checkpoint as a model file: the model's tensors with the checkpoint's delta in their place, in the format that is asked for. Written, read again with
// our own reader and held against the live model on a batch of the run's images before it is called done. A model card lies beside it.
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import type { ExportRequest, ExportResult } from '#contract/models/export.ts'
import type { CheckpointInfo } from '#contract/tables/report.ts'
import type { Device } from '#engine/compute/device.ts'
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'
import { describeModel, hashTensors, type ModelDescription } from '#engine/models/load.ts'
import type { Store } from '#store/store.ts'
import { inputSizeOf, loadOptions, readModelFile, type ModelFile } from '#session/open-model.ts'
import { decodeState, statisticsPrefix } from '#session/state-blob.ts'
import { filesOf, formatOf } from './export-files.ts'
import { imagesOf, lastImages } from './export-images.ts'
import { exportStatistics, wantedBatches } from './export-statistics.ts'
import { modelCard } from './model-card.ts'
import { verify, verifyImages } from './verify.ts'
import { makeFolder, writeFiles } from './write-files.ts'

/** These formats hold the whole graph, from pixels in 0..1 on: whoever reads them must not normalise once more. */
const normalizingInside = { mean: '[0,0,0]', std: '[1,1,1]' }

interface Job {
  readonly store: Store
  readonly device: Device
  readonly resourcesFolder: string
  readonly request: ExportRequest
  readonly version: string
  readonly now: () => number
}

/** @throws PalmError `checkpoint-not-found`, `run-not-found`, `model-unreadable`, `bad-request`, `method-unsupported`, `model-unsupported` */
export async function exportCheckpoint({
  store,
  device,
  resourcesFolder,
  request,
  version,
  now,
}: Job): Promise<ExportResult> {
  const { run, checkpoint, delta: onlyDelta } = request
  const path = resolve(request.path)
  const format = request.format ?? formatOf(path)
  if (onlyDelta && format !== 'safetensors' && format !== 'torch')
    throw new PalmError('bad-request', 'Only .safetensors and .pth can hold the changed tensors alone.')
  const { info, delta } = store.checkpoints.delta(run, checkpoint)
  const options = store.runs.options(run)
  const plan = store.runs.plan(run)
  const file = await readModelFile(options.model, resourcesFolder)
  const description = describeModel(file.contents, loadOptions(file.path, options.model))
  if (plan && plan.model.hash !== hashTensors(description.values))
    throw new PalmError(
      'model-unreadable',
      `The weights in ${file.path} have changed since the run: the checkpoint does not fit them any more.`,
    )
  const { values, changed, gathered } = putDelta(description, delta, info, file.name)
  const images = await imagesOf(
    options,
    description,
    resourcesFolder,
    info.step,
    Math.max(wantedBatches(request, options, info.lane) ?? 0, 1 + Math.ceil(verifyImages / options.batchSize)),
  )
  const { names, statistics } = await exportStatistics({
    device,
    description,
    values,
    request,
    options,
    info,
    gathered,
    images,
  })
  for (const name of names) changed.add(name)
  const side = plan?.model.inputSize.width || (inputSizeOf(description, options.model) ?? images[0]?.width ?? 32)
  const metadata = {
    ...metadataOf(file, description, side),
    ...(format === 'onnx' || format === 'tfjs' ? normalizingInside : {}),
    palm_run: String(run),
    palm_lane: info.lane,
    palm_step: String(info.step),
  }
  const written = new Map([...values].filter(([name]) => !onlyDelta || changed.has(name)))
  const files = filesOf(format, path, { description, values, written, metadata, side, version })
  const cardPath = format === 'tfjs' ? join(path, 'model.json.card.json') : `${path}.card.json`
  const mainPath = format === 'tfjs' ? join(path, 'model.json') : path
  const card = modelCard({
    store,
    run,
    info,
    options,
    plan,
    file,
    description,
    values,
    metadata,
    format,
    files,
    onlyDelta,
    statistics,
    withPaths: request.withPaths,
    version,
    createdAt: now(),
  })
  if (format === 'tfjs') await makeFolder(path)
  await writeFiles(files)
  try {
    const batch = lastImages(images, verifyImages)
    const verified = await verify({
      device,
      path: mainPath,
      format,
      description,
      values,
      written,
      onlyDelta,
      batch,
      side,
      metadata,
    })
    await writeFiles(
      new Map([[cardPath, new TextEncoder().encode(`${JSON.stringify({ ...card, verified }, null, 2)}\n`)]]),
    )
    return {
      path,
      cardPath,
      format,
      sizeBytes: [...files.values()].reduce((sum, bytes) => sum + bytes.byteLength, 0),
      tensors: written.size,
      statistics,
      verified,
    }
  } catch (thrown) {
    // Said to have failed, it leaves no file that looks like a whole export.
    await Promise.all([...files.keys()].map((file) => rm(file, { force: true })))
    throw thrown
  }
}

/** What makes the file complete for our reader, in the words of `load.ts`. */
function metadataOf(
  { contents }: ModelFile,
  { normalization, classNames }: ModelDescription,
  side: number,
): Record<string, string> {
  const own = Object.fromEntries(Object.entries(contents.metadata).filter(([key]) => !key.startsWith('palm_')))
  return {
    ...own,
    mean: JSON.stringify(normalization.mean),
    std: JSON.stringify(normalization.std),
    input_size: JSON.stringify([side, side]),
    ...(classNames ? { class_names: JSON.stringify(classNames) } : {}),
  }
}

interface DeltaParts {
  /** All tensors of the model, the checkpoint's in their places. */
  readonly values: Map<string, FileTensor>
  /** Names of those that it changed. */
  readonly changed: Set<string>
  /** Statistics that a webcam's window gave, by tensor. */
  readonly gathered: ReadonlyMap<string, FileTensor>
}

/** @throws PalmError `method-unsupported` where the lane adapts what is no part of the model */
function putDelta(
  { values: source }: ModelDescription,
  delta: Uint8Array,
  info: CheckpointInfo,
  fileName: string,
): DeltaParts {
  const values = new Map(source)
  const changed = new Set<string>()
  const gathered = new Map<string, FileTensor>()
  for (const [key, array] of decodeState(delta, `checkpoint ${info.id}`).arrays) {
    if (key.startsWith(statisticsPrefix)) gathered.set(key.slice(statisticsPrefix.length), array)
    if (!key.startsWith('param/')) continue
    const name = key.slice('param/'.length)
    if (!values.has(name))
      throw new PalmError(
        'method-unsupported',
        `Lane ${info.lane} adapts networks that it adds to the model (EcoTTA); the model itself is unchanged, so there is nothing to export as ${fileName}.`,
      )
    values.set(name, array)
    changed.add(name)
  }
  return { values, changed, gathered }
}
