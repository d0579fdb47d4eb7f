// A checkpoint as a model file: the model's tensors with the checkpoint's delta in their place, in the format that is asked for. Written, read again with
// our own reader and held against the live model on a batch of the run's images before it is called done. A model card lies beside it.
import { createHash } from 'node:crypto'
import { basename, extname, join, resolve } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import { formatEndings, type ExportFormat, type ExportRequest, type ExportResult } from '#contract/models/export.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { Device } from '#engine/compute/device.ts'
import { forward } from '#engine/compute/graph.ts'
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'
import { networkToOnnx } from '#engine/models/formats/onnx-write.ts'
import { writeSafetensors } from '#engine/models/formats/safetensors.ts'
import { networkToTfjs } from '#engine/models/formats/tfjs-write.ts'
import { writeTorch } from '#engine/models/formats/torch-write.ts'
import { describeModel, hashTensors, loadModel, modelFrom, type ModelDescription } from '#engine/models/load.ts'
import type { Model } from '#engine/models/model.ts'
import { recognizeArchitecture } from '#engine/models/registry.ts'
import type { Store } from '#store/store.ts'
import { openStream } from '#stream/open-stream.ts'
import type { StreamBatch } from '#stream/stream.ts'
import { inputSizeOf, loadOptions, readContents, readModelFile, type ModelFile } from '#session/open-model.ts'
import { decodeState, statisticsPrefix } from '#session/state-blob.ts'
import { streamContext } from '#session/stream-context.ts'
import { makeFolder, writeFiles } from './write-files.ts'

