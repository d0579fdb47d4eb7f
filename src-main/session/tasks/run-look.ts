// A look at images and model before a run, in a process of its own, because it loads TensorFlow: what a run would say of them, with a picture for each answer.
import type { LookRequest, ShownLook } from '#contract/runs/first-look.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { ToSession } from '#contract/session-protocol.ts'
import type { Device } from '#engine/compute/device.ts'
import { taskDevice } from '#session/core/session-device.ts'
import type { SessionLink } from '#session/core/session-link.ts'
import { lookedAt } from '#session/measures/first-look.ts'
import { keptLook } from '#session/measures/kept-look.ts'
import { openModel, originOf, readModelFile } from '#session/open-model.ts'
import { streamContext } from '#session/stream-context.ts'
import { firstImages } from '#stream/first-images.ts'
import { pictureOf } from '#stream/images/picture.ts'
import { rgbImage } from '#stream/images/rgb-image.ts'
import { openFor } from '#stream/opened-input.ts'

/** `openDevice` is asked once the model's file is read. @throws PalmError for images and models that cannot be read, or do not fit each other */
export async function lookAt(
  { input, model: options, asked }: LookRequest,
  resourcesFolder: string,
  openDevice: () => Promise<Device>,
): Promise<ShownLook> {
  const file = await readModelFile(options, resourcesFolder)
  const device = await openDevice()
  const model = openModel(device, file, options)
  try {
    const context = await streamContext(model, options, resourcesFolder, { workers: 1, previewCount: 0 })
    const opened = await openFor(input, context, asked)
    const images = await firstImages(opened, context, lookedAt)
    const { look, shown } = await keptLook(device, model, {
      input: opened.listing.name,
      found: opened.found,
      images,
      normalization: originOf(file, options, model),
    })
    const size = images.width * images.height * 3
    const pictures = shown.map((i) => {
      const { width, height, data } = pictureOf(
        rgbImage(images.width, images.height, images.pixels.slice(i * size, (i + 1) * size)),
      )
      return { width, height, pixels: Buffer.from(data).toString('base64') }
    })
    return { look, pictures }
  } finally {
    model.dispose()
  }
}

/** Answers with `looked`, or with the reason in `ended`. */
export async function runLook(
  { request, dataFolder, resourcesFolder }: Extract<ToSession, { type: 'look' }>,
  link: SessionLink,
  version: string,
): Promise<void> {
  let error: WireError | null = null
  try {
    link.send({ type: 'looked', result: await lookAt(request, resourcesFolder, () => taskDevice(dataFolder, version)) })
  } catch (thrown) {
    error = toWireError(thrown)
  }
  link.send({ type: 'ended', status: error ? 'failed' : 'done', error })
}
