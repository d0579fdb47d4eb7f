// Batch-norm statistics in place of the source's: those of a webcam's window, or estimated over batches of the run.
import { PalmError } from '#contract/errors.ts'
import type { Device } from '#engine/compute/device.ts'
import { forward } from '#engine/compute/graph.ts'
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'
import { modelFrom, type ModelDescription } from '#engine/models/load.ts'
import type { StreamBatch } from '#stream/stream.ts'
import { pixelsOf } from './export-images.ts'
import {
  losesBySourceStatistics,
  usualBatches,
  type ExportRequest,
  type ExportStatistics,
} from '#contract/models/export.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { CheckpointInfo } from '#contract/tables/report.ts'

/** From how many batches statistics are wanted; null = the source's. */
export function wantedBatches(
  { usualStatistics, statisticsFrom }: Pick<ExportRequest, 'usualStatistics' | 'statisticsFrom'>,
  options: Pick<RunOptions, 'lanes'>,
  lane: string,
): number | null {
  if (!usualStatistics) return statisticsFrom
  return losesBySourceStatistics(options, lane) ? usualBatches : null
}

interface StatisticsParts {
  readonly device: Device
  readonly description: ModelDescription
  readonly values: Map<string, FileTensor>
  readonly request: Pick<ExportRequest, 'usualStatistics' | 'statisticsFrom'>
  readonly options: RunOptions
  readonly info: Pick<CheckpointInfo, 'lane' | 'domain'>
  /** Statistics that a webcam's window gave, by tensor. */
  readonly gathered: ReadonlyMap<string, FileTensor>
  /** The batches before the checkpoint. */
  readonly images: readonly StreamBatch[]
}

/** Puts those that are wanted into `values`. @returns the tensors' names, and what they are */
export async function exportStatistics({
  device,
  description,
  values,
  request,
  options,
  info,
  gathered,
  images,
}: StatisticsParts): Promise<{ readonly names: readonly string[]; readonly statistics: ExportStatistics }> {
  const wanted = wantedBatches(request, options, info.lane)
  if (wanted === null)
    return { names: [], statistics: { from: 'source', why: request.usualStatistics ? 'running' : 'asked' } }
  if (gathered.size > 0)
    return { names: putStatistics(values, gathered), statistics: { from: 'frames', count: options.batchSize } }
  const last = images.slice(-wanted)
  // Another domain's would not suit the images that the checkpoint was adapted to.
  const batches = request.usualStatistics ? last.filter(({ domain }) => domain === info.domain) : last
  if (request.usualStatistics && batches.length === 0)
    return { names: [], statistics: { from: 'source', why: 'images-gone' } }
  const names = await estimateStatistics(device, description, values, batches)
  if (names.length === 0) return { names, statistics: { from: 'source', why: 'no-batch-norm' } }
  return { names, statistics: { from: 'batches', count: batches.length } }
}

/** Puts what a webcam's window gave in place of the running statistics: its frames are gone. @returns the tensors' names */
export function putStatistics(values: Map<string, FileTensor>, gathered: ReadonlyMap<string, FileTensor>): string[] {
  const known = [...gathered].filter(([name, { data }]) => values.get(name)?.data.length === data.length)
  for (const [name, value] of known) values.set(name, value)
  return known.map(([name]) => name)
}

/** Puts the mean of the batches' own statistics in place of the running ones. @returns the tensors' names */
export async function estimateStatistics(
  device: Device,
  description: ModelDescription,
  values: Map<string, FileTensor>,
  batches: readonly StreamBatch[],
): Promise<string[]> {
  if (batches.length === 0)
    throw new PalmError(
      'input-unreadable',
      'The run’s images are not there any more, so that no statistics can be estimated from them. Export with the source model’s statistics.',
    )
  const model = modelFrom(device, description, plain(values), '')
  const sums = new Map<string, Float64Array>()
  for (const batch of batches) {
    const x = pixelsOf(device, batch, batch.ids.length)
    const seen: { readonly name: string; readonly reading: Promise<Float32Array> }[] = []
    const { logits } = forward(device, model.graph, model.parameters, x, {
      statistics: 'batch',
      tape: false,
      onStatistics: (node, mean, variance) => {
        seen.push({ name: node.params.mean as string, reading: device.read(mean) })
        seen.push({ name: node.params.variance as string, reading: device.read(variance) })
      },
    })
    logits.dispose()
    x.dispose()
    for (const { name, reading } of seen) {
      const read = await reading
      const sum = sums.get(name) ?? new Float64Array(read.length)
      for (const [i, value] of read.entries()) sum[i] = (sum[i] as number) + value / batches.length
      sums.set(name, sum)
    }
  }
  model.dispose()
  for (const [name, sum] of sums) values.set(name, { shape: [sum.length], data: Float32Array.from(sum) })
  return [...sums.keys()]
}

/** Without shapes, as a model is made from them. */
export const plain = (values: ReadonlyMap<string, FileTensor>) =>
  new Map([...values].map(([name, { data }]) => [name, data]))
