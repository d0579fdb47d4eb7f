// The source images of a run, for the methods that need them: read through the stream's own way of decoding, scaled to the stream's size, uncorrupted.
import { PalmError } from '#contract/errors.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { SourceImages } from '#engine/methods/parts/source-images.ts'
import { openStream } from '#stream/open-stream.ts'
import type { StreamContext, StreamPlan } from '#stream/stream.ts'

/** Null when the run has none. @throws PalmError `input-unreadable`, `input-empty`, `input-labels`, `input-size` */
export async function readSource(
  options: RunOptions,
  plan: StreamPlan,
  context: StreamContext,
  sampleSource: string,
): Promise<{ images: SourceImages; hash: string } | null> {
  if (!options.source) return null
  const own: RunOptions = {
    ...options,
    input: options.source,
    schedule: 'continual',
    corruptions: [],
    cycles: 1,
    limit: options.sourceLimit,
    batchSize: 64,
  }
  const stream = await openStream(own, { ...context, sampleFolder: sampleSource, previewCount: 0 })
  const { width, height } = plan
  const size = width * height * 3
  try {
    if (stream.plan.width !== width || stream.plan.height !== height) {
      throw new PalmError(
        'input-size',
        `The source images are ${stream.plan.width} x ${stream.plan.height}, the stream's ${width} x ${height}. Give a size to which all are scaled and cut (--size).`,
      )
    }
    const pixels = new Uint8Array(stream.plan.totalImages * size)
    const labels: number[] = []
    for await (const batch of stream.batches(0)) {
      pixels.set(batch.pixels, labels.length * size)
      labels.push(...batch.labels)
    }
    if (labels.length === 0)
      throw new PalmError('input-empty', `None of the source images of ${stream.plan.inputName} can be read.`)
    return {
      images: { pixels: pixels.subarray(0, labels.length * size), labels: Int32Array.from(labels), height, width },
      hash: stream.plan.inputHash,
    }
  } finally {
    await stream.close()
  }
}
