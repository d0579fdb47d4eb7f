// Pictures of a run's images, made again from its input by the same seed: the plan is laid anew from the recorded options, and only the wanted images are decoded
// and corrupted. Runs in a thread of its own (entry/picture-worker.ts) and keeps the last run's input open.
import { join } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import type { ImagePlace, Picture } from '#contract/runs/images.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { describeModel } from '#engine/models/load.ts'
import { resizeAndCrop } from '#stream/images/resize.ts'
import type { RgbImage } from '#stream/images/rgb-image.ts'
import { imageNetClasses } from '#stream/inputs/labels.ts'
import { openStream } from '#stream/open-stream.ts'
import type { Stream } from '#stream/stream.ts'
import { inputSizeOf, loadOptions, readModelFile } from '#session/open-model.ts'

const base64 = ({ data }: RgbImage) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
const fitted = (image: RgbImage, maxSide: number | null) =>
  maxSide !== null && Math.max(image.width, image.height) > maxSide ? resizeAndCrop(image, maxSide) : image

export class PictureMaker {
  private readonly resourcesFolder: string
  private open: { readonly key: string; readonly stream: Promise<Stream> } | null = null

  constructor(resourcesFolder: string) {
    this.resourcesFolder = resourcesFolder
  }

  /** `inputHash`: of the input when the run began. @throws PalmError `input-unreadable`, `input-empty`, `input-labels`, `model-unreadable` */
  async make(
    options: RunOptions,
    inputHash: string,
    images: readonly ImagePlace[],
    maxSide: number | null,
  ): Promise<Picture[]> {
    const stream = await this.streamOf(options)
    if (stream.plan.inputHash !== inputHash) {
      throw new PalmError(
        'input-labels',
        `The images or classes of ${stream.plan.inputName} have changed since this run: its pictures cannot be made again. Their names and predictions are kept.`,
      )
    }
    return (await stream.remake(images)).map((made) => {
      if ('problem' in made) return made
      const [clean, corrupted] = [fitted(made.clean, maxSide), fitted(made.corrupted, maxSide)]
      return { width: corrupted.width, height: corrupted.height, clean: base64(clean), corrupted: base64(corrupted) }
    })
  }

  private async streamOf(options: RunOptions): Promise<Stream> {
    const key = JSON.stringify(options)
    if (this.open?.key !== key) {
      const before = this.open
      const opening = { key, stream: this.openStream(options) }
      this.open = opening
      opening.stream.catch(() => {
        if (this.open === opening) this.open = null // it is tried again when it is asked for again
      })
      void before?.stream.then(
        (stream) => stream.close(),
        () => undefined,
      )
    }
    return this.open.stream
  }

  private async openStream(options: RunOptions): Promise<Stream> {
    const file = await readModelFile(options.model, this.resourcesFolder)
    const { inputSize, classes, classNames, resize } = describeModel(
      file.contents,
      loadOptions(file.path, options.model),
    )
    return openStream(options, {
      sampleFolder: join(this.resourcesFolder, 'sample', 'images'),
      inputSize: inputSizeOf({ inputSize }, options.model),
      modelClasses: classes,
      classNames,
      imageNet: await imageNetClasses(this.resourcesFolder),
      resize,
      workers: 1,
      previewCount: 0,
    })
  }
}
