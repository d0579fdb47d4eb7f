// Images of the current batch for whoever looks: now and then, because asking each lane once more costs a pass.
import type { Device } from '#engine/compute/device.ts'
import type { Model } from '#engine/models/model.ts'
import type { SessionCore } from '#session/core/session-core.ts'
import type { Lane, SteppedLanes } from '#session/lanes.ts'
import { answersNow, pauseAfter } from '#session/measures/after-update.ts'
import { previewImages, previewIntervalMs } from '#session/tasks/preview.ts'
import type { StreamBatch } from '#stream/stream.ts'

export class BatchPreview {
  private readonly core: SessionCore
  private readonly device: Device
  private readonly model: Model
  private readonly lanes: readonly Lane[]
  private nextAt = 0

  constructor(core: SessionCore, device: Device, model: Model, lanes: readonly Lane[]) {
    this.core = core
    this.device = device
    this.model = model
    this.lanes = lanes
  }

  /** `pixels`: all that the lanes saw, the batch's own images last; `parts`: in which they saw them. */
  async offer(batch: StreamBatch, results: SteppedLanes['results'], pixels: Uint8Array, parts: number): Promise<void> {
    if (!this.core.start.preview || performance.now() < this.nextAt) return
    const begun = performance.now()
    const { width, height } = batch
    const seen = { pixels, images: pixels.length / (3 * width * height), width, height }
    // What does not fit into the memory whole is not asked again whole.
    const after =
      parts > 1
        ? new Map<string, never>()
        : await answersNow(this.device, this.model, this.lanes, seen, batch.ids.length)
    this.core.recorder.preview(batch.step, previewImages(batch, results, after))
    this.nextAt = begun + pauseAfter(performance.now() - begun, previewIntervalMs)
  }
}
