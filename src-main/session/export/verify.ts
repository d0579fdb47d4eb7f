// An export read again with our own reader and held against the live model, before it is called done.
import { PalmError } from '#contract/errors.ts'
import type { ExportFormat, ExportResult } from '#contract/models/export.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward } from '#engine/compute/graph.ts'
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'
import { loadModel, modelFrom, type ModelDescription } from '#engine/models/load.ts'
import type { Model } from '#engine/models/model.ts'
import { recognizeArchitecture } from '#engine/models/registry.ts'
import { readContents } from '#session/open-model.ts'
import { pixelsOf, type Pictures } from './export-images.ts'
import { plain } from './export-statistics.ts'

/** Two float32 programs of the same network round differently; a wrong detail is off by per cents. */
const largestDifference = 1e-3
export const verifyImages = 8

export interface Verification {
  readonly device: Device
  readonly path: string
  readonly format: ExportFormat
  readonly description: ModelDescription
  readonly values: ReadonlyMap<string, FileTensor>
  readonly written: ReadonlyMap<string, FileTensor>
  readonly onlyDelta: boolean
  readonly batch: Pictures | null
  readonly side: number
  readonly metadata: Readonly<Record<string, string>>
}

/** @throws PalmError `internal` when what was written is not what was meant */
export async function verify({
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
    const logitsOf = async ({ graph, parameters }: Model) => {
      const { logits } = forward(device, graph, parameters, x, { statistics: 'source', tape: false })
      const row = await device.read(logits)
      logits.dispose()
      return row
    }
    const expected = await logitsOf(live)
    const found = await logitsOf(again)
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

function noise(device: Device, images: number, side: number): DeviceTensor {
  const normal = device.randomNormal([images, side, side, 3], [1, 2])
  const scaled = device.scale(normal, 0.2)
  const shifted = device.addScalar(scaled, 0.5)
  const x = device.clip(shifted, 0, 1)
  for (const tensor of [normal, scaled, shifted]) tensor.dispose()
  return x
}
