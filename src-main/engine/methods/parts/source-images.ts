// Clean images of the kind that the model was trained on, which some methods need before the stream begins: EATA's Fisher information, RMT's and
// SANTA's prototypes, warm-ups.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

export interface SourceImages {
  readonly pixels: Uint8Array // [count, height, width, 3]
  /** Model classes; -1 without a label. */
  readonly labels: Int32Array
  readonly height: number
  readonly width: number
}

interface SourceBatch {
  readonly pixels: DeviceTensor // [0, 1], the caller's
  readonly labels: Int32Array
}

/** Images first .. first + n - 1, counted around the end. */
export function sourceBatch(device: Device, source: SourceImages, first: number, n: number): SourceBatch {
  const { height, width } = source
  const size = height * width * 3
  const count = source.labels.length
  const bytes = new Uint8Array(n * size)
  const labels = new Int32Array(n)
  for (let i = 0; i < n; i++) {
    const at = (first + i) % count
    bytes.set(source.pixels.subarray(at * size, (at + 1) * size), i * size)
    labels[i] = source.labels[at] as number
  }
  const raw = device.fromBytes(bytes, [n, height, width, 3])
  const pixels = device.scale(raw, 1 / 255)
  raw.dispose()
  return { pixels, labels }
}

/** The first `limit` images in batches; the last one may be shorter. */
export function* sourceBatches(
  device: Device,
  source: SourceImages,
  batch: number,
  limit = Number.POSITIVE_INFINITY,
): Generator<SourceBatch, void, void> {
  const count = Math.min(source.labels.length, limit)
  for (let at = 0; at < count; at += batch) yield sourceBatch(device, source, at, Math.min(batch, count - at))
}
