// What a frame is answered: the picture as the models saw it, what each of them says, and how often each was right.
import { PalmError } from '#contract/errors.ts'
import type { CorruptionName, Severity } from '#contract/inputs/corruption.ts'
import type { ClassPrediction, WebcamAnswer, WebcamFrame, WebcamSettings } from '#contract/webcam.ts'
import { logSoftmax } from '#engine/compute/losses.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import { seedFrom } from '#stream/batcher.ts'
import { corrupt } from '#stream/corruptions/registry.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { rgbImage, type RgbImage } from '#stream/images/rgb-image.ts'
import type { FrameTally } from './frame-tally.ts'
import type { WebcamParts } from './open-webcam.ts'

const shownClasses = 5

export class FrameAnswers {
  private readonly parts: WebcamParts
  private readonly tally: FrameTally
  private readonly seed: number
  private readonly truth = { labelled: 0, unadapted: 0, adapted: 0 }
  /** Frames that were answered. */
  count = 0

  /** `seed` of the run: its noise is drawn from it. */
  constructor(parts: WebcamParts, tally: FrameTally, seed: number) {
    this.parts = parts
    this.tally = tally
    this.seed = seed
  }

  /** Shows the frame to both lanes, notes what they said, and offers it to the window that the lane adapts on. @throws PalmError `input-size`, `bad-request` */
  async answer(
    frame: WebcamFrame,
    settings: WebcamSettings,
    steps: number,
    adaptMs: number | null,
  ): Promise<WebcamAnswer> {
    const { device, model, side, lane, prediction, window } = this.parts
    const image = imageOf(frame, side)
    if (frame.truth !== null && frame.truth >= model.classes)
      throw new PalmError(
        'bad-request',
        `The model has ${model.classes} classes, and none with the number ${frame.truth}.`,
      )
    const begun = performance.now()
    const { corruption, severity, heldNoise } = settings
    const seen = corruption === null ? image : this.corrupted(image, corruption, severity, heldNoise)
    const corruptMs = performance.now() - begun
    const bytes = device.fromBytes(seen.data, [1, side, side, 3])
    const pixels = device.scale(bytes, 1 / 255)
    const unadapted = (await predict(device, model, model.parameters, pixels, { statistics: 'source' })).values
    const adapted = await prediction.of(pixels, lane.method.currentWeights?.() ?? model.parameters)
    pixels.dispose()
    bytes.dispose()
    const predictMs = performance.now() - begun - corruptMs
    const shown = { unadapted: predictionsOf(unadapted, model.classes), adapted: predictionsOf(adapted, model.classes) }
    this.noteTruth(frame.truth, shown)
    this.tally.add(frame.truth, unadapted, adapted, predictMs)
    window.offer(seen, performance.now())
    const { sketch } = frame
    return {
      frame: this.count++,
      corrupted: seen === image ? null : seen.data,
      sketch: sketch ? this.corrupted(image, sketch.corruption, sketch.severity, true).data : null,
      ...shown,
      truth: { ...this.truth },
      window: { frames: window.frames, size: window.size },
      steps,
      corruptMs,
      predictMs,
      adaptMs,
    }
  }

  private noteTruth(truth: number | null, { unadapted, adapted }: Pick<WebcamAnswer, 'unadapted' | 'adapted'>): void {
    if (truth === null) return
    this.truth.labelled += 1
    if (unadapted[0]?.index === truth) this.truth.unadapted += 1
    if (adapted[0]?.index === truth) this.truth.adapted += 1
  }

  private corrupted(image: RgbImage, corruption: CorruptionName, severity: Severity, heldNoise: boolean): RgbImage {
    const seed = seedFrom(this.seed, 'webcam', corruption, severity, heldNoise ? 0 : this.count)
    return corrupt(image, corruption, severity, this.parts.plan.family, new NumpyRandom(seed))
  }
}

/** @throws PalmError `input-size` for a picture of another size than the model's */
function imageOf({ width, height, pixels }: WebcamFrame, side: number): RgbImage {
  if (width !== side || height !== side)
    throw new PalmError('input-size', `The frame is ${width} x ${height}, and the model takes ${side} x ${side}.`)
  return rgbImage(width, height, pixels)
}

/** The most likely classes, most likely first. */
export function predictionsOf(logits: Float32Array, classes: number): ClassPrediction[] {
  const log = logSoftmax(logits, classes)
  return Array.from(log, (value, index) => ({ index, probability: Math.min(1, Math.exp(value)) }))
    .map(({ index, probability }) => ({ index, probability: Number.isFinite(probability) ? probability : 0 }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, shownClasses)
}