/** Two float32 programs of the same network round differently; a wrong detail is off by per cents. */
const largestDifference = 1e-3
const verifyImages = 8
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
  const values = new Map(description.values)
  const changed = new Set<string>()
  const gathered = new Map<string, FileTensor>()
  for (const [key, array] of decodeState(delta, `checkpoint ${checkpoint}`).arrays) {
    if (key.startsWith(statisticsPrefix)) gathered.set(key.slice(statisticsPrefix.length), array)
    if (!key.startsWith('param/')) continue
    const name = key.slice('param/'.length)
    if (!values.has(name))
      throw new PalmError(
        'method-unsupported',
        `Lane ${info.lane} adapts networks that it adds to the model (EcoTTA); the model itself is unchanged, so there is nothing to export as ${file.name}.`,
      )
    values.set(name, array)
    changed.add(name)
  }
  const images = await imagesOf(
    options,
    description,
    resourcesFolder,
    info.step,
    Math.max(request.statisticsFrom ?? 0, 1 + Math.ceil(verifyImages / options.batchSize)),
  )
  const forStatistics = images.slice(-(request.statisticsFrom ?? 1))
  const ofWindow = request.statisticsFrom !== null && gathered.size > 0
  const statistics =
    request.statisticsFrom === null
      ? []
      : ofWindow
        ? putStatistics(values, gathered)
        : estimateStatistics(device, description, values, forStatistics)
  for (const name of statistics) changed.add(name)
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
  const card = {
    format,
    createdAt: new Date(now()).toISOString(),
    run: {
      id: run,
      name: options.name,
      options,
      inputName: plan?.inputName ?? null,
      inputHash: plan?.inputHash ?? null,
    },
    lane: {
      id: info.lane,
      label: options.lanes.find(({ id }) => id === info.lane)?.label ?? info.lane,
      step: info.step,
    },
    model: {
      name: file.name,
      architecture: description.name,
      sourceHash: hashTensors(description.values),
      exportedHash: hashTensors(values),
      classes: description.classes,
      metadata,
    },
    optionChanges: store.changes.list(run).filter(({ lane, step }) => lane === info.lane && step <= info.step),
    parent: store.runs.get(run).parent,
    delta: onlyDelta,
    batchNormStatistics:
      request.statisticsFrom === null
        ? 'source'
        : ofWindow
          ? { gatheredOverFrames: options.batchSize }
          : { estimatedFromBatches: forStatistics.length },
    domains: domainNumbers(store, run, info.lane),
    files: [...files].map(([name, bytes]) => ({
      name: basename(name),
      sizeBytes: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
    versions: { ...plan?.versions, exportedBy: version },
  }
  if (format === 'tfjs') await makeFolder(path)
  await writeFiles(files)
  const verified = await verify({
    device,
    path: mainPath,
    format,
    description,
    values,
    written,
    onlyDelta,
    batch: lastImages(images, verifyImages),
    side,
    metadata,
    options,
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
    verified,
  }
}

function formatOf(path: string): ExportFormat {
  const ending = extname(path).toLowerCase()
  const found = (Object.keys(formatEndings) as ExportFormat[]).find((format) => formatEndings[format].includes(ending))
  if (found) return found
  if (ending === '') return 'tfjs'
  throw new PalmError(
    'bad-request',
    `${path} must end in .safetensors, .pth, .pt or .onnx; a path without an ending becomes a folder with a TensorFlow.js model.`,
  )
}

interface Contents {
  readonly description: ModelDescription
  readonly values: ReadonlyMap<string, FileTensor>
  readonly written: ReadonlyMap<string, FileTensor>
  readonly metadata: Readonly<Record<string, string>>
  readonly side: number
  readonly version: string
}

function filesOf(
  format: ExportFormat,
  path: string,
  { description, values, written, metadata, side, version }: Contents,
): Map<string, Uint8Array> {
  if (format === 'safetensors') return new Map([[path, writeSafetensors(written, metadata)]])
  if (format === 'torch') return new Map([[path, writeTorch(written)]])
  const network = {
    architecture: description,
    values: new Map([...values].filter(([name]) => description.tensors.some((info) => info.name === name))),
    width: side,
    height: side,
    metadata,
    version,
  }
  try {
    if (format === 'onnx') return new Map([[path, networkToOnnx(network)]])
    return new Map([...networkToTfjs(network)].map(([name, bytes]) => [join(path, name), bytes]))
  } catch (cause) {
    throw new PalmError(
      'model-unsupported',
      `This ${description.name} cannot be written as ${format === 'onnx' ? 'ONNX' : 'a TensorFlow.js model'}: there is no way there for ${cause instanceof Error ? cause.message : String(cause)}. Use .safetensors or .pth.`,
      undefined,
      { cause },
    )
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

/** The batches up to and with `step`, at most `count`; [] where the images are not there any more (a webcam, a removed folder). */
async function imagesOf(
  options: RunOptions,
  description: ModelDescription,
  resourcesFolder: string,
  step: number,
  count: number,
): Promise<StreamBatch[]> {
  const batches: StreamBatch[] = []
  try {
    const stream = await openStream(
      options,
      await streamContext(description, options.model, resourcesFolder, { workers: null, previewCount: 0 }),
    )
    try {
      for await (const batch of stream.batches(Math.max(0, step - count + 1))) {
        if (batch.step > step) break
        batches.push(batch)
        if (batches.length === count) break
      }
    } finally {
      await stream.close()
    }
  } catch (thrown) {
    if (!(thrown instanceof PalmError)) throw thrown
  }
  return batches
}

/** The last `count` images of the batches, or all; null without any. The last batch of a domain may hold a single one. */
function lastImages(
  batches: readonly StreamBatch[],
  count: number,
): (Pick<StreamBatch, 'pixels' | 'height' | 'width'> & { readonly images: number }) | null {
  const first = batches[0]
  if (!first) return null
  const { height, width } = first
  const all = batches.reduce((sum, { ids }) => sum + ids.length, 0)
  const images = Math.min(count, all)
  const pixels = new Uint8Array(images * height * width * 3)
  let at = pixels.length
  for (const batch of batches.toReversed()) {
    const part = batch.pixels.subarray(Math.max(0, batch.pixels.length - at))
    at -= part.length
    pixels.set(part, at)
    if (at === 0) break
  }
  return { pixels, height, width, images }
}

/** Puts what a webcam's window gave in place of the running statistics: its frames are gone. @returns the tensors' names */
function putStatistics(values: Map<string, FileTensor>, gathered: ReadonlyMap<string, FileTensor>): string[] {
  const known = [...gathered].filter(([name, { data }]) => values.get(name)?.data.length === data.length)
  for (const [name, value] of known) values.set(name, value)
  return known.map(([name]) => name)
}

/** Puts the mean of the batches' own statistics in place of the running ones. @returns the tensors' names */
function estimateStatistics(
  device: Device,
  description: ModelDescription,
  values: Map<string, FileTensor>,
  batches: readonly StreamBatch[],
): string[] {
  if (batches.length === 0)
    throw new PalmError(
      'input-unreadable',
      'The run’s images are not there any more, so that no statistics can be estimated from them. Export with the source model’s statistics.',
    )
  const model = modelFrom(device, description, plain(values), '')
  const sums = new Map<string, Float64Array>()
  for (const batch of batches) {
    const x = pixelsOf(device, batch, batch.ids.length)
    const { logits } = forward(device, model.graph, model.parameters, x, {
      statistics: 'batch',
      tape: false,
      onStatistics: (node, mean, variance) => {
        for (const [role, tensor] of [
          ['mean', mean],
          ['variance', variance],
        ] as const) {
          const name = node.params[role] as string
          const read = device.read(tensor)
          const sum = sums.get(name) ?? new Float64Array(read.length)
          for (const [i, value] of read.entries()) sum[i] = (sum[i] as number) + value / batches.length
          sums.set(name, sum)
        }
      },
    })
    logits.dispose()
    x.dispose()
  }
  model.dispose()
  for (const [name, sum] of sums) values.set(name, { shape: [sum.length], data: Float32Array.from(sum) })
  return [...sums.keys()]
}

const plain = (values: ReadonlyMap<string, FileTensor>) => new Map([...values].map(([name, { data }]) => [name, data]))

function pixelsOf(device: Device, batch: Pick<StreamBatch, 'pixels' | 'height' | 'width'>, images: number) {
  const bytes = device.fromBytes(batch.pixels.subarray(0, images * batch.width * batch.height * 3), [
    images,
    batch.height,
    batch.width,
    3,
  ])
  const pixels = device.scale(bytes, 1 / 255)
  bytes.dispose()
  return pixels
}

interface Verification {
  readonly device: Device
  readonly path: string
  readonly format: ExportFormat
  readonly description: ModelDescription
  readonly values: ReadonlyMap<string, FileTensor>
  readonly written: ReadonlyMap<string, FileTensor>
  readonly onlyDelta: boolean
  readonly batch: ReturnType<typeof lastImages>
  readonly side: number
  readonly metadata: Readonly<Record<string, string>>
  readonly options: RunOptions
}

/** @throws PalmError `internal` when what was written is not what was meant */
async function verify({
  device,
  path,
  format,
  description,
  values,
  written,
  onlyDelta,
  batch,
  side,
  metadata,
}: Verification): Promise<ExportResult['verified']> {
  const wrong = (what: string) =>
    new PalmError('internal', `${path} was written, but reading it again gives another model (${what}). Do not use it.`)
  const read = await readContents(path)
  const contents = { ...read, metadata: { ...metadata, ...read.metadata } }
  if (contents.kind === 'state-dict') {
    for (const [name, { shape, data }] of written) {
      const found = contents.tensors.get(name)
      if (
        !found ||
        found.shape.join() !== shape.join() ||
        Buffer.compare(
          Buffer.from(found.data.buffer, found.data.byteOffset, found.data.byteLength),
          Buffer.from(data.buffer, data.byteOffset, data.byteLength),
        ) !== 0
      )
        throw wrong(`the tensor “${name}”`)
    }
    // The tensors are there to the bit; what cannot be opened as a model by itself has nothing more to show.
    if (onlyDelta || !recognisable(contents.tensors)) return { images: 0, difference: 0 }
  }
  const live = modelFrom(device, description, plain(values), '')
  const again = loadModel(device, contents, { fileName: path })
  try {
    const images = batch?.images ?? verifyImages
    const x = batch ? pixelsOf(device, batch, images) : noise(device, images, side)
    const [expected, found] = [live, again].map((model: Model) => {
      const { logits } = forward(device, model.graph, model.parameters, x, { statistics: 'source', tape: false })
      const row = device.read(logits)
      logits.dispose()
      return row
    }) as [Float32Array, Float32Array]
    x.dispose()
    const scale = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length) || 1
    const difference =
      expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (found[i] ?? Number.NaN))), 0) / scale
    if (!(difference <= largestDifference)) throw wrong(`its ${format} outputs differ by ${difference.toPrecision(2)}`)
    return { images, difference }
  } finally {
    live.dispose()
    again.dispose()
  }
}

function recognisable(tensors: ReadonlyMap<string, FileTensor>): boolean {
  try {
    recognizeArchitecture(new Map([...tensors].map(([name, { shape }]) => [name, shape])), '')
    return true
  } catch {
    return false
  }
}

function noise(device: Device, images: number, side: number) {
  const normal = device.randomNormal([images, side, side, 3], [1, 2])
  const scaled = device.scale(normal, 0.2)
  const shifted = device.addScalar(scaled, 0.5)
  const x = device.clip(shifted, 0, 1)
  for (const tensor of [normal, scaled, shifted]) tensor.dispose()
  return x
}

/** Error in percent per domain: of the lane, and of the unadapted model where the run has one. */
function domainNumbers(store: Store, run: number, lane: string) {
  const plan = store.runs.plan(run)
  const source = plan?.lanes.find(({ method }) => method === 'source')?.id ?? null
  const metrics = store.steps.domains(run)
  const errorOf = (domain: number, id: string | null) => {
    const metric = metrics.find((row) => row.domain === domain && row.lane === id)
    return metric && metric.labelled > 0 ? (100 * (metric.labelled - metric.correct)) / metric.labelled : null
  }
  return (plan?.domains ?? []).map(({ index, name }) => ({
    name,
    sourceErrorPct: errorOf(index, source),
    errorPct: errorOf(index, lane),
  }))
}
